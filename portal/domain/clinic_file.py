"""The clinic file: from TOML text to a checked clinic, or to every problem in it with its line."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Protocol, TypeVar

from portal.domain.ages import PRESETS, AgeBands
from portal.domain.catalogue import Mode, TimeOff, WorkingHours
from portal.domain.cells import CELL_MINUTES
from portal.domain.clinic import (
    AccountEntry,
    Clinic,
    EncounterTypeEntry,
    FacilityEntry,
    ProviderEntry,
    ReasonEntry,
    SpecialityEntry,
    VisitOptionEntry,
)
from portal.domain.clinic_rules import practice_rules, visit_rules
from portal.domain.toml_lines import lines_of
from portal.domain.toml_table import KEY, MONEY, FileProblem, Kind, Notes, Table, matching, one_of, text, whole, zone

NAME_MAX = 120
PHONE_MAX = 40
ADDRESS_MAX = 250
VISIT_MINUTES_MAX = 480
NOTICE_MINUTES_DEFAULT, NOTICE_MINUTES_MAX = 120, 30 * 24 * 60
HORIZON_DAYS_DEFAULT, HORIZON_DAYS_MAX = 90, 730
BUFFER_MINUTES_MAX = 240
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SIGN_UP = {"open": True, "invitation": False}
AGE_MAX = 25
MODES = {"in person": Mode.IN_PERSON, "video": Mode.VIDEO, "phone": Mode.PHONE}

_CODE = matching(re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,19}", re.ASCII), "a code of letters, digits, dots and hyphens, 20 at most")
_SPAN = re.compile(r"([0-2][0-9]):([0-5][05])-([0-2][0-9]):([0-5][05])", re.ASCII)
_SYNTAX = re.compile(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_MINUTES = whole(CELL_MINUTES, VISIT_MINUTES_MAX, CELL_MINUTES)
_BUFFER = whole(0, BUFFER_MINUTES_MAX, CELL_MINUTES)


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


_Entry = TypeVar("_Entry", bound=_Keyed)


class ClinicFileError(Exception):
    """A clinic file cannot be used; its text has one line for each problem, `file:line: key: what was expected`."""

    def __init__(self, file: str, problems: Sequence[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{file}:{problem.line}: {problem.where}: {problem.text}" for problem in problems))


def read_clinic(content: bytes, file: str) -> Clinic:
    """Return the clinic that a file's content describes; raises ClinicFileError with every problem. `file` is the name to report."""
    try:
        written = content.decode("utf-8-sig").replace("\r\n", "\n")
        root = tomllib.loads(written, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ClinicFileError(file, [_unreadable(error, content)]) from error
    notes = Notes(lines_of(written))
    clinic = _clinic(Table(notes, (), root))
    if notes.problems:
        raise ClinicFileError(file, notes.problems)
    return clinic


def _unreadable(error: Exception, content: bytes) -> FileProblem:
    if isinstance(error, UnicodeDecodeError):
        return FileProblem(content.count(b"\n", 0, error.start) + 1, "text", "expected UTF-8")
    match = _SYNTAX.fullmatch(str(error))
    if match is None:
        return FileProblem(1, "TOML", str(error))
    last_line = content.rstrip().count(b"\n") + 1
    return FileProblem(int(match[2] or last_line), f"column {match[3]}" if match[3] else "end of file", match[1])


def _clinic(root: Table) -> Clinic:
    account = _account(root.table("account"))
    facilities = _entries(root, "facilities", _facility)
    specialities = _entries(root, "specialities", _speciality)
    tables = root.tables("providers")
    providers = [_provider(table, facilities, specialities) for table in tables]
    _no_duplicates(tables, providers)
    encounter_types = _entries(root, "encounter_types", lambda table: _encounter_type(table, specialities, providers))
    complete = tuple(_with_default(table, provider, encounter_types) for table, provider in zip(tables, providers, strict=True))
    reasons = _entries(root, "reasons", _reason, "code")
    for name in ("facilities", "specialities", "providers", "encounter_types"):
        if not root.tables(name):
            root.note(name, "expected at least one, got none")
    root.finish()
    return Clinic(account, facilities, specialities, encounter_types, complete, reasons)


def _entries(root: Table, name: str, read: Callable[[Table], _Entry], key: str = "key") -> tuple[_Entry, ...]:
    tables = root.tables(name)
    entries = [read(table) for table in tables]
    _no_duplicates(tables, entries, key)
    for table in tables:
        table.finish()
    return tuple(entries)


def _no_duplicates(tables: Sequence[Table], entries: Sequence[_Keyed], name: str = "key") -> None:
    seen = set()
    for table, entry in zip(tables, entries, strict=True):
        if entry.key in seen:
            table.note(name, f"expected a {name} of its own, got {entry.key!r} again")
        if entry.key:
            seen.add(entry.key)


def _account(table: Table) -> AccountEntry:
    entry = AccountEntry(
        key=table.get("key", KEY),
        name=table.get("name", text(NAME_MAX)),
        time_zone=table.get("time_zone", zone()),
        phone=table.get("phone", text(PHONE_MAX)),
        help_hours=table.get("help_hours", text(NAME_MAX)),
        emergency=table.get("emergency", text(NAME_MAX)),
        open_sign_up=table.get("sign_up", one_of(SIGN_UP, stand_in=False), default=False),
        bands=_bands(table),
        rules=practice_rules(table),
    )
    table.finish()
    return entry


def _bands(table: Table) -> AgeBands:
    """Read the ages at which guardians' rights change: a preset by name, or the two ages themselves."""
    if table.has("guardian_ages") and isinstance(table.value("guardian_ages"), str):
        return table.get("guardian_ages", one_of(PRESETS, AgeBands()))
    ages = table.items("guardian_ages", whole(1, AGE_MAX))
    if not ages:
        return AgeBands()
    if len(ages) != len(("agreement", "end")) or ages[0] > ages[1]:
        table.note("guardian_ages", "expected a preset's name or two ages: when the young person must agree, and when guardians' rights end")
        return AgeBands()
    return AgeBands(*ages)


def _facility(table: Table) -> FacilityEntry:
    return FacilityEntry(
        key=table.get("key", KEY),
        name=table.get("name", text(NAME_MAX)),
        time_zone=table.get("time_zone", zone()),
        place=table.get("place", text(NAME_MAX)),
        address=table.get("address", text(ADDRESS_MAX)),
    )


def _speciality(table: Table) -> SpecialityEntry:
    return SpecialityEntry(table.get("key", KEY), table.get("name", text(NAME_MAX)))


def _reason(table: Table) -> ReasonEntry:
    return ReasonEntry(table.get("code", _CODE), table.get("name", text(NAME_MAX)))


def _keys(entries: Sequence[_Keyed]) -> Kind[str]:
    return one_of({entry.key: entry.key for entry in entries if entry.key}, "")


def _provider(table: Table, facilities: Sequence[FacilityEntry], specialities: Sequence[SpecialityEntry]) -> ProviderEntry:
    speciality_keys = table.items("specialities", _keys(specialities))
    _named_once(table, "specialities", speciality_keys)
    if not speciality_keys:
        table.note("specialities", "expected a list of at least one, got none")
    return ProviderEntry(
        key=table.get("key", KEY),
        name=table.get("name", text(NAME_MAX)),
        facility_key=table.get("facility", _keys(facilities)),
        speciality_keys=tuple(speciality_keys),
        default_key=None,
        hours=_hours(table.table("hours")),
        time_off=_time_off(table),
    )


def _named_once(table: Table, name: str, keys: Sequence[str]) -> None:
    for key, times in Counter(filter(None, keys)).items():
        if times > 1:
            table.note(name, f"expected each once, got {key!r} {times} times")


def _with_default(table: Table, provider: ProviderEntry, encounter_types: Sequence[EncounterTypeEntry]) -> ProviderEntry:
    offered = [option for kind in encounter_types for option in kind.options if provider.key in option.provider_keys]
    default = table.get("default", _keys(offered), default="")
    table.finish()
    return replace(provider, default_key=default or None)


def _encounter_type(table: Table, specialities: Sequence[SpecialityEntry], providers: Sequence[ProviderEntry]) -> EncounterTypeEntry:
    key = table.get("key", KEY)
    options = _entries(table, "options", lambda option: _visit_option(option, specialities, providers))
    if not options:
        table.note("options", "expected at least one, got none")
    default = table.get("default", _keys(options), default=options[0].key if options else "")
    placed = tuple(replace(option, key=f"{key}/{option.key}") for option in options)
    return EncounterTypeEntry(key, table.get("name", text(NAME_MAX)), f"{key}/{default}", placed)


def _visit_option(table: Table, specialities: Sequence[SpecialityEntry], providers: Sequence[ProviderEntry]) -> VisitOptionEntry:
    minutes = table.get("minutes", _MINUTES)
    return VisitOptionEntry(
        key=table.get("key", KEY),
        mode=table.get("mode", one_of(MODES, Mode.IN_PERSON)),
        minutes=minutes,
        fee=table.get("fee", MONEY),
        notice_minutes=table.get("notice_minutes", whole(0, NOTICE_MINUTES_MAX), NOTICE_MINUTES_DEFAULT),
        horizon_days=table.get("horizon_days", whole(0, HORIZON_DAYS_MAX), HORIZON_DAYS_DEFAULT),
        buffer_before_minutes=table.get("buffer_before_minutes", _BUFFER, 0),
        buffer_after_minutes=table.get("buffer_after_minutes", _BUFFER, 0),
        grid_minutes=table.get("grid_minutes", _MINUTES, minutes),
        provider_keys=_offered_by(table, specialities, providers),
        rules=visit_rules(table),
    )


def _offered_by(table: Table, specialities: Sequence[SpecialityEntry], providers: Sequence[ProviderEntry]) -> frozenset[str]:
    named = table.items("providers", _keys(providers))
    wanted = set(table.items("specialities", _keys(specialities)))
    if not named and not wanted:
        table.note("providers", "expected a list of providers or of specialities that offer this option, got none")
    return frozenset([*named, *(provider.key for provider in providers if wanted & set(provider.speciality_keys))])


def _hours(table: Table) -> tuple[WorkingHours, ...]:
    kind: Kind[tuple[int, int]] = Kind("times such as 08:30-12:30 on five-minute steps", _span, (0, 0))
    found = []
    for weekday, name in enumerate(WEEKDAYS):
        where = f"hours of {name}"
        runs = sorted(run for run in table.items(name, kind, where) if run != kind.stand_in)
        for earlier, later in pairwise(runs):
            if later[0] < earlier[1]:
                table.note(name, f"expected times apart from each other, got {_clock(later)} overlapping {_clock(earlier)}", where)
        found += [WorkingHours(weekday, *run) for run in runs]
    table.finish()
    return tuple(found)


def _span(value: object) -> tuple[int, int] | None:
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    opens, closes = (int(match[place]) * 60 + int(match[place + 1]) for place in (1, 3))
    return (opens, closes) if opens < closes <= 24 * 60 else None


def _clock(run: tuple[int, int]) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in run)


