from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from portal.domain.booking import Code, Field, Problem
from portal.domain.cells import cell_of, cells_between
from portal.domain.openings import Asked, Occupied, window_of
from portal.domain.slots import (
    Slot,
    blocked,
    by_room,
    cells_held,
    nearest,
    offered,
    other_choice,
    patient_cells,
    provider_cells,
    resolve,
    slots,
    time_problem,
)
from tests.domain.samples import at, hours, name, option, provider, time_off, wall

NOW = at("2027-03-01T08:00")
NEW_YORK = provider(time_zone="America/New_York", hours=hours("00:00", "24:00"))
AROUND = window_of(date(2027, 3, 1), 3)


@pytest.mark.parametrize(
    ("wanted", "zone", "expected"),
    [
        (at("2027-03-14T06:30"), "America/New_York", at("2027-03-14T06:30")),
        (at("2027-03-14T06:30+05:30"), "America/New_York", at("2027-03-14T01:00")),
        (wall("2027-03-14T02:30"), "America/New_York", None),
        (wall("2027-11-07T01:30"), "America/New_York", at("2027-11-07T05:30")),
        (wall("2027-03-01T09:00"), "Asia/Kolkata", at("2027-03-01T03:30")),
    ],
)
def test_a_wanted_time_is_an_instant_or_a_wall_time_at_the_facility(wanted: datetime, zone: str, expected: datetime | None) -> None:
    assert resolve(wanted, zone) == expected


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (at("2027-02-28T12:00"), Code.IN_PAST),
        (at("2027-03-01T07:59:59"), Code.IN_PAST),
        (at("2027-03-01T09:59"), Code.TOO_SOON),
        (at("2027-03-01T10:00"), None),
        (at("2027-03-11T09:00"), None),
        (at("2027-03-12T09:00"), Code.TOO_FAR),
        (at("2027-03-02T08:59"), Code.OUTSIDE_HOURS),
        (at("2027-03-02T16:31"), Code.OUTSIDE_HOURS),
        (at("2027-03-03T12:00"), Code.OUTSIDE_HOURS),
    ],
)
def test_a_time_is_refused_for_the_first_thing_wrong_with_it(wanted: datetime, code: Code | None) -> None:
    worker = provider(time_off=(time_off("2027-03-03T00:00", "2027-03-04T00:00"),))
    assert time_problem(worker, Asked(option(notice_minutes=120, horizon_days=10), NOW), wanted) == code


def test_a_time_in_a_skipped_hour_is_refused_as_such() -> None:
    assert slots((NEW_YORK,), Asked(option(), NOW), wall("2027-03-14T02:30")) is Code.SKIPPED_TIME


def test_a_wall_time_is_each_providers_own() -> None:
    pune = provider(id=name("rao"), time_zone="Asia/Kolkata", hours=hours("00:00", "24:00"))
    found = slots((NEW_YORK, pune), Asked(option(), NOW), wall("2027-03-02T09:00"))
    assert found == [Slot(NEW_YORK, at("2027-03-02T14:00")), Slot(pune, at("2027-03-02T03:30"))]


def test_one_provider_who_can_is_enough() -> None:
    off = provider(id=name("rao"), hours=hours("09:00", "10:00"))
    on = provider()
    assert slots((off, on), Asked(option(), NOW), at("2027-03-01T12:00")) == [Slot(on, at("2027-03-01T12:00"))]
    assert slots((off,), Asked(option(), NOW), at("2027-03-01T12:00")) is Code.OUTSIDE_HOURS


EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York", "UTC"])
@pytest.mark.parametrize("tzinfo", [None, UTC, EAST, WEST])
@pytest.mark.parametrize(("wanted", "code"), [(datetime.min, Code.IN_PAST), (datetime.max, Code.TOO_FAR)])  # noqa: DTZ901 - the ends of the calendar
def test_the_ends_of_the_calendar_are_refused_like_any_other_time(zone: str, tzinfo: timezone | None, wanted: datetime, code: Code) -> None:
    assert slots((provider(time_zone=zone),), Asked(option(), NOW), wanted.replace(tzinfo=tzinfo)) is code


def test_the_provider_is_held_with_buffers_and_the_patient_without() -> None:
    wish, start = option(minutes=30, buffer_before_minutes=7, buffer_after_minutes=11), at("2027-03-01T09:00")
    assert patient_cells(wish, start) == cells_between(start, at("2027-03-01T09:30"))
    assert provider_cells(wish, start) == cells_between(at("2027-03-01T08:50"), at("2027-03-01T09:45"))


