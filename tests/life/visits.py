"""What people do with appointments and holds, each step in the services and in the model.

Each example is one transaction that is rolled back at its end, and each step of it a savepoint: what a door would not commit is undone.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from portal.domain.cells import instant_of
from portal.domain.guardianship import LinkState
from portal.domain.moving import MoveRequest
from portal.services import booking, cancelling, drafts, moving, nearby
from portal.services.booking import Booked, Forbidden, Refused
from portal.services.cancelling import Cancelled
from portal.services.moving import Moved
from portal.services.nearby import Decided, Ready
from portal.storage import drafts as stored
from portal.storage.catalogue import current_catalogue
from portal.storage.core import savepoint
from portal.storage.drafts import DraftFacts
from portal.storage.people import GuardianLink
from portal.storage.schedule import Draft, Occupancy, Schedule
from tests.clinic import Clinic
from tests.life.model import Ask, Hold, Model, Visit
from tests.life.told import assert_told

MOST, UNLIMITED = 2, 1000
# Three hours before the first of the times, two of which are the notice of a check-up.
MORNING = datetime(2027, 3, 2, 12, tzinfo=UTC)
TEN = datetime(2027, 3, 2, 15, tzinfo=UTC)
TIMES = st.integers(0, 6).map(lambda quarter: TEN + timedelta(minutes=15 * quarter))
PEOPLE = st.sampled_from([("ada", "ada"), ("omar", "omar"), ("maya", "maya"), ("maya", "leo"), ("maya", "nia"), ("grace", "leo"), ("omar", "leo")])


def _ask(people: tuple[str, str], provider: str | None, option: str, first: datetime, second: datetime | None) -> Ask:
    return Ask(people[0], people[1], provider, option, first, second)


ASKS = st.builds(_ask, PEOPLE, st.sampled_from(["chen", "novak", None]), st.sampled_from(["check-up", "phone"]), TIMES, st.none() | TIMES)
_T = TypeVar("_T")


class _UndoneError(Exception):
    """A step that no door would commit, and what the service said."""

    def __init__(self, said: Any) -> None:  # noqa: ANN401 - whatever it is
        super().__init__()
        self.said = said


def _committed(said: _T) -> _T:
    """Return what a service says, unless it is a refusal: one of the two, or problems."""
    if isinstance(said, Refused | Forbidden) or (isinstance(said, list) and said):
        raise _UndoneError(said)
    return said


class Visits(RuleBasedStateMachine):
    """What people do with appointments and with the times that they hold."""

    visits: Bundle[UUID | None] = Bundle("visits")
    begun: Bundle[tuple[UUID, Ask]] = Bundle("begun")

    def __init__(self, session: Session, clinic: Clinic, *, asks: bool) -> None:
        super().__init__()
        self.session, self.clinic = session, clinic
        self.model = Model(clinic, MORNING, MOST if asks else UNLIMITED, asks)
        self.catalogue = current_catalogue(session, clinic.account_id)

    def _done(self, act: Callable[[], _T]) -> _T:
        """Return what a service says, and undo what it wrote when a door would not commit it."""
        try:
            with savepoint(self.session):
                return _committed(act())
        except _UndoneError as undone:
            said: _T = undone.said
            return said

    @rule(target=visits, ask=ASKS, keep=st.booleans())
    def book(self, ask: Ask, keep: bool) -> UUID | None:  # noqa: FBT001 - hypothesis calls it by name
        return self._book(ask, frozenset(self.model.near(ask) if keep else ()))

    @rule(target=visits, visit_id=visits, user=st.sampled_from(["ada", "omar", "maya", "grace"]))
    def book_the_same_again(self, visit_id: UUID | None, user: str) -> UUID | None:
        return None if visit_id is None else self._book(replace(self.model.visits[visit_id].ask, user=user))

    @rule(target=begun, ask=ASKS)
    def begin(self, ask: Ask) -> tuple[UUID, Ask]:
        return self._begun(ask)

    def _begun(self, ask: Ask) -> tuple[UUID, Ask]:
        row = Draft(id=uuid4(), user_id=self.clinic.user(ask.user), patient_id=self.clinic.patient(ask.patient), created_at=MORNING)
        for name, value in {**self._with(ask), "reason": "It hurts"}.items():
            setattr(row, name, value)
        self.session.add(row)
        self.session.flush()
        return row.id, ask

    @rule(target=begun, draft=begun, first=TIMES, second=st.none() | TIMES)
    def choose(self, draft: tuple[UUID, Ask], first: datetime, second: datetime | None) -> tuple[UUID, Ask]:
        draft_id, ask = draft[0], replace(draft[1], first=first, second=second)
        facts = self._draft(draft)
        if facts.schedule_id or not self.model.may(ask.user, ask.patient):
            return draft
        choices = drafts.Choices(first, second)
        problems = self._done(lambda: drafts.choose_times(self.session, facts, choices, self.catalogue, self.model.now))
        free = [self.model.free_with(ask, time, self.model.holding(ask.user)) for time in ask.times]
        assert (problems == []) == (self.model.can_be_asked(ask) and all(free)), problems
        if not problems:
            # What the user's other drafts held is free again before a clinician is chosen.
            before = self.model.give_up(ask.user)
            held_with = self._draft(draft).held_provider_id
            [provider] = [name for name in self.model.free_with(ask, first, draft_id) if self.clinic.provider(name) == held_with]
            self.model.hold(draft_id, ask, provider)
            self._freed(*(one for one in before if (one.provider, one.starts_at) != (provider, first)))
        return draft_id, ask

    @rule(draft=begun)
    def give_up(self, draft: tuple[UUID, Ask]) -> None:
        self._release(draft)

    def _release(self, draft: tuple[UUID, Ask]) -> None:
        drafts.give_up(self.session, self._draft(draft), self.catalogue, self.model.now)
        if (held := self.model.holds.pop(draft[0], None)) is not None:
            self._freed(held)

    @rule(target=visits, draft=begun, keep=st.booleans())
    def book_what_a_draft_asks_for(self, draft: tuple[UUID, Ask], keep: bool) -> UUID | None:  # noqa: FBT001 - as above
        self._release(draft)
        return self._book(draft[1], frozenset(self.model.near(draft[1]) if keep else ()))

    @rule(target=visits, draft=consumes(begun), answer=st.sampled_from(["none", "keep", "replace"]))
    def book_a_draft(self, draft: tuple[UUID, Ask], answer: str) -> UUID | None:
        facts, actor, model = self._draft(draft), self.clinic.actor(draft[1].user), self.model
        if facts.first_choice_at is None:
            return None
        ask = replace(draft[1], first=facts.first_choice_at, second=facts.second_choice_at)
        near = frozenset(model.near(ask))
        decided = Decided(near, answer == "replace") if near and answer != "none" else None
        outcome = self._done(lambda: nearby.book(self.session, actor, Ready(facts, self.catalogue), decided, model.now))
        if facts.schedule_id:
            assert outcome == Booked(facts.schedule_id, replayed=True)
            return facts.schedule_id
        kept, replaced = (near if decided and decided.replace is again else frozenset() for again in (False, True))
        return self._booked_by_draft(draft[0], ask, outcome, kept, replaced)

    @rule(visit_id=visits, user=st.sampled_from(["ada", "omar", "maya", "grace"]), first=TIMES, second=st.none() | TIMES)
    def move(self, visit_id: UUID | None, user: str, first: datetime, second: datetime | None) -> None:
        if visit_id is None:
            return
        request = MoveRequest(visit_id, first, second)
        self._moved(visit_id, user, (first, second), self._done(lambda: moving.move(self.session, self.clinic.actor(user), request, self.model.now)))

    def _moved(self, visit_id: UUID, user: str, wanted: tuple[datetime, datetime | None], outcome: Moved | Refused | Forbidden) -> None:
        """Assert that a move came to what the model says, and write it there."""
        visit, model = self.model.visits[visit_id], self.model
        if not model.may(user, visit.ask.patient):
            assert outcome == Forbidden()
        elif visit.live and visit.is_moved_to(wanted):
            assert outcome == Moved(visit_id, replayed=True)
        elif visit.live and visit.starts_at > model.now and (to := model.moved(visit_id, wanted)):
            assert outcome == Moved(visit_id)
            model.visits[visit_id] = replace(visit, starts_at=to, moved_to=wanted, other=None)
            self._freed(visit)
        else:
            assert isinstance(outcome, Refused)

    @rule(visit_id=visits, user=st.sampled_from(["ada", "omar", "maya", "grace"]))
    def cancel(self, visit_id: UUID | None, user: str) -> None:
        if visit_id is None:
            return
        visit, model = self.model.visits[visit_id], self.model
        outcome = self._done(lambda: cancelling.cancel(self.session, self.clinic.actor(user), visit_id, None, model.now))
        if not model.may(user, visit.ask.patient):
            assert outcome == Forbidden()
        elif visit.declined or (visit.live and visit.starts_at <= model.now):
            assert isinstance(outcome, Refused)
        else:
            assert outcome == Cancelled(visit_id, replayed=not visit.live)
            if visit.live:
                self._cancelled(visit_id)

    def _cancelled(self, visit_id: UUID) -> None:
        visit = self.model.visits[visit_id]
        self.model.visits[visit_id] = replace(visit, live=False)
        self._freed(visit)

    @rule(link=st.sampled_from([("maya", "leo"), ("maya", "nia"), ("grace", "leo")]), ended=st.booleans())
    def end_a_link_or_take_it_up(self, link: tuple[str, str], ended: bool) -> None:  # noqa: FBT001 - hypothesis calls it by name
        state = LinkState.ENDED if ended else LinkState.ACTIVE
        self.session.execute(update(GuardianLink).where(GuardianLink.id == self.clinic.link(*link)).values(state=state))
        (self.model.ended.add if ended else self.model.ended.discard)(link)

    @rule(minutes=st.sampled_from([1, 4, 10, 25]))
    def wait(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)

    @invariant()
    def every_cell_has_the_holder_that_the_model_knows(self) -> None:
        counts = or_(Occupancy.expires_at.is_(None), Occupancy.expires_at > self.model.now)
        rows = self.session.execute(select(Occupancy.resource_id, Occupancy.cell, Occupancy.schedule_id, Occupancy.draft_id).where(counts))
        found = {(resource, instant_of(cell)): schedule or draft for resource, cell, schedule, draft in rows}
        assert found == self.model.held()

    @invariant()
    def every_visit_stands_where_the_model_knows(self) -> None:
        rows = self.session.execute(select(Schedule.id, Schedule.provider_id, Schedule.starts_at, Schedule.status)).all()
        found = {row.id: (row.provider_id, row.starts_at, row.status) for row in rows}
        assert found == {key: (self.clinic.provider(one.provider), one.starts_at, one.status) for key, one in self.model.visits.items()}

    @invariant()
    def a_user_holds_one_time_at_most(self) -> None:
        holding = self.session.scalars(select(Draft.user_id).where(Draft.held_until > self.model.now, Draft.is_offer.is_(False))).all()
        assert len(holding) == len(set(holding))

    def teardown(self) -> None:
        """Assert that all was written down and told, and leave nothing behind."""
        try:
            assert_told(self.session)
        finally:
            self.session.rollback()
            self.session.close()

    def _book(self, ask: Ask, kept: frozenset[UUID] = frozenset()) -> UUID | None:
        request = self.clinic.request(ask.user, ask.patient, ask.first, second_choice=ask.second, kept=kept, **self._with(ask))
        outcome = self._done(lambda: booking.book(self.session, self.clinic.actor(ask.user), request, self.model.now))
        return self._booked(ask, outcome, kept=kept)

    def _with(self, ask: Ask) -> dict[str, UUID | None]:
        provider_id = self.clinic.provider(ask.provider) if ask.provider else None
        place = {"speciality_id": self.clinic.speciality("family medicine"), "facility_id": self.clinic.facility("harbour")}
        return {**place, "provider_id": provider_id, "visit_option_id": self.clinic.option(ask.option)}

    def _draft(self, draft: tuple[UUID, Ask]) -> DraftFacts:
        found = stored.draft(self.session, draft[0], self.clinic.user(draft[1].user), self.clinic.patient(draft[1].patient), lock=True)
        assert found is not None
        return found[0]

    def _booked_by_draft(
        self, draft_id: UUID, ask: Ask, outcome: Booked | Refused | Forbidden, kept: frozenset[UUID], replaced: frozenset[UUID] = frozenset()
    ) -> UUID | None:
        """Do as `_booked` when a draft is booked: the time that it holds is there for it, else whatever its user holds."""
        model, before = self.model, dict(self.model.holds)
        mine = model.holds.pop(draft_id, None)
        others = [] if mine else model.give_up(ask.user)
        # With a clinician of their choice people get what they hold.
        freed = others if mine is None else [] if ask.provider and not model.repeated(ask) else [mine]
        booked = self._booked(ask, outcome, freed, kept, replaced)
        if booked is None:
            model.holds = before
        return booked

    def _booked(
        self,
        ask: Ask,
        outcome: Booked | Refused | Forbidden,
        freed: list[Hold] | None = None,
        kept: frozenset[UUID] = frozenset(),
        replaced: frozenset[UUID] = frozenset(),
    ) -> UUID | None:
        """Assert that a wish came to what the model says, and write it there."""
        model = self.model
        if not model.may(ask.user, ask.patient):
            assert outcome == Forbidden()
            return None
        if (earlier := model.repeated(ask)) is not None:
            assert outcome == Booked(earlier, replayed=True)
            self._freed(*freed or ())
            return earlier
        given = model.given(ask)
        if given is None or not model.admits(ask, kept, replaced) or any(model.visits[one].starts_at <= model.now for one in replaced):
            assert isinstance(outcome, Refused)
            return None
        assert isinstance(outcome, Booked)
        assert not outcome.replayed
        provider_id = self.session.scalars(select(Schedule.provider_id).where(Schedule.id == outcome.schedule_id)).one()
        [provider] = [name for name in given[1] if self.clinic.provider(name) == provider_id]
        requested = model.is_by_request(ask)
        model.visits[outcome.schedule_id] = Visit(ask, provider, given[0], model.now, requested=requested, other=ask.second if requested else None)
        self._freed(*freed or ())
        for one in sorted(replaced, key=lambda visit_id: visit_id.bytes):
            self._cancelled(one)
        return outcome.schedule_id

    def _freed(self, *times: Hold | Visit) -> None:
        """Follow the offers of times that somebody has let go of, in this order."""
