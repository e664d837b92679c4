"""Samples of what a model's values look like on the wire, numbered as the original help page numbers them."""

from collections.abc import Iterable, Iterator
from itertools import count
from urllib.parse import quote
from uuid import NAMESPACE_OID, uuid5

from portal.api.model import Kind, Member, Model

Value = object
_DATE = "2026-02-03T21:03:34.4822474-06:00"
_ITEMS = 2


def json_sample(model: Model) -> dict[str, Value]:
    """Return a value for every member. Texts and plain values are counted, as nullable ones were not."""
    numbers = count(1)
    return {member.name: _value(member, f"{model.name}.{member.name}", numbers) for member in model.members}


def form_sample(model: Model) -> str:
    """Return the same sample as the fields of a form."""
    return "&".join(f"{quote(name, safe='[].')}={quote(_text(value), safe=' ').replace(' ', '+')}" for name, value in form_fields(json_sample(model)))


def form_fields(values: dict[str, Value]) -> Iterator[tuple[str, Value]]:
    """Give the fields of a form that hold these values: items of a list by place and member."""
    for name, value in values.items():
        yield from _fields(name, value)


def _fields(name: str, value: Value) -> Iterable[tuple[str, Value]]:
    if isinstance(value, dict):
        return [field for inner, one in value.items() for field in _fields(f"{name}.{inner}", one)]
    if isinstance(value, list):
        return [field for place, one in enumerate(value) for field in _fields(f"{name}[{place}]", one)]
    return [(name, value)]


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(member: Member, path: str, numbers: Iterator[int]) -> Value:
    if member.kind is Kind.COLLECTION:
        return [_inner(member, path, numbers)] * _ITEMS
    if member.kind is Kind.OBJECT:
        return _inner(member, path, numbers)
    number = 1 if member.nullable and member.kind is not Kind.STRING else next(numbers)
    return _single(member.kind, path, number)


def _inner(member: Member, path: str, numbers: Iterator[int]) -> Value:
    if member.model is None or not member.model.members:
        return f"sample string {next(numbers)}" if member.model and member.model.name == Kind.STRING.value else {}
    return {inner.name: _value(inner, f"{path}.{inner.name}", numbers) for inner in member.model.members}


def _single(kind: Kind, path: str, number: int) -> Value:
    values: dict[Kind, Value] = {
        Kind.GUID: str(uuid5(NAMESPACE_OID, path)),
        Kind.DATE: _DATE,
        Kind.DECIMAL: number + 0.0,
        Kind.INTEGER: number,
        Kind.BOOLEAN: True,
        Kind.CHARACTER: "P",
        Kind.STRING: f"sample string {number}",
    }
    return values[kind]
