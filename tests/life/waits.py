"""What people who wait for a time do, and what freed times do for them, each step in the services and in the model."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, initialize, invariant, multiple, rule
from sqlalchemy import select

from portal.domain.waiting import Days, OfferState, WaitState
from portal.services import waiting
from portal.services.booking import Booked, Forbidden, Refused
from portal.services.moving import Moved
from portal.services.waiting import Over
from portal.storage import schedules
from portal.storage.schedule import Occupancy
from portal.storage.waiting import Offer, Waiting
from tests.life.model import OFFER, Ask, Hold, Offered, Visit, Wait
from tests.life.visits import ASKS, MORNING, PEOPLE, TEN, Visits

DAYS = Days(MORNING.date(), None)
TICK = timedelta(seconds=1)
LATER = TEN + timedelta(hours=1)
BOOKED = (
    Ask("ada", "ada", "chen", "check-up", TEN, None),
    Ask("maya", "leo", "chen", "check-up", LATER, None),
    Ask("omar", "omar", "novak", "phone", LATER, None),
)
NUMBERS = st.integers(0, 9)


class Waits(Visits):
    """What people do who wait, besides."""

    waiting: Bundle[UUID | None] = Bundle("waiting")

    @initialize(target=Visits.visits, full=st.booleans())
    def begin_with_visits(self, full: bool) -> MultipleResults[UUID | None]:  # noqa: FBT001 - hypothesis calls it by name
        """Begin half of all lives with what others can wait for."""
        return multiple(*(self._book(ask) for ask in BOOKED if full))

    @initialize(target=waiting, people=st.lists(PEOPLE, max_size=4), anybody=st.booleans())
    def begin_with_people_who_wait(self, people: list[tuple[str, str]], anybody: bool) -> MultipleResults[UUID | None]:  # noqa: FBT001 - as above
        return multiple(*(self._waits(Ask(*one, None if anybody else "chen", "check-up", TEN, None)) for one in people))

    @rule(target=waiting, ask=ASKS)
    def wait_for_a_time(self, ask: Ask) -> UUID | None:
        return self._waits(ask)

    @rule(target=waiting, visit_id=Visits.visits, people=PEOPLE, anybody=st.booleans())
    def wait_for_what_another_has(self, visit_id: UUID | None, people: tuple[str, str], anybody: bool) -> UUID | None:  # noqa: FBT001 - hypothesis calls it by name
        if visit_id is None:
            return None
        visit = self.model.visits[visit_id]
        return self._waits(replace(visit.ask, user=people[0], patient=people[1], provider=None if anybody else visit.provider))

    def _waits(self, ask: Ask) -> UUID | None:
        model = self.model
        if not model.may(ask.user, ask.patient):
            return None
        model.now += TICK
        draft = self._draft(self._begun(ask))
        wait_id = waiting.join(self.session, draft, DAYS, self.catalogue, model.now)
        assert isinstance(wait_id, UUID)
        self._joined(wait_id, Wait(ask, model.now))
        return wait_id

    @rule(target=waiting, visit_id=Visits.visits, user=st.sampled_from(["ada", "omar", "maya", "grace"]))
    def wait_for_something_earlier(self, visit_id: UUID | None, user: str) -> UUID | None:
        model = self.model
        view = schedules.view(self.session, visit_id) if visit_id else None
        if visit_id is None or view is None:
            return None
        model.now += TICK
        visit = model.visits[visit_id]
        wait_id = waiting.join_earlier(self.session, self.clinic.actor(user), view, DAYS, model.now)
        if not model.may(user, visit.ask.patient) or not visit.live or visit.starts_at <= model.now:
            assert wait_id == Forbidden()
            return None
        assert isinstance(wait_id, UUID)
        self._joined(wait_id, Wait(replace(visit.ask, user=user, provider=visit.provider), model.now, visit_id))
        return wait_id

    def _joined(self, wait_id: UUID, wait: Wait) -> None:
        def of(one: Wait) -> tuple[object, ...]:
            what = (one.visit_id,) if one.visit_id else (one.ask.option, one.ask.provider)
            return one.ask.user, one.ask.patient, *what

        living = (WaitState.WAITING, WaitState.OFFERED)
        same = [key for key, one in self.model.waits.items() if of(one) == of(wait) and one.state in living]
        assert same in ([], [wait_id])
        if not same:
            self.model.waits[wait_id] = wait

    @rule(visit_id=Visits.visits)
    def call_off(self, visit_id: UUID | None) -> None:
        if visit_id is not None:
            self.cancel(visit_id, self.model.visits[visit_id].ask.user)

    @rule(number=NUMBERS)
    def accept(self, number: int) -> None:
        self._answer(number, self._accept)

    @rule(number=NUMBERS)
    def decline(self, number: int) -> None:
        self._answer(number, self._decline)

    @rule(number=NUMBERS)
    def accept_as_somebody_else(self, number: int) -> None:
        self._answer(number, self._accept_for_others)

    def _answer(self, number: int, way: Callable[[UUID, Offered, Wait], None]) -> None:
        """Let one of the newest offers be answered."""
        if self.model.offers:
            offer_id = list(self.model.offers)[-1 - number % len(self.model.offers)]
            offered = self.model.offers[offer_id]
            way(offer_id, offered, self.model.waits[offered.wait_id])

    def _accept_for_others(self, offer_id: UUID, _: Offered, wait: Wait) -> None:
        other = next(user for user in ("ada", "omar") if user != wait.ask.user)
        assert self._done(lambda: waiting.accept(self.session, self.clinic.actor(other), offer_id, self.model.now)) == Forbidden()

    def _accept(self, offer_id: UUID, offered: Offered, wait: Wait) -> None:
        model = self.model
        ask = replace(wait.ask, provider=offered.provider, first=offered.starts_at, second=None)
        near = frozenset(model.near(ask))
        outcome = self._done(lambda: waiting.accept(self.session, self.clinic.actor(ask.user), offer_id, model.now))
        if offered.state == OfferState.ACCEPTED:
            assert isinstance(outcome, Booked | Moved)
            assert outcome.replayed
            return
        if offered.state == OfferState.DECLINED or wait.state in (WaitState.DONE, WaitState.LEFT):
            assert outcome == Over()
            return
        before = tuple(dict(one) for one in (model.visits, model.holds, model.waits, model.offers))
        if offered.state == OfferState.PASSED and (other := self._open_offer(offered.wait_id)) is not None:
            model.waits[offered.wait_id] = replace(wait, state=WaitState.LEFT)
            self._ended(other, OfferState.DECLINED)
        model.offers[offer_id] = replace(offered, state=OfferState.ACCEPTED)
        model.waits[offered.wait_id] = replace(model.waits[offered.wait_id], state=WaitState.DONE)
        if wait.visit_id is None:
            self._booked_by_draft(offered.draft_id, ask, self._of(outcome, Booked), near)
        else:
            model.holds.pop(offered.draft_id, None)
            self._moved(wait.visit_id, ask.user, (offered.starts_at, None), self._of(outcome, Moved))
        if isinstance(outcome, Refused | Forbidden):
            model.visits, model.holds, model.waits, model.offers = before  # type: ignore[assignment]

    @staticmethod
    def _of(outcome: Any, kind: type) -> Any:  # noqa: ANN401 - what a service says
        assert isinstance(outcome, (kind, Refused, Forbidden))
        return outcome

    def _decline(self, offer_id: UUID, offered: Offered, wait: Wait) -> None:
        assert waiting.decline(self.session, self.clinic.actor(wait.ask.user), offer_id, self.model.now)
        if offered.state == OfferState.OPEN:
            self.model.waits[offered.wait_id] = replace(wait, state=WaitState.WAITING)
            self._ended(offer_id, OfferState.DECLINED)

    @rule(wait_id=waiting)
    def leave(self, wait_id: UUID | None) -> None:
        if wait_id is None:
            return
        wait, opened = self.model.waits[wait_id], self._open_offer(wait_id)
        assert waiting.leave(self.session, self.clinic.actor(wait.ask.user), wait_id, self.model.now)
        self.model.waits[wait_id] = replace(wait, state=WaitState.DONE if wait.state == WaitState.DONE else WaitState.LEFT)
        if opened is not None:
            self._ended(opened, OfferState.DECLINED)

    @rule()
    def sweep(self) -> None:
        model = self.model
        while waiting.sweep(self.session, model.now):
            pass
        # What is offered on meanwhile is not over yet.
        over = sorted((one.until, offer_id) for offer_id, one in model.offers.items() if one.state == OfferState.OPEN and one.until <= model.now)
        for _, offer_id in over:
            wait_id = model.offers[offer_id].wait_id
            model.waits[wait_id] = replace(model.waits[wait_id], state=WaitState.WAITING)
            self._ended(offer_id, OfferState.PASSED)
        held = sorted((hold.until, draft_id) for draft_id, hold in model.holds.items() if not hold.is_offer and hold.until <= model.now)
        for _, draft_id in held:
            self._freed(model.holds.pop(draft_id))
        assert self.session.scalars(select(Occupancy.cell).where(Occupancy.expires_at <= model.now)).all() == []

    @rule()
    def let_offers_pass(self) -> None:
        self.model.now += OFFER
        self.sweep()

    def _open_offer(self, wait_id: UUID) -> UUID | None:
        opened = [key for key, one in self.model.offers.items() if (one.wait_id, one.state) == (wait_id, OfferState.OPEN)]
        assert len(opened) < 2
        return opened[0] if opened else None

    def _ended(self, offer_id: UUID, state: OfferState) -> None:
        offered = self.model.offers[offer_id]
        self.model.offers[offer_id] = replace(offered, state=state)
        self._freed(self.model.holds.pop(offered.draft_id))

    def _freed(self, *times: Hold | Visit) -> None:
        """Offer times that somebody has let go of, in this order, to whoever's turn it is."""
        for time in times:
            for start in time.times if isinstance(time, Visit) else (time.starts_at,):
                wait_id = self.model.turn(time.provider, start)
                if wait_id is not None:
                    self._offer(wait_id, time.provider, start)

    def _offer(self, wait_id: UUID, provider: str, start: datetime) -> None:
        model, wait = self.model, self.model.waits[wait_id]
        place = Offer.provider_id == self.clinic.provider(provider), Offer.starts_at == start
        row = self.session.execute(select(Offer.id, Offer.draft_id).where(Offer.waiting_id == wait_id, *place)).one_or_none()
        # Where a step is undone there is none, and the model forgets it too.
        offer_id, draft_id = (row.id, row.draft_id) if row else (uuid4(), uuid4())
        until = model.offered_until(wait, start)
        model.waits[wait_id] = replace(wait, state=WaitState.OFFERED, told=wait.told | {(provider, start)})
        model.offers[offer_id] = Offered(wait_id, draft_id, provider, start, until)
        model.holds[draft_id] = Hold(wait.ask.user, wait.ask.patient, provider, wait.ask.option, start, until, is_offer=True)

    @invariant()
    def every_offer_is_the_one_that_the_model_made(self) -> None:
        rows = self.session.execute(select(Offer.id, Offer.waiting_id, Offer.starts_at, Offer.expires_at, Offer.state)).all()
        found = {row.id: (row.waiting_id, row.starts_at, row.expires_at, row.state) for row in rows}
        assert found == {key: (one.wait_id, one.starts_at, one.until, one.state) for key, one in self.model.offers.items()}

    @invariant()
    def whoever_waits_is_where_the_model_knows(self) -> None:
        rows = self.session.execute(select(Waiting.id, Waiting.state)).all()
        assert {row.id: row.state for row in rows} == {key: one.state for key, one in self.model.waits.items()}
