"""The binder: turns the body of a request into a model's values, or into what is wrong with it."""

import codecs
from collections.abc import Iterator
from functools import partial

from portal.api.form_body import read_form
from portal.api.json_body import read_json
from portal.api.media_type import FORM_TYPE, JSON_TYPES, MediaType, UnsupportedMediaType, media_type
from portal.api.model import APPOINTMENT, Kind, Member, Model
from portal.api.model_state import HIDDEN, VALUE_REQUIRED, ModelState, field_required, property_required, too_long
from portal.api.scalars import WHITE
from portal.domain.booking import utf16_length

__all__ = ["UnsupportedMediaType", "bind", "bind_model"]

Bound = tuple[dict[str, object] | None, dict[str, list[str]]]

_DECLARED = {"utf-16": "utf-16-le"}
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)


def bind(body: bytes, content_type: str | None) -> Bound:
    """Return the members of the booking call by wire name, or None, and the texts of what is wrong by key.

    Ids are UUID, dates datetime (aware when they had a zone), amounts Decimal, `Reasons` a list of UUID; absent is None.
    Raises UnsupportedMediaType when the body is neither JSON nor a form.
    """
    return bind_model(APPOINTMENT, body, content_type)


def bind_model(model: Model, body: bytes, content_type: str | None, prefix: str = "model") -> Bound:
    """Return the members of any model as `bind` does; keys of texts start with the prefix."""
    state = ModelState(prefix)
    values = _read(model, body, content_type, state)
    if values is not None:
        for path, text in _invalid(model, values):
            state.add(path, text)
    elif not state.texts:
        for path, text in _missing(model):
            state.add(path, text)
    return (None, state.texts) if state.texts else (values, {})


def _read(model: Model, body: bytes, content_type: str | None, state: ModelState) -> dict[str, object] | None:
    """Return what the body holds; None without a text when there is no body, whatever its type."""
    if not body:
        return None
    sent = media_type(content_type)
    if sent is None:
        raise UnsupportedMediaType(None)
    if any(sent.covers(name) for name in JSON_TYPES):
        return _read_json(model, body, sent, state)
    if sent.covers(FORM_TYPE):
        return read_form(body, model, state.add)
    raise UnsupportedMediaType(sent.name)


def _read_json(model: Model, body: bytes, sent: MediaType, state: ModelState) -> dict[str, object] | None:
    try:
        text = _decoded(body, sent.charset)
    except UnicodeDecodeError:
        state.add("", HIDDEN)
        return None
    return read_json(text, model, partial(state.add, text=HIDDEN))


def _decoded(body: bytes, charset: str) -> str:
    """Return the body as text: what is declared is held to strictly, a mark that says otherwise leniently."""
    mark, encoding, errors = b"", _DECLARED.get(charset, "utf-8"), "strict"
    if encoding == "utf-16-le" and body.startswith(codecs.BOM_UTF16_LE):
        mark = codecs.BOM_UTF16_LE
    elif marked := next((found for found in _MARKS if body.startswith(found[0])), None):
        mark, encoding, errors = *marked, "replace"
    # A character cut off at the very end is no error: the old server never asked for the rest of it.
    return codecs.getincrementaldecoder(encoding)(errors).decode(body[len(mark) :])


def _invalid(model: Model, values: dict[str, object]) -> Iterator[tuple[str, str]]:
    for member in model.members:
        if member.kind is Kind.STRING:
            value = values[member.name]
            yield from ((member.name, text) for text in _text_problems(member, value if isinstance(value, str) else ""))


def _text_problems(member: Member, value: str) -> Iterator[str]:
    if member.required and not value.strip(WHITE):
        yield field_required(member.name)
    if member.max_length is not None and utf16_length(value) > member.max_length:
        yield too_long(member)


def _missing(model: Model) -> Iterator[tuple[str, str]]:
    yield "", VALUE_REQUIRED
    for member in model.members:
        if member.required:
            yield member.name, (field_required if member.nullable else property_required)(member.name)
