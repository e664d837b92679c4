"""What must stand where, told as simply as it can be: who holds which five minutes, kept in a dictionary and nothing else."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from portal.domain.schedule import Status
from portal.domain.waiting import OfferState, WaitState
from tests.clinic import GUARDIANS, OPTIONS, USERS, Clinic

CELL = timedelta(minutes=5)
HOLD, OFFER = timedelta(minutes=10), timedelta(minutes=20)
Cell = tuple[UUID, datetime]


@dataclass(frozen=True)
class Ask:
    """One wish for a visit: who asks, for whom, with whom (None: either clinician), for what, when first and when else."""

    user: str
    patient: str
    provider: str | None
    option: str
    first: datetime
    second: datetime | None

    @property
    def times(self) -> tuple[datetime, ...]:
        """The times asked for, the first choice first."""
        return (self.first,) if self.second is None else (self.first, self.second)


@dataclass(frozen=True)
class Visit:
    """A visit that was booked: as what it was asked for, where it stands, and how it was last moved.

    While it is `requested` the practice has not decided yet, and it holds its `other` time too.
    """

    ask: Ask
    provider: str
    starts_at: datetime
    booked_at: datetime
    live: bool = True
    moved_to: tuple[datetime, datetime | None] | None = None
    requested: bool = False
    other: datetime | None = None
    declined: bool = False

    @property
    def times(self) -> tuple[datetime, ...]:
        """The times that it holds."""
        return (self.starts_at,) if self.other is None else (self.starts_at, self.other)

    @property
    def status(self) -> Status:
        """What has become of it."""
        if self.live:
            return Status.REQUESTED if self.requested else Status.BOOKED
        return Status.DECLINED if self.declined else Status.CANCELLED

    def is_moved_to(self, wanted: tuple[datetime, datetime | None]) -> bool:
        """Tell whether the last move was for these choices; a request keeps the time alone that it was moved to."""
        if self.moved_to is None or not self.requested:
            return self.moved_to == wanted
        return self.starts_at == (wanted[0] if self.starts_at == self.moved_to[0] else wanted[1])


@dataclass(frozen=True)
class Hold:
    """A time that a draft holds for its user, until an instant; of the user's own choice, or an offer of the wait list."""

    user: str
    patient: str
    provider: str
    option: str
    starts_at: datetime
    until: datetime
    is_offer: bool = False


@dataclass(frozen=True)
class Wait:
    """Somebody who waits for a time, or for an earlier one than a visit has: by which wish, since when, told of what."""

    ask: Ask
    since: datetime
    visit_id: UUID | None = None
    state: WaitState = WaitState.WAITING
    told: frozenset[tuple[str, datetime]] = frozenset()


@dataclass(frozen=True)
class Offered:
    """A time that was offered to somebody who waits: the draft that holds it, with whom, when, until when."""

    wait_id: UUID
    draft_id: UUID
    provider: str
    starts_at: datetime
    until: datetime
    state: OfferState = OfferState.OPEN