@pytest.mark.parametrize(
    ("held", "patient_held", "code"),
    [
        ([], [], None),
        (["09:25"], [], Code.TIME_TAKEN),
        (["08:55"], [], Code.TIME_TAKEN),
        (["08:50", "09:30"], ["08:55", "09:30"], None),
        ([], ["09:00"], Code.PATIENT_BUSY),
        (["09:00"], ["09:00"], Code.PATIENT_BUSY),
    ],
)
def test_a_slot_is_blocked_by_what_is_held(held: list[str], patient_held: list[str], code: Code | None) -> None:
    worker, wish = provider(), option(buffer_before_minutes=5)
    busy, patient_busy = (AROUND.bits(cell_of(at(f"2027-03-02T{clock}")) for clock in clocks) for clocks in (held, patient_held))
    assert blocked(Slot(worker, at("2027-03-02T09:00")), wish, Occupied(AROUND, {worker.id: busy}, patient_busy)) == code


def test_somebody_elses_cells_block_nobody() -> None:
    everything = AROUND.run(range(AROUND.base, AROUND.base + AROUND.length))
    assert blocked(Slot(provider(), at("2027-03-02T09:00")), option(), Occupied(AROUND, {name("rao"): everything}, 0)) is None


def test_the_provider_with_most_room_that_day_comes_first_and_equals_keep_their_order() -> None:
    chen, rao, novak = (provider(id=name(word)) for word in ("chen", "rao", "novak"))
    start = at("2027-03-02T09:00")
    busy = {chen.id: AROUND.run(cells_between(at("2027-03-02T10:00"), at("2027-03-02T12:00")))}
    ordered = by_room([Slot(each, start) for each in (chen, rao, novak)], Asked(option(), NOW), Occupied(AROUND, busy, 0))
    assert [slot.provider.id for slot in ordered] == [rao.id, novak.id, chen.id]
    assert by_room(ordered[:1], Asked(option(), NOW), Occupied(AROUND, {}, 0)) == ordered[:1]


def test_nearest_times_are_on_both_sides_the_earlier_of_two_first_and_in_order() -> None:
    starts = [at(f"2027-03-01T{hour:02}:00") for hour in (9, 10, 12, 13, 15, 10)]
    assert nearest(starts, at("2027-03-01T11:00"), 3) == [at(f"2027-03-01T{hour:02}:00") for hour in (9, 10, 12)]
    assert nearest(starts, at("2027-03-01T11:00"), 1) == [at("2027-03-01T10:00")]
    assert nearest([], at("2027-03-01T11:00"), 3) == []


def test_a_longer_notice_never_opens_a_time() -> None:
    worker, start = provider(), at("2027-03-01T10:00")
    codes = [time_problem(worker, Asked(replace(option(), notice_minutes=minutes), NOW), start) for minutes in (0, 119, 120, 121, 600)]
    assert codes == [None, None, None, Code.TOO_SOON, Code.TOO_SOON]


def test_both_choices_are_offered_or_everything_that_is_wrong_with_them() -> None:
    worker, asked = provider(), Asked(option(), NOW)
    first, second, evening = at("2027-03-02T10:00"), at("2027-03-02T11:00"), at("2027-03-02T20:00")
    choices = [(Field.FIRST_CHOICE, [Slot(worker, first)]), (Field.SECOND_CHOICE, [Slot(worker, second)])]
    assert offered((worker,), asked, first, None) == (choices[:1], [])
    assert offered((worker,), asked, first, second) == (choices, [])
    assert [other_choice(choices, field) for field, _ in choices] == [second, first]
    assert offered((worker,), asked, first, first)[1] == [Problem(Field.SECOND_CHOICE, Code.SAME_TIME)]
    assert offered((worker,), asked, at("2027-02-01T10:00"), evening) == (
        [],
        [Problem(Field.FIRST_CHOICE, Code.IN_PAST), Problem(Field.SECOND_CHOICE, Code.OUTSIDE_HOURS)],
    )


def test_a_visit_holds_the_cells_of_both() -> None:
    visit, worker, start = option(buffer_before_minutes=5), provider(), at("2027-03-02T10:00")
    held = cells_held(Slot(worker, start), visit, name("ada"))
    assert held == {worker.id: provider_cells(visit, start), name("ada"): patient_cells(visit, start)}
    assert len(held[worker.id]) > len(held[name("ada")])
