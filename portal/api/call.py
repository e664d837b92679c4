"""What the door knows of each call: where it is, who may ask, what it takes and gives. The help pages say the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Response

from portal.api.model import Model
from portal.api.permissions import Permission


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a call: its view, what it does in a few words, the models of its query and body, and the name of what it answers."""

    view: Callable[[], Response]
    summary: str
    answers: str
    query: Model | None = None
    body: Model | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call by its path below /api/, in the case in which help pages show it, and the older names of the same.

    `unknown_to` are methods for which the recorded servers found nothing at this address, as nothing was there yet.
    """

    path: str
    permission: Permission
    methods: Mapping[str, Method]
    aliases: tuple[str, ...] = ()
    unknown_to: frozenset[str] = frozenset()
