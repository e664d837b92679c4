"""JSON bodies: fills a model's members from the lenient reader and notes the path of everything that cannot be read."""

from collections.abc import Callable

from portal.api.dates import date_text
from portal.api.json_place import Token
from portal.api.json_string import Unreadable
from portal.api.lenient_json import Reader
from portal.api.model import Kind, Member, Model
from portal.api.scalars import boolean, decimal_literal, decimal_text, guid, integer_literal, integer_text, number_literal, plain_text

_LITERALS: dict[Kind, Callable[[str], object]] = {Kind.DECIMAL: decimal_literal, Kind.INTEGER: integer_literal}
_TEXTS: dict[Kind, Callable[[str], object]] = {
    Kind.BOOLEAN: boolean,
    Kind.DATE: date_text,
    Kind.DECIMAL: decimal_text,
    Kind.GUID: guid,
    Kind.INTEGER: integer_text,
    Kind.STRING: str,
}
_READ_AT_ONCE = (Kind.DATE, Kind.DECIMAL, Kind.INTEGER, Kind.STRING)
_MARKS = ("$id", "$type")
_LIST_MARK = "$values"


def read_json(text: str, model: Model, fail: Callable[[str], None]) -> dict[str, object] | None:
    """Return the members that a JSON text holds; `fail` is told the path of each error.

    None without a failure means that the text says nothing: it is empty, blank, a comment or null.
    """
    reader = Reader(text)
    try:
        if not reader.read_content():
            return None
        values = _Filler(reader, fail).value(model, {})
    except Unreadable:
        fail(reader.path)
        return None
    return values


class _Filler:
    """Reads objects and collections into dictionaries and lists."""

    def __init__(self, reader: Reader, fail: Callable[[str], None]) -> None:
        self._reader = reader
        self._fail = fail

    def value(self, model: Model, bound: dict[str, object]) -> dict[str, object] | None:
        """Read an object, or what stands for none, at the current token."""
        reader = self._reader
        if reader.token in (Token.NULL, Token.UNDEFINED) or (reader.token is Token.STRING and reader.value == ""):
            return None
        if reader.token is not Token.OBJECT:
            raise Unreadable
        self._checked_read()
        return self._members(model, model.defaults() | bound)

    def _checked_read(self) -> None:
        if not self._reader.read():
            raise Unreadable

    def _members(self, model: Model, bound: dict[str, object]) -> dict[str, object]:
        reader = self._reader
        depth, present = reader.depth, set[str]()
        while reader.token is not Token.END_OBJECT:
            if reader.token is Token.NAME:
                self._member(model, bound, present, depth)
            elif reader.token is not Token.COMMENT:
                raise Unreadable
            if not reader.read():
                self._fail(reader.path)
                break
        missing = [member for member in model.members if member.required and not member.nullable and member.name not in present]
        path = reader.path if missing else ""
        for _ in missing:
            self._fail(path)
        return bound

    def _member(self, model: Model, bound: dict[str, object], present: set[str], depth: int) -> None:
        reader = self._reader
        try:
            member = model.find(str(reader.value))
            if member is None:
                if reader.read():
                    reader.skip()
                return
            bound[member.name] = self._member_value(member, bound[member.name], present)
        except Unreadable:
            self._read_past(depth)

    def _member_value(self, member: Member, before: object, present: set[str]) -> object:
        if not self._reader.read_content(_LITERALS.get(member.kind, number_literal)):
            raise Unreadable
        # A date or number is understood while it is read: one that is not counts as missing besides. Other kinds are converted later.
        if member.kind not in _READ_AT_ONCE:
            present.add(member.name)
        value = self._converted(member, before)
        present.add(member.name)
        if value is None and not member.nullable:
            raise Unreadable
        return value

    def _converted(self, member: Member, before: object) -> object:
        if member.model is None:
            return self._scalar(member.kind)
        if member.kind is Kind.COLLECTION:
            return self._collection(member.model, before if isinstance(before, list) else [])
        return self.value(member.model, before if isinstance(before, dict) else {})

    def _scalar(self, kind: Kind) -> object:
        token, value = self._reader.token, self._reader.value
        if token is Token.NULL or (token is Token.UNDEFINED and kind not in _READ_AT_ONCE):
            return None
        if token is Token.STRING:
            return self._from_text(kind, str(value))
        if token is Token.OBJECT and kind not in _READ_AT_ONCE:
            self._checked_read()
        if kind is Kind.STRING and token in (Token.NUMBER, Token.BOOLEAN):
            return plain_text(value)
        if kind is Kind.BOOLEAN and token in (Token.NUMBER, Token.BOOLEAN):
            return bool(value)
        # NaN and Infinity are numbers to the reader, but no literal of these kinds.
        if token is Token.NUMBER and kind in _LITERALS and not isinstance(value, float):
            return value
        raise Unreadable

    def _from_text(self, kind: Kind, text: str) -> object:
        if not text and kind is not Kind.STRING:
            return None
        try:
            return _TEXTS[kind](text)
        except (ValueError, OverflowError) as error:
            raise Unreadable from error

    def _collection(self, model: Model, items: list[object]) -> list[object] | None:
        reader = self._reader
        if reader.token in (Token.NULL, Token.UNDEFINED) or (reader.token is Token.STRING and reader.value == ""):
            return None
        if reader.token is Token.ARRAY:
            return self._items(model, items)
        if reader.token is not Token.OBJECT:
            raise Unreadable
        return self._wrapped_items(model, items)

    def _wrapped_items(self, model: Model, items: list[object]) -> list[object]:
        """Read `{"$id": "1", "$values": [...]}`, which writers that keep references make of a list."""
        reader = self._reader
        self._checked_read()
        while reader.token is Token.NAME and reader.value in _MARKS:
            self._checked_read()
            self._checked_read()
        if reader.token is not Token.NAME or reader.value != _LIST_MARK:
            raise Unreadable
        self._checked_read()
        items = self._items(model, items)
        self._checked_read()
        return items

    def _items(self, model: Model, items: list[object]) -> list[object]:
        """Read items behind those of an earlier member of the same name, to the end of the array."""
        reader = self._reader
        depth = reader.depth
        failed_at: int | None = None
        while True:
            try:
                if not reader.read_content():
                    self._fail(reader.path)
                    return items
                if reader.token is Token.END_ARRAY:
                    return items
                values = self.value(model, {})
                items.append(model.missing_item if values is None else model.item(values))
            except Unreadable:
                index = reader.index_at(depth)
                self._read_past(depth)
                # The same place twice: nothing was read past, and never will be.
                if index == failed_at:
                    raise
                failed_at = index

    def _read_past(self, depth: int) -> None:
        """Note an error in a container and read on inside it, as far as the old server did."""
        reader = self._reader
        self._fail(reader.path)
        reader.skip()
        while reader.depth > depth + 1 and reader.read():
            pass
