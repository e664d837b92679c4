from datetime import datetime
from decimal import Decimal

import pytest

from portal.domain.ages import AgeBands
from portal.domain.catalogue import Mode, TimeOff, WorkingHours
from portal.domain.clinic import Clinic
from portal.domain.clinic_file import ClinicFileError, read_clinic

GOOD = """\
[account]
key = "hill"
name = "Hill Practice"
time_zone = "Europe/Dublin"
phone = "555-0100"
help_hours = "weekdays"
emergency = "112"

[[facilities]]
key = "main"
name = "Main house"
time_zone = "Europe/Dublin"
place = "Galway"
address = "1 Hill Road"

[[specialities]]
key = "general"
name = "General practice"

[[specialities]]
key = "skin"
name = "Dermatology"

[[encounter_types]]
key = "visit"
name = "Visit"
default = "video"

[[encounter_types.options]]
key = "room"
mode = "in person"
minutes = 30
fee = 40.00
notice_minutes = 60
horizon_days = 30
buffer_before_minutes = 5
buffer_after_minutes = 10
grid_minutes = 15
providers = ["byrne"]

[[encounter_types.options]]
key = "video"
mode = "video"
minutes = 20
fee = "25.50"
specialities = ["general"]

[[providers]]
key = "byrne"
name = "Dr. Byrne"
facility = "main"
specialities = ["general", "skin"]
default = "visit/room"
time_off = [
  { from = 2026-12-24, to = 2026-12-26 },
  { from = 2026-11-30T13:00:00, to = 2026-11-30T15:30:00 },
]

[providers.hours]
monday = [
  "13:15-17:00",
  "08:30-12:30",
]
friday = ["08:00-24:00"]

[[providers]]
key = "walsh"
name = "Dr. Walsh"
facility = "main"
specialities = ["general"]
hours = {}

[[reasons]]
code = "A03"
name = "Fever"
"""


def read(content: str) -> Clinic:
    return read_clinic(content.encode(), "hill.toml")


def errors(content: str) -> list[str]:
    with pytest.raises(ClinicFileError) as caught:
        read(content)
    return str(caught.value).splitlines()


def changed(old: str, new: str) -> tuple[str, int]:
    assert old in GOOD
    return GOOD.replace(old, new, 1), GOOD[: GOOD.index(old)].count("\n") + 1


def test_hours_are_sorted_minutes_of_weekdays() -> None:
    assert read(GOOD).providers[0].hours == (WorkingHours(0, 510, 750), WorkingHours(0, 795, 1020), WorkingHours(4, 480, 1440))


def test_dates_of_time_off_are_inclusive() -> None:
    assert read(GOOD).providers[0].time_off == (
        TimeOff(datetime(2026, 11, 30, 13), datetime(2026, 11, 30, 15, 30)),  # noqa: DTZ001 - wall times have no zone
        TimeOff(datetime(2026, 12, 24), datetime(2026, 12, 27)),  # noqa: DTZ001 - the same
    )


def test_an_option_keeps_what_the_file_says() -> None:
    room = read(GOOD).encounter_types[0].options[0]
    assert (room.key, room.mode, room.minutes, str(room.fee)) == ("visit/room", Mode.IN_PERSON, 30, "40.00")
    assert (room.notice_minutes, room.horizon_days, room.grid_minutes) == (60, 30, 15)
    assert (room.buffer_before_minutes, room.buffer_after_minutes, room.provider_keys) == (5, 10, frozenset(["byrne"]))


def test_an_option_has_sane_defaults() -> None:
    video = read(GOOD).encounter_types[0].options[1]
    assert (video.fee, video.notice_minutes, video.horizon_days, video.grid_minutes) == (Decimal("25.50"), 120, 90, 20)
    assert (video.buffer_before_minutes, video.buffer_after_minutes) == (0, 0)


def test_an_option_of_a_speciality_is_offered_by_all_who_practise_it() -> None:
    assert read(GOOD).encounter_types[0].options[1].provider_keys == {"byrne", "walsh"}


def with_account(line: str) -> str:
    return GOOD.replace('emergency = "112"', f'emergency = "112"\n{line}', 1)


