"""Readers of single values other than dates: guid, decimal, integer, boolean, and text from a JSON number.

Each raises ValueError for a text that is no such value and OverflowError for one out of range. Three spellings differ:
`..._literal` is a bare JSON number, `..._text` a JSON string, `..._field` a form field.
"""

import re
from decimal import Decimal
from math import isfinite, isinf
from uuid import UUID

WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

_HEX = "[0-9a-fA-F]"
_DASHED = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_GUID = re.compile(rf"{_DASHED}|{_HEX}{{32}}|\{{{_DASHED}\}}|\({_DASHED}\)")
_GUID_BYTES = ",".join([f"0x({_HEX}{{1,2}})"] * 8)
_GUID_PARTS = re.compile(rf"\{{0x({_HEX}{{1,8}}),0x({_HEX}{{1,4}}),0x({_HEX}{{1,4}}),\{{{_GUID_BYTES}\}}\}}", re.IGNORECASE)
_GUID_PUNCTUATION = str.maketrans("", "", "{}()-")
_LONGEST_GUID = 100

_DECIMAL = re.compile(
    r"[ \t-\r]*+(?P<sign>[+-])?+(?P<whole>[0-9][0-9,]*+)?+(?:\.(?P<fraction>[0-9]*+))?+"
    r"(?P<exponent>[eE][+-]?+[0-9]++)?+[ \t-\r]*+(?P<tail>[+-])?+[ \t-\r]*+"
)
_DECIMAL_LIMIT = 2**96
_DECIMAL_SCALE = 28
_DECIMAL_DIGITS = 29
_DIGITS_READ = 50
_EXPONENT_LIMIT = 9999

_INTEGER = re.compile(r"[ \t-\r]*+([+-]?+)([0-9]++)[ \t-\r]*+")
_WHOLE = re.compile(r"-?+[0-9]++")
_FLOAT = re.compile(r"-?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?+[0-9]++)?+")
_LONGEST_NUMBER = 380
_INT32_BITS = 32
_INT32_DIGITS = 10
_INT64_BITS = 64
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def guid(text: str) -> UUID:
    """Read a guid with dashes, as 32 digits, in braces or parentheses, or as a structure of hex numbers."""
    text = text.strip(WHITE)
    if len(text) > _LONGEST_GUID:
        raise ValueError(text)
    if _GUID.fullmatch(text):
        return UUID(hex=text.translate(_GUID_PUNCTUATION))
    parts = _GUID_PARTS.fullmatch("".join(text.split()))
    if parts is None:
        raise ValueError(text)
    first, second, third, *rest = parts.groups()
    return UUID(hex=first.zfill(8) + second.zfill(4) + third.zfill(4) + "".join(part.zfill(2) for part in rest))


def decimal_literal(text: str) -> Decimal:
    """Read a bare JSON number; hexadecimal and octal are whole numbers."""
    return Decimal(_other_base(text, _INT64_BITS)) if _is_other_base(text) else _decimal(text, exponent=True, human=True)


def decimal_text(text: str) -> Decimal:
    """Read a JSON string: commas between digits are ignored, a sign may trail, an exponent is not known."""
    return _decimal(text, exponent=False, human=True)


def decimal_field(text: str) -> Decimal:
    """Read a form field: an exponent is known, commas and a trailing sign are not."""
    return _decimal(text, exponent=True, human=False)


def _decimal(text: str, *, exponent: bool, human: bool) -> Decimal:
    found = _DECIMAL.fullmatch(text)
    if found is None or not (found["whole"] or found["fraction"]):
        raise ValueError(text)
    whole = found["whole"] or ""
    if (found["exponent"] and not exponent) or (found["sign"] and found["tail"]) or (not human and ("," in whole or found["tail"])):
        raise ValueError(text)
    fraction = found["fraction"] or ""
    digits = (whole.replace(",", "") + fraction).lstrip("0")
    scale = len(fraction) - _exponent(found["exponent"])
    mantissa, scale = _fitted(digits[:_DIGITS_READ], scale - max(0, len(digits) - _DIGITS_READ))
    negative = mantissa > 0 and "-" in (found["sign"], found["tail"])
    return Decimal(f"{'-' if negative else ''}{mantissa}E-{scale}")


