"""Strings of lenient JSON: either quote, escapes, raw line breaks, halves of characters replaced."""

import re

from portal.api.scalars import WHITE

_CHUNKS = {'"': re.compile(r'[^"\\]*+'), "'": re.compile(r"[^'\\]*+")}
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", '"': '"', "'": "'", "/": "/"}
_HEX = re.compile("[0-9a-fA-F]++")
_CODE_LENGTH = 4
_REPLACEMENT = "\ufffd"


class Unreadable(Exception):  # noqa: N818  the reader's word: it is handled, counted and read past
    """What was read cannot be what stands there; for a string, the argument is where it broke off."""


def read_string(text: str, at: int) -> tuple[str, int]:
    """Return the string whose opening quote is at that place, and the place after it; raises Unreadable."""
    quote, chunk = text[at], _CHUNKS[text[at]]
    parts: list[str] = []
    at += 1
    while found := chunk.match(text, at):
        parts.append(found[0])
        at = found.end()
        if text.startswith(quote, at):
            break
        piece, at = _escaped(text, at)
        parts.append(piece)
    return "".join(parts), at + 1


def _escaped(text: str, at: int) -> tuple[str, int]:
    char = text[at + 1 : at + 2]
    if not char:
        raise Unreadable(len(text))
    if char == "u":
        return _character(text, at + 2)
    if char not in _ESCAPES:
        raise Unreadable(at + 2)
    return _ESCAPES[char], at + 2


def _character(text: str, at: int) -> tuple[str, int]:
    """Read four hex digits, and more escapes as long as a first half of a character waits for its second half."""
    code, at = _code(text, at)
    replaced = ""
    while _is_first_half(code):
        if not text.startswith("\\u", at):
            return replaced + _REPLACEMENT, at
        second, at = _code(text, at + 2)
        if _is_second_half(second):
            return replaced + chr(0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00)), at
        replaced += _REPLACEMENT
        if not _is_first_half(second):
            return replaced + chr(second), at
        code = second
    return _REPLACEMENT if _is_second_half(code) else chr(code), at


def _code(text: str, at: int) -> tuple[int, int]:
    digits = text[at : at + _CODE_LENGTH].strip(WHITE)
    if at + _CODE_LENGTH >= len(text) or not _HEX.fullmatch(digits):
        raise Unreadable(at)
    return int(digits, 16), at + _CODE_LENGTH


def _is_first_half(code: int) -> bool:
    return 0xD800 <= code < 0xDC00


def _is_second_half(code: int) -> bool:
    return 0xDC00 <= code < 0xE000
