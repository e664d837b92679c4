"""URL-encoded bodies: fields named in either bracket style, filled into a model's members."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from itertools import count
from urllib.parse import unquote_to_bytes

from portal.api.dates import date_field
from portal.api.model import Kind, Member, Model, fold
from portal.api.model_state import HIDDEN, VALUE_REQUIRED, not_valid, property_required
from portal.api.scalars import WHITE, boolean, decimal_field, guid, integer_field

_READERS: dict[Kind, Callable[[str], object]] = {
    Kind.BOOLEAN: boolean,
    Kind.DATE: date_field,
    Kind.DECIMAL: decimal_field,
    Kind.GUID: guid,
    Kind.INTEGER: integer_field,
    Kind.STRING: str,
}
_ABSENT = object()


def read_form(body: bytes, model: Model, fail: Callable[[str, str], None]) -> dict[str, object] | None:
    """Return the members that a form holds, or None when it cannot be taken apart; `fail` is told path and text of each error."""
    try:
        fields = _Fields(map(_pair, body.split(b"&")))
    except ValueError:
        fail("", HIDDEN)
        return None
    return _Filler(fields, fail).members(model, "")


def _pair(pair: bytes) -> tuple[str, str]:
    name, _, value = pair.partition(b"=")
    return dotted(_decoded(name)), _decoded(value)


def _decoded(part: bytes) -> str:
    return unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8", "replace")


def dotted(name: str) -> str:
    """Return a name with `x[field]` as `x.field` and `x[]` as `x`; indexes stay. Raises ValueError for an open bracket."""
    parts = []
    at = 0
    while (opened := name.find("[", at)) >= 0:
        closed = name.index("]", opened)
        inside = name[opened + 1 : closed]
        parts.append(name[at:opened])
        parts.append(f"[{inside}]" if inside[:1].isdecimal() else inside and f".{inside}")
        at = closed + 1
    parts.append(name[at:])
    return "".join(parts)


class _Fields:
    """The values by folded name."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(fold(name), []).append(value)
        self._names = sorted(self._values)

    def values(self, path: str) -> list[str] | None:
        return self._values.get(fold(path))

    def reach(self, path: str) -> bool:
        """Tell whether a field stands at a path or below it."""
        path = fold(path)
        return path in self._values or any(self._starts(path + mark) for mark in ".[")

    def _starts(self, prefix: str) -> bool:
        at = bisect_left(self._names, prefix)
        return at < len(self._names) and self._names[at].startswith(prefix)


class _Filler:
    """Fills dictionaries and lists from fields; errors of reading come first, then what is missing, then what is empty."""

    def __init__(self, fields: _Fields, fail: Callable[[str, str], None]) -> None:
        self._fields = fields
        self._fail = fail

    def members(self, model: Model, prefix: str) -> dict[str, object]:
        """Return the members below a prefix that ends in a dot or is empty."""
        read = {member.name: self._member(member, prefix + member.name) for member in model.members}
        for member in model.members:
            if member.required and not member.nullable and read[member.name] is _ABSENT:
                self._fail(prefix + member.name, property_required(member.name))
        for member in model.members:
            if not member.nullable and read[member.name] is None:
                self._fail(prefix + member.name, VALUE_REQUIRED)
        return model.defaults() | {name: value for name, value in read.items() if value is not _ABSENT}

    def _member(self, member: Member, path: str) -> object:
        if member.model is None:
            return self._scalar(member, path)
        if not self._fields.reach(path):
            return _ABSENT
        if member.kind is Kind.COLLECTION:
            return self._items(member.model, path)
        return self.members(member.model, f"{path}.")

    def _scalar(self, member: Member, path: str) -> object:
        values = self._fields.values(path)
        if values is None:
            return _ABSENT
        if not values[0].strip(WHITE):
            return None
        try:
            return _READERS[member.kind](values[0])
        except OverflowError:
            self._fail(path, HIDDEN)
        except ValueError:
            self._fail(path, not_valid(values[0], member.name))
        return _ABSENT

    def _items(self, model: Model, path: str) -> list[object]:
        values = self._fields.values(path)
        if values is not None:
            return [model.item(self.members(model, f"{path}.")) for _ in values]
        named = self._fields.values(f"{path}.index")
        if named is not None:
            return [self._item(model, f"{path}[{index}]") for index in named]
        items = []
        for index in count():
            if not self._fields.reach(f"{path}[{index}]"):
                break
            items.append(self._item(model, f"{path}[{index}]"))
        return items

    def _item(self, model: Model, path: str) -> object:
        return model.item(self.members(model, f"{path}.")) if self._fields.reach(path) else model.missing_item
