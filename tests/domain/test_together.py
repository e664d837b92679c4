from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.booking import Code
from portal.domain.catalogue import Provider, VisitOption
from portal.domain.cells import CELL_MINUTES
from portal.domain.openings import Asked, DayState, window_of
from portal.domain.slots import Slot, blocked, cells_held, time_problem
from portal.domain.together import Arrangement, Group, Held, Member, Part, days_together, is_possible, plan, why_not
from portal.domain.walltime import local, local_day
from tests.domain.samples import ZONES, at, name, option, provider
from tests.domain.test_offered import clock_cells, days_in, shifts

NAMES = ("leo", "nia", "maya")
CLINICIANS = ("chen", "novak", "byrne")
DAY = date(2027, 3, 2)


@dataclass(frozen=True)
class Case:
    """A family, how they want to be seen, and who is held around a date."""

    group: Group
    day: date
    held: Held


@st.composite
def wishes(draw: st.DrawFn) -> VisitOption:
    """Give a visit of any length, grid and buffers that anybody of the practice may offer."""
    return option(
        minutes=draw(st.sampled_from((5, 15, 20, 30, 45))),
        grid_minutes=draw(st.sampled_from((5, 10, 15, 25, 30))),
        buffer_before_minutes=draw(st.sampled_from((0, 5, 7))),
        buffer_after_minutes=draw(st.sampled_from((0, 5, 11))),
        notice_minutes=draw(st.sampled_from((0, 120))),
        horizon_days=draw(st.integers(1, 4)),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Give two or three people and as many providers or fewer, in any zone on any day, a clock change or not."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    day = draw(days_in(zone))
    workers = [provider(id=name(word), time_zone=zone, hours=draw(shifts())) for word in CLINICIANS[: draw(st.integers(1, 3))]]
    some = st.lists(st.sampled_from(workers), min_size=1, unique=True).map(tuple)
    members = tuple(Member(name(word), draw(wishes()), draw(some)) for word in NAMES[: draw(st.integers(2, 3))])
    now = datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(hours=draw(st.integers(-30, 6)))
    window = window_of(day, 2)
    held = st.sets(st.sampled_from(clock_cells(zone, day)), max_size=20)
    resources = [*(worker.id for worker in workers), *(member.patient_id for member in members)]
    cells = {resource: window.bits(sorted(draw(held))) for resource in resources}
    return Case(Group(members, draw(st.sampled_from(Arrangement)), now), day, Held(window, cells))


def bookable(part: Part, group: Group, held: Held) -> bool:
    """Tell whether a visit of a group can be booked alone."""
    member, slot = part
    problem = time_problem(slot.provider, Asked(member.option, group.now), slot.start)
    return slot.provider in member.providers and problem is None and blocked(slot, member.option, held.for_patient(member.patient_id)) is None


def gap(before: Part, after: Part) -> timedelta:
    """Return the time between the end of a visit and the start of the next."""
    return after.slot.start - before.slot.start - timedelta(minutes=before.member.option.minutes)


@given(cases())
@settings(max_examples=120)
def test_all_that_a_group_is_offered_can_be_booked(case: Case) -> None:
    if not is_possible(case.group):
        return
    for start in days_together(case.group, case.held, case.day, 1)[0].instants():
        parts = plan(case.group, case.held, start)
        assert parts is not None
        assert parts[0].slot.start == start
        assert all(bookable(part, case.group, case.held) for part in parts)
        cells = [(resource, cell) for part in parts for resource, span in part.cells().items() for cell in span]
        assert len(cells) == len(set(cells))


@given(cases())
@settings(max_examples=80)
def test_in_turn_is_with_one_provider_and_at_once_with_different_ones(case: Case) -> None:
    if not is_possible(case.group):
        return
    for start in days_together(case.group, case.held, case.day, 1)[0].instants()[:5]:
        parts = plan(case.group, case.held, start) or ()
        providers = {part.slot.provider.id for part in parts}
        if case.group.arrangement is Arrangement.IN_TURN:
            assert len(providers) == 1
            assert all(timedelta() <= gap(*two) <= timedelta(minutes=22 + 2 * CELL_MINUTES + 30) for two in pairwise(parts))
        else:
            assert len(providers) == len(parts)
            assert {part.slot.start for part in parts} == {start}


@given(cases())
@settings(max_examples=60)
def test_a_start_that_is_not_offered_has_a_reason(case: Case) -> None:
    if not is_possible(case.group):
        return
    offered = days_together(case.group, case.held, case.day, 1)[0].instants()
    midnight = datetime.combine(case.day, datetime.min.time(), tzinfo=UTC)
    for hour in range(0, 24, 3):
        start = midnight + timedelta(hours=hour)
        if start not in offered and local_day(start, case.group.zone) == case.day:
            assert plan(case.group, case.held, start) is None
            assert why_not(case.group, case.held, start)


def family(arrangement: Arrangement, *options: VisitOption, workers: tuple[Provider, ...]) -> Group:
    """Return a family, looked at the day before."""
    members = tuple(Member(name(word), wish, workers) for word, wish in zip(NAMES, options, strict=False))
    return Group(members, arrangement, at("2027-03-01T08:00"))


def held(**cells: range) -> Held:
    """Return who is held on the day, by name."""
    window = window_of(DAY, 2)
    return Held(window, {name(word): window.run(span) for word, span in cells.items()})


def starts(group: Group, who: Held) -> list[str]:
    """Return what is offered on the day, as clock times."""
    return [f"{local(start, 'UTC'):%H:%M}" for start in days_together(group, who, DAY, 1)[0].instants()]


def visit_cells(clock: str, minutes: int = 30) -> range:
    """Return the cells of a visit of the day."""
    return cells_held(Slot(provider(), at(f"2027-03-02T{clock}")), option(minutes=minutes), name("nobody"))[name("chen")]


def test_the_next_visit_starts_where_the_one_before_has_ended() -> None:
    group = family(Arrangement.IN_TURN, option(), option(minutes=15), option(), workers=(provider(),))
    parts = plan(group, held(), at("2027-03-02T09:00"))
    assert [f"{part.slot.start:%H:%M}" for part in parts or ()] == ["09:00", "09:30", "09:45"]


def test_buffers_lie_between_the_visits_and_the_next_one_keeps_to_the_grid() -> None:
    wish = option(buffer_before_minutes=5, buffer_after_minutes=10)
    parts = plan(family(Arrangement.IN_TURN, wish, wish, workers=(provider(),)), held(), at("2027-03-02T09:00"))
    assert [f"{part.slot.start:%H:%M}" for part in parts or ()] == ["09:00", "09:45"]


def test_a_group_is_not_offered_a_start_after_which_the_next_visit_has_no_room() -> None:
    group = family(Arrangement.IN_TURN, option(grid_minutes=30), option(grid_minutes=30), workers=(provider(),))
    offered = starts(group, held(chen=visit_cells("10:00"), nia=visit_cells("12:00")))
    assert offered[:4] == ["09:00", "10:30", "11:00", "12:00"]
    assert offered[-1] == "16:00"


def test_at_once_needs_as_many_providers_as_people() -> None:
    chen, novak = provider(), provider(id=name("novak"))
    wish = option(grid_minutes=60)
    assert not is_possible(family(Arrangement.AT_ONCE, wish, wish, workers=(chen,)))
    offered = starts(family(Arrangement.AT_ONCE, wish, wish, workers=(chen, novak)), held(novak=visit_cells("10:00")))
    assert offered[:3] == ["09:00", "11:00", "12:00"]


def test_people_are_matched_with_those_who_offer_their_visit() -> None:
    chen, novak = provider(), provider(id=name("novak"))
    members = (Member(name("leo"), option(), (chen, novak)), Member(name("nia"), option(), (chen,)))
    parts = plan(Group(members, Arrangement.AT_ONCE, at("2027-03-01T08:00")), held(), at("2027-03-02T09:00"))
    assert [part.slot.provider for part in parts or ()] == [novak, chen]


def test_the_provider_preferred_comes_first() -> None:
    chen, novak = provider(), provider(id=name("novak"))
    group = family(Arrangement.IN_TURN, option(), option(), workers=(chen, novak))
    parts = plan(group, held(), at("2027-03-02T09:00"), [novak.id])
    assert {part.slot.provider for part in parts or ()} == {novak}


def test_who_cannot_be_seen_is_told_unless_only_their_own_visits_are_in_the_way() -> None:
    group = family(Arrangement.IN_TURN, option(), option(), workers=(provider(),))
    start = at("2027-03-02T10:00")
    found = [why_not(group, who, start) for who in (held(chen=visit_cells("10:30")), held(nia=visit_cells("10:30")))]
    assert found == [[(name("nia"), Code.TIME_TAKEN)], [(None, Code.TIME_TAKEN)]]


def test_a_day_without_a_start_for_all_is_full() -> None:
    group = family(Arrangement.IN_TURN, option(), option(), workers=(provider(),))
    whole = visit_cells("09:00", 8 * 60)
    assert days_together(group, held(nia=whole), DAY, 1)[0].state is DayState.FULL
