"""Reading a TOML table member by member: what is wrong is noted with its line, and reading goes on."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Generic, TypeVar
from zoneinfo import available_timezones

from portal.domain.toml_lines import Path, line_of

_T = TypeVar("_T")
_SHOWN_MAX = 60
_LISTED_MAX = 12
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}", re.ASCII)
_MONEY = re.compile(r"[0-9]{1,6}(\.[0-9]{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class FileProblem:
    """One thing wrong in a file: its line, the key it concerns, and what was expected there."""

    line: int
    where: str
    text: str


class Notes:
    """Every problem of one file, as it is found."""

    def __init__(self, lines: Mapping[Path, int]) -> None:
        self._lines = lines
        self._found: set[FileProblem] = set()

    @property
    def problems(self) -> list[FileProblem]:
        """The problems in the order of the file."""
        return sorted(self._found)

    def add(self, path: Path, where: str, text: str) -> None:
        """Note a problem at a path."""
        self._found.add(FileProblem(line_of(self._lines, path), where, text))


@dataclass(frozen=True, slots=True)
class Kind(Generic[_T]):
    """A kind of value: how to read it (None: not of this kind), how to name it, what to read on with when it is wrong."""

    expected: str
    parse: Callable[[object], _T | None]
    stand_in: _T
    choices: Collection[str] = ()

    def wrong(self, value: object) -> str:
        """Say what was expected in place of a value."""
        return f"expected {self.expected}, got {_shown(value)}{did_you_mean(value, self.choices)}"


class Table:
    """One table of the file. `finish` reports the members that nobody asked for."""

    def __init__(self, notes: Notes, path: Path, members: Mapping[str, object]) -> None:
        self._notes = notes
        self._path = path
        self._members = members
        self._asked: set[str] = set()

    def note(self, name: str, text: str, where: str | None = None) -> None:
        """Note a problem with a member."""
        self._notes.add((*self._path, name), where or name, text)

    def has(self, name: str) -> bool:
        """Tell whether the file gives this member; it then is a known one."""
        self._asked.add(name)
        return name in self._members

    def value(self, name: str) -> object:
        """Return a member as the file has it, or None."""
        return self._members.get(name)

    def get(self, name: str, kind: Kind[_T], default: _T | None = None) -> _T:
        """Return a member; without a default it must be there."""
        if self.has(name):
            return self._parsed((name,), name, kind, self._members[name])
        if default is None:
            self.note(name, f"expected {kind.expected}, got nothing")
            return kind.stand_in
        return default

    def items(self, name: str, kind: Kind[_T], where: str | None = None) -> list[_T]:
        """Return the elements of an array; none when it is absent."""
        elements = enumerate(self._array(name, kind.expected, where))
        return [self._parsed((name, index), where or name, kind, element) for index, element in elements]

    def table(self, name: str) -> "Table":
        """Return a table inside this one; it must be there."""
        members = self._members.get(name, {})
        if not self.has(name):
            self.note(name, "expected a table, got nothing")
        elif not isinstance(members, dict):
            self.note(name, f"expected a table, got {_shown(members)}")
        return Table(self._notes, (*self._path, name), members if isinstance(members, dict) else {})

    def tables(self, name: str) -> list["Table"]:
        """Return the tables of an array; none when it is absent."""
        found = []
        for index, element in enumerate(self._array(name, "tables", None)):
            if isinstance(element, dict):
                found.append(Table(self._notes, (*self._path, name, index), element))
            else:
                self._notes.add((*self._path, name, index), name, f"expected a table, got {_shown(element)}")
        return found

    def finish(self) -> None:
        """Note every member that no reader asked for."""
        for name in self._members.keys() - self._asked:
            self.note(name, f"unknown key, expected {_listed(sorted(self._asked))}{did_you_mean(name, self._asked)}")

    def _parsed(self, place: Path, where: str, kind: Kind[_T], value: object) -> _T:
        found = kind.parse(value)
        if found is None:
            self._notes.add((*self._path, *place), where, kind.wrong(value))
            return kind.stand_in
        return found

    def _array(self, name: str, expected: str, where: str | None) -> list[object]:
        value = self._members.get(name, [])
        if self.has(name) and not isinstance(value, list):
            self.note(name, f"expected a list of {expected}, got {_shown(value)}", where)
        return value if isinstance(value, list) else []


def did_you_mean(value: object, choices: Collection[str]) -> str:
    """Return a hint when a value is nearly one of the choices, else nothing."""
    close = get_close_matches(value, choices, 1) if isinstance(value, str) else []
    return f"; did you mean {close[0]}?" if close else ""


def text(most: int) -> Kind[str]:
    """Return the kind of printable texts of 1 to `most` characters."""

    def parse(value: object) -> str | None:
        return value if isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= most else None

    return Kind(f"a text of 1 to {most} characters", parse, "")


def matching(pattern: re.Pattern[str], expected: str) -> Kind[str]:
    """Return the kind of texts of a certain form."""
    return Kind(expected, lambda value: value if isinstance(value, str) and pattern.fullmatch(value) else None, "")


KEY = matching(_KEY, "a key of small letters, digits and hyphens, 60 at most")


def whole(least: int, most: int, step: int = 1) -> Kind[int]:
    """Return the kind of whole numbers from `least` to `most` in steps."""

    def parse(value: object) -> int | None:
        return value if type(value) is int and least <= value <= most and value % step == 0 else None

    steps = "" if step == 1 else f"in steps of {step} "
    return Kind(f"a whole number {steps}from {least} to {most}", parse, least)


def one_of(choices: Mapping[str, _T], stand_in: _T) -> Kind[_T]:
    """Return the kind of texts that each stand for a value."""

    def parse(value: object) -> _T | None:
        return choices.get(value) if isinstance(value, str) else None

    return Kind(f"one of {_listed(choices)}" if choices else "nothing: there is none to name", parse, stand_in, tuple(choices))


def zone() -> Kind[str]:
    """Return the kind of IANA time zones."""
    names = _zones()
    return Kind("an IANA time zone such as America/Chicago", lambda value: value if isinstance(value, str) and value in names else None, "UTC", names)


def _money(value: object) -> Decimal | None:
    written = str(value) if isinstance(value, (str, Decimal)) or type(value) is int else ""
    return Decimal(written) if _MONEY.fullmatch(written) else None


MONEY: Kind[Decimal] = Kind('an amount such as "120.00"', _money, Decimal(0))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _listed(names: Collection[str]) -> str:
    first = list(names)[:_LISTED_MAX]
    return ", ".join(first if len(names) == len(first) else [*first, "..."])


def _shown(value: object) -> str:
    written = repr(value) if isinstance(value, str) else str(value)
    return written if len(written) <= _SHOWN_MAX else f"{written[: _SHOWN_MAX - 3]}..."
