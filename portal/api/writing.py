"""How answers are written: their media type, and JSON with the old server's spelling of dates, amounts and characters."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import orjson

from portal.api.dates import Form, form_of
from portal.api.media_type import CHARSETS, JSON_TYPES, charsets, media_type, media_types
from portal.domain.walltime import zone_of

_SEPARATORS = ((b"\xc2\x85", b"\\u0085"), (b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))
_UTF16_MARK = b"\xff\xfe"
_WITHOUT_FRACTION = len("2026-02-03T21:03:34")
_WITH_FRACTION = len("2026-02-03T21:03:34.482247")
_OFFSET_LENGTH = len("-06:00")


def answer_media_type(accept: str | None, request_content_type: str | None, accept_charset: str | None = None) -> str:
    """Return the Content-Type of an answer; whatever a client accepts, it gets JSON."""
    return f"{_answer_type(accept, request_content_type)}; charset={_answer_charset(accept_charset, request_content_type)}"


def _answer_type(accept: str | None, request_content_type: str | None) -> str:
    ranges = sorted(media_types(accept), key=lambda found: found.rank, reverse=True)
    wanted = [found for found in ranges if found.rank[0] > 0]
    sent = media_type(request_content_type)
    for found in [*wanted, *([sent] if sent else [])]:
        for name in JSON_TYPES:
            if found.covers(name):
                return name
    return JSON_TYPES[0]


def _answer_charset(accept_charset: str | None, request_content_type: str | None) -> str:
    sent = media_type(request_content_type)
    for name in [*charsets(accept_charset), *([sent.charset] if sent else [])]:
        if name in CHARSETS:
            return name
        if name == "*":
            break
    return CHARSETS[0]


def write_json(value: object, zone: str = "UTC", answer_type: str = "") -> bytes:
    """Return a value as JSON in the charset of an answer's media type: in UTF-8, or in UTF-16 with a mark.

    Besides what JSON knows, the value may hold UUID, Decimal and datetime; `zone` is the IANA zone of local dates.
    Raises TypeError for anything else.
    """
    text = orjson.dumps(value, _writer(zone), orjson.OPT_PASSTHROUGH_DATETIME)
    for char, escape in _SEPARATORS:
        text = text.replace(char, escape)
    return _UTF16_MARK + text.decode().encode("utf-16-le") if answer_type.endswith("=utf-16") else text


def _writer(zone: str) -> Callable[[object], object]:
    def write(value: object) -> object:
        if isinstance(value, datetime):
            return date_string(value, zone)
        if isinstance(value, Decimal):
            # A fragment is copied as it stands: orjson has no numbers that keep their scale.
            return orjson.Fragment(decimal_string(value))
        raise TypeError(type(value).__name__)

    return write


def decimal_string(value: Decimal) -> str:
    """Return a finite amount with its scale, at least one fraction digit and no exponent."""
    text = f"{abs(value) if value.is_zero() else value:f}"
    return text if "." in text else f"{text}.0"


def date_string(value: datetime, zone: str) -> str:
    """Return a date in the form in which it was sent: with `Z`, with the offset of an IANA zone, or with neither."""
    form = form_of(value)
    if form is Form.UTC:
        return f"{_iso(value)[:-_OFFSET_LENGTH]}Z"
    return _iso(_in_zone(value, zone) if form is Form.LOCAL else value)


def _iso(value: datetime) -> str:
    """Return ISO with the fraction cut to its significant digits."""
    text = value.isoformat()
    end = _WITH_FRACTION if value.microsecond else _WITHOUT_FRACTION
    # Old local mean times have offsets with seconds; the notation ends at minutes.
    return (text[:end].rstrip("0") if value.microsecond else text[:end]) + text[end : end + _OFFSET_LENGTH]


def _in_zone(value: datetime, zone: str) -> datetime:
    try:
        return value.astimezone(zone_of(zone))
    except OverflowError:
        # Within a day of the first or last instant there may be no such wall time: it keeps the offset that it has.
        return value
