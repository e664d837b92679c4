"""Where a reader of JSON stands: the token read last, the containers around it, and the path that names them."""

import re
from collections.abc import Iterable
from enum import Enum, auto

_SPECIAL = re.compile(r"[. \[\]()]")


class Token(Enum):
    """What was read last."""

    NONE = auto()
    OBJECT = auto()
    ARRAY = auto()
    CONSTRUCTOR = auto()
    NAME = auto()
    COMMENT = auto()
    NUMBER = auto()
    STRING = auto()
    BOOLEAN = auto()
    NULL = auto()
    UNDEFINED = auto()
    END_OBJECT = auto()
    END_ARRAY = auto()
    END_CONSTRUCTOR = auto()


class Place:
    """An open object, array or constructor, and the name or the index reached in it."""

    __slots__ = ("index", "kind", "name")

    def __init__(self, kind: Token) -> None:
        self.kind = kind
        self.index = -1
        self.name = ""


def path_of(places: Iterable[Place]) -> str:
    """Return the places from the root on as one path, like `Reasons[1].ReasonId`."""
    return "".join([_step(place) for place in places]).removeprefix(".")


def _step(place: Place) -> str:
    if place.kind is not Token.OBJECT:
        return f"[{place.index}]"
    return f".{place.name}" if place.name.isalnum() or not _SPECIAL.search(place.name) else f".['{place.name}']"