def _exponent(text: str | None) -> int:
    if text is None:
        return 0
    digits = text[1:].lstrip("+-").lstrip("0")
    size = int(digits or "0") if len(digits) <= 4 else _EXPONENT_LIMIT
    return -size if text[1] == "-" else size


def _fitted(digits: str, scale: int) -> tuple[int, int]:
    """Return digits and scale in 96 bits and at most 28 places, rounded half to even."""
    if not digits:
        return 0, min(max(scale, 0), _DECIMAL_SCALE)
    if len(digits) - scale > _DECIMAL_DIGITS:
        raise OverflowError(digits)
    mantissa = int(digits + "0" * max(0, -scale))
    scale = max(0, scale)
    for kept in range(min(scale, _DECIMAL_SCALE), -1, -1):
        rounded = _half_even(mantissa, scale - kept)
        if rounded < _DECIMAL_LIMIT:
            return rounded, kept
    raise OverflowError(digits)


def _half_even(mantissa: int, places: int) -> int:
    unit: int = 10**places
    quotient, rest = divmod(mantissa, unit)
    return quotient + 1 if 2 * rest > unit or (2 * rest == unit and quotient % 2 == 1) else quotient


def integer_literal(text: str) -> int:
    """Read a bare JSON number as 32 bits; hexadecimal and octal may set the sign bit."""
    if _is_other_base(text):
        return _other_base(text, _INT32_BITS)
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return integer_text(text)


def integer_text(text: str) -> int:
    """Read a JSON string as 32 bits: digits, a leading sign, blanks around."""
    found = _INTEGER.fullmatch(text)
    if found is None:
        raise ValueError(text)
    digits = found[2].lstrip("0") or "0"
    if len(digits) > _INT32_DIGITS or not -(2**31) <= (value := int(found[1] + digits)) < 2**31:
        raise OverflowError(text)
    return value


def integer_field(text: str) -> int:
    """Read a form field as 32 bits: as a JSON string, or hexadecimal after `#`, `0x` or `&h`."""
    text = text.strip(WHITE)
    digits = text[1:] if text.startswith("#") else text[2:] if text[:2].lower() in ("0x", "&h") else None
    return integer_text(text) if digits is None else _based(digits.lower().removeprefix("0x"), 16, _INT32_BITS)


def number_literal(text: str) -> int | float:
    """Read a bare JSON number for a member of another kind."""
    if _is_other_base(text):
        return _other_base(text, _INT64_BITS)
    if len(text) > _LONGEST_NUMBER:
        raise OverflowError(text)
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) is None:
        raise ValueError(text)
    value = float(text)
    if isinf(value):
        raise OverflowError(text)
    return value


def _is_other_base(text: str) -> bool:
    return text[0] == "0" and text[1:2] not in ("", ".", "e", "E")


def _other_base(text: str, bits: int) -> int:
    return _based(text[2:], 16, bits) if text[1] in "xX" else _based(text, 8, bits)


def _based(digits: str, base: int, bits: int) -> int:
    """Read digits of a base as a signed number of that many bits."""
    if not re.fullmatch("[0-7]++" if base == 8 else f"{_HEX}++", digits):
        raise ValueError(digits)
    digits = digits.lstrip("0") or "0"
    if len(digits) > bits or (value := int(digits, base)) >= 1 << bits:
        raise OverflowError(digits)
    return value - (1 << bits) if value >= 1 << (bits - 1) else value


def boolean(text: str) -> bool:
    """Read `true` or `false` in any case with blanks around."""
    word = text.strip(WHITE).lower()
    if word not in ("true", "false"):
        raise ValueError(text)
    return word == "true"


def plain_text(value: object) -> str:
    """Return the text that a string member takes from a JSON number or boolean: 15 significant digits, `True`, `False`."""
    if not isinstance(value, float):
        return str(value)
    if not isfinite(value):
        return _NOT_FINITE[str(value)]
    return "0" if value == 0 else f"{value:.15g}".upper()