@pytest.mark.parametrize(
    ("line", "open_sign_up", "bands"),
    [
        ("", False, AgeBands(12, 18)),
        ('sign_up = "open"', True, AgeBands(12, 18)),
        ('sign_up = "invitation"', False, AgeBands(12, 18)),
        ('guardian_ages = "england"', False, AgeBands(11, 16)),
        ('guardian_ages = "united states"', False, AgeBands(13, 18)),
        ("guardian_ages = [14, 21]", False, AgeBands(14, 21)),
    ],
)
def test_a_practice_says_who_may_sign_up_and_from_which_ages_guardians_rights_change(line: str, open_sign_up: bool, bands: AgeBands) -> None:  # noqa: FBT001 - a column of the table
    account = read(with_account(line)).account
    assert (account.open_sign_up, account.bands) == (open_sign_up, bands)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('sign_up = "opened"', "sign_up: expected one of open, invitation, got 'opened'; did you mean open?"),
        ('guardian_ages = "wales"', "guardian_ages: expected one of default, england, united states, got 'wales'"),
        ("guardian_ages = [18, 12]", "guardian_ages: expected a preset's name or two ages"),
        ("guardian_ages = [12]", "guardian_ages: expected a preset's name or two ages"),
        ("guardian_ages = [0, 18]", "guardian_ages: expected a whole number from 1 to 25, got 0"),
        ("guardian_ages = 12", "guardian_ages: expected a list of"),
    ],
)
def test_ages_that_cannot_be_meant_are_told(line: str, says: str) -> None:
    found = errors(with_account(line))
    assert any(says in error for error in found), found


def test_defaults_name_visit_options() -> None:
    clinic = read(GOOD)
    assert clinic.encounter_types[0].default_key == "visit/video"
    assert [provider.default_key for provider in clinic.providers] == ["visit/room", None]


def test_without_a_default_an_encounter_type_has_its_first_option() -> None:
    content, _ = changed('default = "video"\n', "")
    assert read(content).encounter_types[0].default_key == "visit/room"


def test_ids_depend_on_account_kind_and_key_alone() -> None:
    clinic, renamed = read(GOOD), read(changed("Hill Practice", "Hill Clinic")[0])
    assert clinic.id_of("provider", "byrne") == renamed.id_of("provider", "byrne")
    assert clinic.id_of("provider", "byrne") != clinic.id_of("facility", "byrne")


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_is_read() -> None:
    content = GOOD.replace("\n", "\r\n")
    assert read_clinic(b"\xef\xbb\xbf" + content.encode(), "hill.toml") == read(GOOD)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('key = "hill"', 'key = "The Hill"', "key: expected a key of small letters, digits and hyphens, 60 at most, got 'The Hill'"),
        ('name = "Hill Practice"', 'name = " "', "name: expected a text of 1 to 120 characters, got ' '"),
        ('phone = "555-0100"', "phone = 5550100", "phone: expected a text of 1 to 40 characters, got 5550100"),
        (
            'time_zone = "Europe/Dublin"',
            'time_zone = "Europe/Dublim"',
            "time_zone: expected an IANA time zone such as America/Chicago, got 'Europe/Dublim'; did you mean Europe/Dublin?",
        ),
        ('place = "Galway"', 'plaice = "Galway"', "plaice: unknown key, expected address, key, name, place, time_zone; did you mean place?"),
        ('key = "skin"', 'key = "general"', "key: expected a key of its own, got 'general' again"),
        ('mode = "video"', 'mode = "vidoe"', "mode: expected one of in person, video, phone, got 'vidoe'; did you mean video?"),
        ("minutes = 30", "minutes = 33", "minutes: expected a whole number in steps of 5 from 5 to 480, got 33"),
        ("minutes = 30", "minutes = true", "minutes: expected a whole number in steps of 5 from 5 to 480, got True"),
        ("horizon_days = 30", "horizon_days = -1", "horizon_days: expected a whole number from 0 to 730, got -1"),
        ("fee = 40.00", "fee = 40.005", 'fee: expected an amount such as "120.00", got 40.005'),
        ("fee = 40.00", "fee = nan", 'fee: expected an amount such as "120.00", got NaN'),
        ('providers = ["byrne"]', 'providers = ["burne"]', "providers: expected one of byrne, walsh, got 'burne'; did you mean byrne?"),
        (
            'providers = ["byrne"]',
            "providers = []",
            "providers: expected a list of providers or of specialities that offer this option, got none",
        ),
        ('default = "video"', 'default = "visit/video"', "default: expected one of room, video, got 'visit/video'; did you mean video?"),
        ('facility = "main"', 'facility = "maim"', "facility: expected one of main, got 'maim'; did you mean main?"),
        ('default = "visit/room"', 'default = "room"', "default: expected one of visit/room, visit/video, got 'room'"),
        ('specialities = ["general", "skin"]', 'specialities = ["skin", "skin"]', "specialities: expected each once, got 'skin' 2 times"),
        ('"08:30-12:30"', '"8:3-12"', "hours of monday: expected times such as 08:30-12:30 on five-minute steps, got '8:3-12'"),
        ('"08:30-12:30"', '"08:32-12:30"', "hours of monday: expected times such as 08:30-12:30 on five-minute steps, got '08:32-12:30'"),
        ('"08:30-12:30"', '"22:00-02:00"', "hours of monday: expected times such as 08:30-12:30 on five-minute steps, got '22:00-02:00'"),
        (
            "friday =",
            "fryday =",
            "fryday: unknown key, expected friday, monday, saturday, sunday, thursday, tuesday, wednesday; did you mean friday?",
        ),
        ('["08:00-24:00"]', '"08:00-24:00"', "hours of friday: expected a list of times such as 08:30-12:30 on five-minute steps, got '08:00-24:00'"),
        ("to = 2026-12-26", "to = 2026-12-23", "to: expected a time after 2026-12-24 00:00, got 2026-12-24 00:00"),
        ("hours = {}", "hours = 3", "hours: expected a table, got 3"),
        ('code = "A03"', 'code = "a code"', "code: expected a code of letters, digits, dots and hyphens, 20 at most, got 'a code'"),
    ],
)
def test_a_wrong_value_is_told_with_its_line_and_what_was_expected(old: str, new: str, says: str) -> None:
    content, line = changed(old, new)
    assert f"hill.toml:{line}: {says}" in errors(content)


