"""Media types as headers name them: reading Content-Type, Accept and Accept-Charset, and refusing what cannot be read."""

import re
from dataclasses import dataclass

JSON_TYPES = ("application/json", "text/json")
FORM_TYPE = "application/x-www-form-urlencoded"
CHARSETS = ("utf-8", "utf-16")

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"  # noqa: S105  a token of HTTP's grammar
_SPACE = " \t\r\n"
_BLANK = rf"[{_SPACE}]*+"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_NAME = re.compile(rf"{_BLANK}({_TOKEN}){_BLANK}/{_BLANK}({_TOKEN})")
_PARAMETER = re.compile(rf"{_BLANK};{_BLANK}({_TOKEN})(?:{_BLANK}={_BLANK}({_TOKEN}|{_QUOTED}))?+", re.DOTALL)
_SEPARATOR = re.compile(rf"{_BLANK}(?:,[{_SPACE},]*+|\Z)")
_CHARSET = re.compile(rf"{_BLANK}({_TOKEN})(?:{_BLANK};{_BLANK}q{_BLANK}={_BLANK}([0-9.]++))?+{_BLANK}", re.IGNORECASE)
_QUALITY = re.compile(r"[01](?:\.[0-9]*+)?+|\.[0-9]++")


class UnsupportedMediaType(Exception):  # noqa: N818  the name of the status
    """The body cannot be read as what it claims to be; `message` is the text for the client."""

    def __init__(self, media_type: str | None) -> None:
        if media_type is None:
            self.message = (
                "The request contains an entity body but no Content-Type header. "
                "The inferred media type 'application/octet-stream' is not supported for this resource."
            )
        else:
            self.message = f"The request entity's media type '{media_type}' is not supported for this resource."
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type or range as it was spelled, and its parameters by lower-case name, quotes kept."""

    name: str
    parameters: dict[str, str]

    def covers(self, media_type: str) -> bool:
        """Tell whether a media type falls into this one; either side of the slash may be a star."""
        return all(mine in ("*", theirs) for mine, theirs in zip(self.name.lower().split("/"), media_type.split("/"), strict=True))

    @property
    def charset(self) -> str:
        """The charset in lower case, empty when none is given."""
        return self.parameters.get("charset", "").lower()

    @property
    def rank(self) -> tuple[float, int]:
        """The place among other ranges of an Accept header: by quality, then by how much it narrows down."""
        return _quality(self.parameters.get("q")), -self.name.split("/").count("*")


def media_type(header: str | None) -> MediaType | None:
    """Read a Content-Type header; None when there is none or it cannot be read."""
    one = _one(header or "", 0)
    return one[0] if one and not (header or "")[one[1] :].strip(_SPACE) else None


def media_types(header: str | None) -> list[MediaType]:
    """Read an Accept header; empty when any part of it cannot be read."""
    text = (header or "").strip(_SPACE + ",")
    found, at = [], 0
    while at < len(text):
        one = _one(text, at)
        separator = one and _SEPARATOR.match(text, one[1])
        if one is None or separator is None:
            return []
        found.append(one[0])
        at = separator.end()
    return found


def _one(text: str, at: int) -> tuple[MediaType, int] | None:
    name = _NAME.match(text, at)
    if name is None:
        return None
    parameters: dict[str, str] = {}
    at = name.end()
    while found := _PARAMETER.match(text, at):
        parameters.setdefault(found[1].lower(), found[2] or "")
        at = found.end()
    return MediaType(f"{name[1]}/{name[2]}", parameters), at


def charsets(header: str | None) -> list[str]:
    """Read an Accept-Charset header: the lower-case names wanted, the most wanted first."""
    choices = [found for part in (header or "").split(",") if (found := _CHARSET.fullmatch(part)) and _quality(found[2]) > 0]
    return [found[1].lower() for found in sorted(choices, key=lambda found: _quality(found[2]), reverse=True)]


def _quality(text: str | None) -> float:
    return min(float(text), 1.0) if text and _QUALITY.fullmatch(text) else 1.0