@dataclass
class Model:
    """All that stands, and the clock; `most` visits ahead a patient may have, and with `asks` check-ups of one day are asked about."""

    clinic: Clinic
    now: datetime
    most: int
    asks: bool
    visits: dict[UUID, Visit] = field(default_factory=dict)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    ended: set[tuple[str, str]] = field(default_factory=set)
    waits: dict[UUID, Wait] = field(default_factory=dict)
    offers: dict[UUID, Offered] = field(default_factory=dict)

    def may(self, user: str, patient: str) -> bool:
        """Tell whether a user may act for a patient now."""
        return USERS.get(user) == patient or ((user, patient) in GUARDIANS and (user, patient) not in self.ended)

    def held(self) -> dict[Cell, UUID]:
        """Return who holds each five minutes of each clinician and patient; asserts that nobody shares any."""
        found: dict[Cell, UUID] = {}
        for holder, cells in self._holders():
            for cell in cells:
                assert cell not in found, "the model itself has let two hold the same"
                found[cell] = holder
        return found

    def _holders(self) -> Iterator[tuple[UUID, Iterable[Cell]]]:
        for visit_id, visit in self.visits.items():
            if visit.live:
                # The two times of a request may share some of it.
                yield visit_id, {cell for start in visit.times for cell in self.cells(visit.ask, visit.provider, start)}
        for draft_id, hold in self.holds.items():
            if self.now < hold.until:
                yield draft_id, self.cells(hold, hold.provider, hold.starts_at)

    def cells(self, what: Ask | Hold, provider: str, start: datetime) -> list[Cell]:
        """Return what a visit holds: its own minutes of the patient, and with the breaks around it of the clinician."""
        option = OPTIONS[what.option]
        before, after = (timedelta(minutes=option.get(name, 0)) for name in ("buffer_before_minutes", "buffer_after_minutes"))
        end = start + timedelta(minutes=option["minutes"])
        ours = [(self.clinic.patient(what.patient), time) for time in _steps(start, end)]
        return ours + [(self.clinic.provider(provider), time) for time in _steps(start - before, end + after)]

    def is_free(self, ask: Ask, provider: str, start: datetime, besides: UUID | None = None) -> bool:
        """Tell whether nobody but `besides` holds any of what a visit would hold."""
        held = self.held()
        return all(held.get(cell, besides) == besides for cell in self.cells(ask, provider, start))

    def free_with(self, ask: Ask, start: datetime, besides: UUID | None = None) -> set[str]:
        """Return the clinicians with whom a visit could be at a time."""
        wanted = [ask.provider] if ask.provider else ["chen", "novak"]
        return {provider for provider in wanted if self.is_free(ask, provider, start, besides)}

    def can_be_asked(self, ask: Ask) -> bool:
        """Tell whether both times are two and far enough ahead."""
        earliest = self.now + timedelta(minutes=OPTIONS[ask.option]["notice_minutes"])
        return ask.first != ask.second and all(time >= earliest for time in ask.times)

    def repeated(self, ask: Ask) -> UUID | None:
        """Return the live visit that the same wish has made."""
        return next((visit_id for visit_id, visit in self.visits.items() if visit.live and visit.ask == ask), None)

    def near(self, ask: Ask) -> set[UUID]:
        """Return the visits of the patient about which somebody is to be asked before this one is booked: all times are of one day."""
        asked = self.asks and ask.option == "check-up"
        return {
            visit_id
            for visit_id, visit in self.visits.items()
            if asked and visit.live and visit.ask.patient == ask.patient and visit.ask.option == ask.option
        }

    def coming(self, patient: str) -> set[UUID]:
        """Return the visits that lie ahead of a patient."""
        return {visit_id for visit_id, visit in self.visits.items() if visit.live and visit.ask.patient == patient and visit.starts_at > self.now}

    def admits(self, ask: Ask, kept: Collection[UUID] = (), replaced: Collection[UUID] = ()) -> bool:
        """Tell whether the practice's rules leave room for a visit beside those kept and instead of those replaced."""
        return self.near(ask) <= {*kept, *replaced} and len(self.coming(ask.patient) - set(replaced)) < self.most

    def is_by_request(self, ask: Ask) -> bool:
        """Tell whether the practice decides about what is asked for."""
        return self.asks and ask.option == "phone"

    def given(self, ask: Ask, besides: UUID | None = None) -> tuple[datetime, set[str]] | None:
        """Return the time that a wish gets and with whom it may be, or None when it gets none."""
        if not self.can_be_asked(ask):
            return None
        if self.is_by_request(ask) and besides is None:
            both = set.intersection(*(self.free_with(ask, time) for time in ask.times))
            return (ask.first, both) if both else None
        return next(((time, free) for time in ask.times if (free := self.free_with(ask, time, besides))), None)

    def moved(self, visit_id: UUID, to: tuple[datetime, datetime | None]) -> datetime | None:
        """Return where a live visit that has not begun gets when it is to be moved, or None when it stays."""
        visit = self.visits[visit_id]
        ask = replace(visit.ask, provider=visit.provider, first=to[0], second=to[1])
        found = self.given(ask, visit_id)
        return found[0] if found else None

    def hold(self, draft_id: UUID, ask: Ask, provider: str) -> None:
        """Let a draft hold its first choice, in place of all else that its user holds."""
        self.give_up(ask.user)
        self.holds[draft_id] = Hold(ask.user, ask.patient, provider, ask.option, ask.first, self.now + HOLD)

    def holding(self, user: str) -> UUID | None:
        """Return the draft by which a user holds what they chose."""
        return next((draft_id for draft_id, hold in self.holds.items() if hold.user == user and not hold.is_offer), None)

    def give_up(self, user: str) -> list[Hold]:
        """Let go of what a user holds by choice, and return it."""
        draft_id = self.holding(user)
        return [] if draft_id is None else [self.holds.pop(draft_id)]

    def turn(self, provider: str, start: datetime) -> UUID | None:
        """Return who of those who wait is offered a freed time: first who has no visit, and of these who has waited longest."""
        waiting = sorted(self.waits.items(), key=lambda pair: (pair[1].visit_id is not None, pair[1].since))
        return next((wait_id for wait_id, wait in waiting if self._suits(wait, provider, start)), None)

    def offered_until(self, wait: Wait, start: datetime) -> datetime:
        """Return until when an offer that is made now is held."""
        return min(self.now + OFFER, start - timedelta(minutes=OPTIONS[wait.ask.option]["notice_minutes"]))

    def _suits(self, wait: Wait, provider: str, start: datetime) -> bool:
        ask = replace(wait.ask, first=start, second=None)
        return (
            wait.state == WaitState.WAITING
            and (provider, start) not in wait.told
            and ask.provider in (None, provider)
            and self.may(ask.user, ask.patient)
            and self.now < self.offered_until(wait, start)
            and self._is_wanted(wait, start)
            and self.is_free(ask, provider, start)
        )

    def _is_wanted(self, wait: Wait, start: datetime) -> bool:
        if wait.visit_id is not None:
            visit = self.visits[wait.visit_id]
            return visit.live and self.now < visit.starts_at and start < visit.starts_at
        alike = [one for one in self.visits.values() if (one.ask.patient, one.ask.option) == (wait.ask.patient, wait.ask.option)]
        found = any(one.live and one.booked_at >= wait.since for one in alike)
        return not found and len(self.coming(wait.ask.patient)) < self.most


def _steps(start: datetime, end: datetime) -> list[datetime]:
    return [start + number * CELL for number in range((end - start) // CELL)]