def test_overlapping_hours_are_told() -> None:
    content, line = changed('"13:15-17:00"', '"12:00-17:00"')
    assert errors(content) == [
        f"hill.toml:{line - 1}: hours of monday: expected times apart from each other, got 12:00-17:00 overlapping 08:30-12:30"
    ]


def test_overlapping_time_off_is_told() -> None:
    content, line = changed("from = 2026-11-30T13:00:00", "from = 2026-11-30T13:00:00, to = 2026-12-24T09:00:00 } #")
    content = content.replace("# , to = 2026-11-30T15:30:00 },", ",")
    assert errors(content) == [f"hill.toml:{line}: time_off: expected time off apart from the others, got some that overlaps another"]


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    content = GOOD.replace('"Europe/Dublin"', '"Dublin"').replace("minutes = 20", "minutes = 21")
    lines = [int(error.split(":")[1]) for error in errors(content)]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_a_missing_value_is_told_with_the_line_of_its_table() -> None:
    content, line = changed('code = "A03"\n', "")
    assert errors(content) == [f"hill.toml:{line - 1}: code: expected a code of letters, digits, dots and hyphens, 20 at most, got nothing"]


def test_an_empty_file_lacks_everything() -> None:
    found = errors("")
    assert "hill.toml:1: account: expected a table, got nothing" in found
    assert "hill.toml:1: providers: expected at least one, got none" in found


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[account]\nkey = \n", "hill.toml:2: column 7: Invalid value"),
        (b"[account]\nkey = 'a'\nkey = 'b'\n", "hill.toml:3: column 10: Cannot overwrite a value"),
        (b"[account]\n\nkey", "hill.toml:3: end of file: Expected '=' after a key in a key/value pair"),
        (b"[account]\nname = '\xff'", "hill.toml:2: text: expected UTF-8"),
        (b"day = 2026-02-30", "hill.toml:1: column 7: Invalid date or datetime"),
        (b"deep = " + b"[" * 5000, "hill.toml:1: TOML: maximum recursion depth exceeded"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(content: bytes, says: str) -> None:
    with pytest.raises(ClinicFileError) as caught:
        read_clinic(content, "hill.toml")
    assert str(caught.value).startswith(says)