def _time_off(provider: Table) -> tuple[TimeOff, ...]:
    found: list[TimeOff] = []
    for table in provider.tables("time_off"):
        absence = _absence(table)
        if absence and any(absence.starts_wall < other.ends_wall and other.starts_wall < absence.ends_wall for other in found):
            table.note("from", "expected time off apart from the others, got some that overlaps another", "time_off")
        elif absence:
            found.append(absence)
        table.finish()
    return tuple(sorted(found, key=lambda absence: absence.starts_wall))


def _absence(table: Table) -> TimeOff | None:
    nowhere = datetime.min  # noqa: DTZ901 - wall times have no zone
    starts = table.get("from", Kind(_WALL, lambda value: _wall(value, timedelta()), nowhere))
    ends = table.get("to", Kind(_WALL, lambda value: _wall(value, timedelta(days=1)), nowhere))
    if nowhere in (starts, ends):
        return None
    if starts >= ends:
        table.note("to", f"expected a time after {starts:%Y-%m-%d %H:%M}, got {ends:%Y-%m-%d %H:%M}")
        return None
    return TimeOff(starts, ends)


_WALL = "a date such as 2026-12-24 or a date and time without zone on five-minute steps such as 2026-12-24T13:00:00"


def _wall(value: object, whole_day: timedelta) -> datetime | None:
    """Return a wall time; a date stands for its start, or for its end when `whole_day` is added."""
    if isinstance(value, datetime):
        on_step = value.tzinfo is None and value.minute % CELL_MINUTES == 0 and value.second == value.microsecond == 0
        return value if on_step else None
    return datetime.combine(value, datetime.min.time()) + whole_day if isinstance(value, date) and value < date.max else None
