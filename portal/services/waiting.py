"""The wait list: joining and leaving it, and what becomes of an offer: accepted, declined, or passed by itself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.catalogue import Catalogue
from portal.domain.guardianship import Act, Actor
from portal.domain.moving import MoveRequest
from portal.domain.schedule import Change, ScheduleView, change_problem
from portal.domain.waiting import Days, OfferState, WaitCode, WaitState, wait_codes
from portal.domain.walltime import local_day
from portal.services import changing, holds, moving, nearby
from portal.services.booking import Booked, Forbidden, Refused
from portal.services.drafts import named_reasons, providers_of
from portal.services.moving import Moved
from portal.services.nearby import Ready
from portal.services.offering import Freed, offer_freed
from portal.storage import catalogue as catalogues
from portal.storage import drafts as stored
from portal.storage import waits
from portal.storage.drafts import DraftFacts, Holder
from portal.storage.waits import OfferFacts, WaitFacts

_ANSWERS = ("patient_id", "speciality_id", "facility_id", "provider_id", "visit_option_id", "note", "private")


@dataclass(frozen=True, slots=True)
class Over:
    """The offer was declined, or whoever got it waits no more."""


@dataclass(frozen=True, slots=True)
class NotPossible:
    """Nobody can wait like that: every reason."""

    codes: tuple[WaitCode, ...]


def join(session: Session, draft: DraftFacts, days: Days, catalogue: Catalogue, now: datetime) -> UUID | NotPossible:
    """Put a draft that lacks only its time on the wait list and return the entry's id; one that waits for the same keeps its place.

    The draft is read and locked. Flushes, never commits.
    """
    provider = providers_of(draft, catalogue)[0]
    if codes := wait_codes(days, provider, None, now):
        return NotPossible(tuple(codes))
    if draft.visit_option_id is None:
        raise LookupError("a draft without a visit cannot wait")
    stored.wait_for_others(session, draft.user_id)
    same = waits.living(session, draft.user_id, draft.patient_id, *waits.same_visit(draft.visit_option_id, draft.provider_id))
    reason = draft.reason or named_reasons(draft.reason_ids, catalogue)
    answers = {name: getattr(draft, name) for name in _ANSWERS} | {"reason_ids": draft.reasons, "reason": reason}
    return _written(session, same, {"user_id": draft.user_id, **answers}, days, now)


def join_earlier(session: Session, actor: Actor, schedule: ScheduleView, days: Days, now: datetime) -> UUID | NotPossible | Forbidden:
    """Put somebody on the wait list for an earlier time of a visit, with the same clinician, and return the entry's id.

    The session must have begun as a writer. Flushes, never commits.
    """
    found = changing.find(session, actor, Act.BOOK, schedule.id, now)
    catalogue = catalogues.current_catalogue(session, schedule.account_id)
    provider = catalogue.providers.get(schedule.provider_id)
    if found is None or provider is None or change_problem(found.schedule, Change.MOVE, now, catalogue.account.rules):
        return Forbidden()
    if codes := wait_codes(days, provider, found.schedule.starts_at, now):
        return NotPossible(tuple(codes))
    stored.wait_for_others(session, actor.user_id)
    same = waits.living(session, actor.user_id, schedule.patient_id, *waits.same_schedule(schedule.id))
    answers = {name: getattr(schedule, name) for name in _ANSWERS} | {
        "reason_ids": " ".join(str(reason_id) for reason_id, _ in schedule.reasons),
        "reason": schedule.reason,
        "facility_id": None,
        "schedule_id": schedule.id,
    }
    return _written(session, same, {"user_id": actor.user_id, **answers}, days, now)


def _written(session: Session, same: WaitFacts | None, columns: dict[str, object], days: Days, now: datetime) -> UUID:
    columns |= {"from_on": days.start, "until_on": days.until}
    if same is not None:
        waits.change(session, same.id, columns)
        return same.id
    entry_id = uuid4()
    waits.add(session, {"id": entry_id, "created_at": now, "state": WaitState.WAITING.value, **columns})
    return entry_id


def leave(session: Session, actor: Actor, waiting_id: UUID, now: datetime) -> bool:
    """Take an entry from the list, and offer to the next what was offered to it; False when the actor has no such entry.

    The session must have begun as a writer. Flushes, never commits.
    """
    # First the offer: whoever accepts it locks the two in this order.
    opened = waits.open_offer(session, waiting_id, actor.user_id)
    entry = waits.of_id(session, waiting_id, actor.user_id)
    if entry is None:
        return False
    waits.change(session, waiting_id, {"state": WaitState.LEFT.value if entry.state != WaitState.DONE else entry.state})
    if opened is not None:
        _end(session, opened, OfferState.DECLINED, now)
    return True


def accept(session: Session, actor: Actor, offer_id: UUID, now: datetime) -> Booked | Moved | Refused | Forbidden | Over:
    """Book the time of an offer, or move to it the visit that was to be earlier, whose time is then offered to the next.

    An offer that has passed can still be had while nobody else has its time. The session must have begun as a writer; after a refusal
    nothing may be committed. Flushes, never commits.
    """
    # First the user, as whoever joins the list does.
    stored.wait_for_others(session, actor.user_id)
    made = waits.offer(session, offer_id, actor.user_id, lock=True)
    if made is None:
        return Forbidden()
    entry = made.waiting
    read = stored.draft(session, made.draft_id, actor.user_id, entry.patient_id, lock=True)
    if read is None:
        return Forbidden()
    if not is_open_to(made):
        return Over()
    if made.state == OfferState.ACCEPTED:
        return _accepted(made, read[0])
    if made.state == OfferState.PASSED and (other := waits.open_offer(session, entry.id, actor.user_id)) is not None:
        waits.change(session, entry.id, {"state": WaitState.LEFT.value})
        _end(session, other, OfferState.DECLINED, now)
    waits.change_offer(session, made.id, OfferState.ACCEPTED)
    waits.change(session, entry.id, {"state": WaitState.DONE.value})
    if entry.schedule_id is None:
        ready = Ready(read[0], catalogues.current_catalogue(session, made.account_id))
        found = nearby.near(session, actor, ready, now)
        return nearby.book(session, actor, ready, nearby.Decided(found.ids, replace=False) if found else None, now)
    _let_go(session, made)
    return moving.move(session, actor, MoveRequest(entry.schedule_id, made.starts_at), now)


def is_open_to(made: OfferFacts) -> bool:
    """Tell whether whoever got an offer can still accept it, or has done so, as far as the list goes."""
    waits_still = made.waiting.state in (WaitState.WAITING, WaitState.OFFERED)
    return made.state == OfferState.ACCEPTED or (waits_still and made.state in (OfferState.OPEN, OfferState.PASSED))


def _accepted(made: OfferFacts, draft: DraftFacts) -> Booked | Moved | Forbidden:
    if draft.schedule_id is not None:
        return Booked(draft.schedule_id, replayed=True)
    return Moved(made.waiting.schedule_id, replayed=True) if made.waiting.schedule_id else Forbidden()


def decline(session: Session, actor: Actor, offer_id: UUID, now: datetime) -> bool:
    """Give up an offered time, which goes to the next; whoever declines goes on waiting for other times. False when there is no such offer.

    The session must have begun as a writer. Flushes, never commits.
    """
    made = waits.offer(session, offer_id, actor.user_id, lock=True)
    if made is None:
        return False
    if made.state == OfferState.OPEN:
        waits.change(session, made.waiting.id, {"state": WaitState.WAITING.value})
        _end(session, made, OfferState.DECLINED, now)
    return True


def sweep(session: Session, now: datetime) -> bool:
    """End one thing whose time is over, an offer or a hold, and offer its time on; tell whether there was any.

    To be called until there is none, each time in a transaction of its own, so that none holds up the others for long. Two that sweep
    at once never end the same. The session must have begun as a writer. Flushes, never commits.
    """
    made = waits.ended_offer(session, now)
    if made is not None:
        waits.change(session, made.waiting.id, {"state": WaitState.WAITING.value})
        _end(session, made, OfferState.PASSED, now)
        return True
    hold = waits.ended_hold(session, now)
    if hold is not None:
        holds.give_up(session, hold.holder)
        offer_freed(session, Freed(hold.account_id, hold.holder.provider_id, hold.holder.starts_at), now)
        return True
    return False


def tidy(session: Session, now: datetime) -> int:
    """Take from the list whoever waits for days that are over, or for an earlier time of a visit that stands no more; return how many.

    Flushes, never commits.
    """
    # Where a day is over latest on earth it is over everywhere.
    return waits.leave_over(session, local_day(now, "Etc/GMT+12"), now)


def _end(session: Session, made: OfferFacts, state: OfferState, now: datetime) -> None:
    """Write what became of an open offer, free its time and offer it to the next."""
    waits.change_offer(session, made.id, state)
    _let_go(session, made)
    offer_freed(session, Freed(made.account_id, made.provider_id, made.starts_at), now)


def _let_go(session: Session, made: OfferFacts) -> None:
    holds.give_up(session, Holder(made.draft_id, made.waiting.patient_id, made.provider_id, made.starts_at))
