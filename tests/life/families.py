"""What a random life does with families: two children are booked together or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.catalogue import Catalogue
from portal.domain.together import Arrangement
from portal.services import drafts, group_booking, group_holds, groups
from portal.services.booking import Booked, Forbidden
from portal.services.drafts import Whom, Why
from portal.services.groups import Visits
from portal.services.nearby import Ready
from portal.storage import drafts as stored
from portal.storage.schedule import Schedule
from tests.clinic import OPTIONS, Clinic
from tests.life.model import Ask, Model, Visit

CHILDREN = ("leo", "nia")
QUARTER = timedelta(minutes=15)
TEN = datetime(2027, 3, 2, 15, tzinfo=UTC)
LUNCH = TEN + timedelta(hours=2)
STARTS = st.integers(0, 6).map(lambda quarter: TEN + quarter * QUARTER)
PAIRS = st.lists(st.sampled_from(["check-up", "phone"]), min_size=2, max_size=2)


@dataclass(frozen=True)
class Family:
    """Two children, their visits, and how and when they are to be seen."""

    arrangement: Arrangement
    options: Sequence[str]
    start: datetime


FAMILIES = st.builds(Family, st.sampled_from(Arrangement), PAIRS, STARTS)


def _next_start(family: Family) -> datetime:
    """Return when the second child is seen: on the quarter of an hour at or after the first visit and the breaks between the two."""
    if family.arrangement is Arrangement.AT_ONCE:
        return family.start
    first, second = (OPTIONS[option] for option in family.options)
    ended = family.start + timedelta(
        minutes=first["minutes"] + first.get("buffer_after_minutes", 0) + second.get("buffer_before_minutes", 0),
    )
    late = (ended - TEN) % QUARTER
    return ended + (QUARTER - late if late else timedelta())


def _ways(model: Model, family: Family) -> list[list[Visit]]:
    """Return every way in which both children can be seen."""
    starts = (family.start, _next_start(family))
    asks = [Ask("maya", *told, None) for told in zip(CHILDREN, ("chen", "chen"), family.options, starts, strict=True)]
    in_time = all(start + timedelta(minutes=OPTIONS[ask.option]["minutes"]) <= LUNCH for ask, start in zip(asks, starts, strict=True))
    if not in_time or any(model.is_by_request(ask) for ask in asks):
        return []
    if not all(model.may("maya", ask.patient) and model.can_be_asked(ask) and model.admits(ask) for ask in asks):
        return []
    clinicians = [("chen", "chen")] if family.arrangement is Arrangement.IN_TURN else list(permutations(("chen", "novak")))
    seen = [[replace(ask, provider=name) for ask, name in zip(asks, names, strict=True)] for names in clinicians]
    return [
        [Visit(ask, ask.provider or "", ask.first, model.now) for ask in way]
        for way in seen
        if all(model.is_free(ask, ask.provider or "", ask.first) for ask in way)
    ]


class Families:
    """The rule, for a machine that has a session, a clinic, a catalogue and a model."""

    session: Session
    clinic: Clinic
    catalogue: Catalogue
    model: Model
    _done: Callable[[Callable[[], Any]], Any]
    _freed: Callable[..., None]

    @rule(family=FAMILIES)
    def book_a_family(self, family: Family) -> None:
        chosen = self.model.holding("maya")
        without = replace(self.model, holds={key: hold for key, hold in self.model.holds.items() if key != chosen})
        ways = _ways(without, family)
        outcome = self._done(lambda: self._walked(family))
        if not ways:
            assert not isinstance(outcome, Booked)
            return
        assert isinstance(outcome, Booked)
        group_id = select(Schedule.group_id).where(Schedule.id == outcome.schedule_id).scalar_subquery()
        rows = self.session.execute(
            select(Schedule.id, Schedule.patient_id, Schedule.provider_id, Schedule.starts_at).where(Schedule.group_id == group_id)
        )
        found = {row.patient_id: row for row in rows}
        [way] = [way for way in ways if all(self.clinic.provider(one.provider) == self._row(found, one).provider_id for one in way)]
        assert all(self._row(found, one).starts_at == one.starts_at for one in way)
        before = self.model.give_up("maya")
        self.model.visits.update({self._row(found, one).id: one for one in way})
        self._freed(*before)

    def _row(self, found: dict[UUID, Any], visit: Visit) -> Any:  # noqa: ANN401 - a row
        return found[self.clinic.patient(visit.ask.patient)]

    def _walked(self, family: Family) -> Booked | Forbidden | list[Any]:
        """Walk the steps of the pages, and return what came of it; an empty hand stands for a refusal."""
        now, actor = self.model.now, self.clinic.actor("maya")
        draft_id = groups.start(self.session, actor, [self.clinic.patient(name) for name in CHILDREN], now)
        if draft_id is None:
            return Forbidden()
        with_whom = self.clinic.provider("chen") if family.arrangement is Arrangement.IN_TURN else None
        whom = Whom(self.clinic.speciality("family medicine"), with_whom, self.clinic.facility("harbour"))
        drafts.choose_provider(self.session, self._family(draft_id).draft, whom, self.catalogue, now)
        wanted = Visits(tuple(self.clinic.option(name) for name in family.options), family.arrangement)
        if not groups.choose_visits(self.session, self._family(draft_id).draft, wanted, self.catalogue, now):
            return ["no family asks for what a practice decides about"]
        drafts.say_why(self.session, self._family(draft_id).draft, Why((), "It hurts", None))
        groups.say_why(self.session, self._family(draft_id).draft, [""])
        troubles = group_holds.choose_time(self.session, self._family(draft_id).draft, family.start, self.catalogue, now)
        if troubles:
            return troubles
        outcome = group_booking.book(self.session, actor, self._family(draft_id), frozenset(), now)
        return list(outcome.troubles) if isinstance(outcome, group_booking.NotAll) else outcome

    def _family(self, draft_id: UUID) -> Ready:
        read = stored.draft(self.session, draft_id, self.clinic.user("maya"), self.clinic.patient(CHILDREN[0]), lock=True)
        assert read is not None
        return Ready(read[0], self.catalogue)
