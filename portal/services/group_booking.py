"""Booking the visits of a group: all of them in one transaction, or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.booking import BookingRequest, Code
from portal.domain.guardianship import Actor
from portal.domain.mail import Kind
from portal.domain.together import Part
from portal.services import audit, booking, drafts, group_times, holds, letters, rules
from portal.services.authority import authority
from portal.services.booking import ALTERNATIVES, Booked, Case, Forbidden
from portal.services.group_holds import Trouble, seated, why_not
from portal.services.group_times import GroupSearch
from portal.services.groups import search_for
from portal.services.nearby import Near, Ready
from portal.services.offering import offer_given_up
from portal.services.rules import Wanted
from portal.storage import drafts as stored
from portal.storage import occupancy
from portal.storage.core import savepoint
from portal.storage.drafts import DraftFacts, Holder


@dataclass(frozen=True, slots=True)
class NotAll:
    """Nobody of the group was booked: what stands in the way of whom, and the nearest times for all of them (UTC, ascending)."""

    troubles: tuple[Trouble, ...]
    alternatives: tuple[datetime, ...] = ()

    @property
    def taken(self) -> bool:
        """Tell whether somebody else's booking is all that stands in the way."""
        return all(trouble.problem.code is Code.TIME_TAKEN for trouble in self.troubles)


class _NotAllError(Exception):
    """One person of the group cannot be booked, so that what was written for the others is undone."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__()
        self.troubles = tuple(troubles)


def near(session: Session, actor: Actor, ready: Ready, parts: Sequence[Part], now: datetime) -> Near | None:
    """Return the visits of the group's people about which somebody is to be asked before it is booked; they can only be kept beside it."""
    found = []
    for part in parts:
        known = authority(session, actor, part.member.patient_id) if part.member.option.rules.repeat_days else None
        if known is not None:
            wanted = Wanted(ready.catalogue, part.member.option, (part.slot.start,))
            found += rules.near(session, rules.person_for(actor, known, now), wanted)
    return Near(tuple(found), replaceable=False) if found else None


def book(session: Session, actor: Actor, ready: Ready, kept: frozenset[UUID], now: datetime) -> Booked | NotAll | Forbidden:
    """Book all the visits of a complete draft that this transaction has read and locked, or none; a booked one answers its first again.

    `kept` are visits of the same type near one of them that stay. Flushes, never commits.
    """
    draft = ready.draft
    if draft.schedule_id is not None:
        return Booked(draft.schedule_id, replayed=True)
    if draft.first_choice_at is None:
        raise LookupError("a draft without a time cannot be booked")
    search = search_for(draft, ready.catalogue, now)
    try:
        with savepoint(session):
            return _booked(session, actor, replace(ready, draft=replace(draft, kept=kept)), search, draft.first_choice_at)
    except _NotAllError as error:
        if not error.troubles:
            return Forbidden()
        refusal = NotAll(error.troubles)
        return replace(refusal, alternatives=_alternatives(session, search, draft.first_choice_at)) if refusal.taken else refusal


def _booked(session: Session, actor: Actor, ready: Ready, search: GroupSearch, start: datetime) -> Booked:
    """Take the cells of all, then write each visit, then the mail of all, and last each patient's row of the audit."""
    draft, now = ready.draft, search.group.now
    freed: list[Holder] = []
    if (holder := drafts.holder_of(draft)) is not None:
        holds.let_go(session, holder)
    elif draft.holding is not None:
        freed = holds.give_up_all(session, draft.user_id)
    parts = seated(session, draft, search, start, now + timedelta(minutes=ready.catalogue.account.rules.hold_minutes))
    if parts is None:
        raise _NotAllError(why_not(session, search, start))
    cases = _cases(session, actor, ready, parts, now)
    group_id = uuid4()
    ids = [_written(session, draft, replace(case, group_id=group_id), part) for case, part in zip(cases, parts, strict=True)]
    _look_again(session, cases, parts, ids)
    stored.close(session, draft.id, ids[0])
    letters.tell(session, Kind.BOOKED, ids, now)
    offer_given_up(session, ready.catalogue.account.id, freed, now)
    audit.record_all(session, actor, [case.done(schedule_id) for case, schedule_id in zip(cases, ids, strict=True)], now)
    return Booked(ids[0])


def _cases(session: Session, actor: Actor, ready: Ready, parts: Sequence[Part], now: datetime) -> list[Case]:
    """Return what each member asks for; raises _NotAllError, for a member for whom the actor may not book without a word."""
    cases: list[Case] = []
    troubles: list[Trouble] = []
    for turn, part in enumerate(parts):
        case = booking.case_for(session, actor, _request(ready, actor, turn, part), now)
        if case is None:
            raise _NotAllError([])
        problems = rules.problems(session, case.person, case.wanted(part.slot.start), now) if isinstance(case, Case) else case
        troubles += [Trouble(part.member.patient_id, problem) for problem in problems]
        cases += [case] if isinstance(case, Case) else []
    if troubles:
        raise _NotAllError(troubles)
    return cases


def _request(ready: Ready, actor: Actor, turn: int, part: Part) -> BookingRequest:
    draft = ready.draft
    own = draft.companions[turn - 1].reason if turn else draft.reason
    shared = turn == 0 or not own
    return BookingRequest(
        user_id=actor.user_id,
        account_id=actor.account_id,
        patient_id=part.member.patient_id,
        first_choice=part.slot.start,
        reason=own or draft.reason or drafts.named_reasons(draft.reason_ids, ready.catalogue),
        provider_id=part.slot.provider.id,
        speciality_id=draft.speciality_id,
        facility_id=draft.facility_id,
        visit_option_id=part.member.option.id,
        note=None if turn else draft.note,
        reason_ids=draft.reason_ids if shared else (),
        kept=draft.kept,
    )


def _written(session: Session, draft: DraftFacts, case: Case, part: Part) -> UUID:
    spans = part.cells()
    return booking.write(session, case, part.slot, lambda schedule_id: occupancy.become(session, draft.id, schedule_id, spans))


def _look_again(session: Session, cases: Sequence[Case], parts: Sequence[Part], ids: Sequence[UUID]) -> None:
    """Ask again what counts a patient's visits, patient by patient in the order of their ids, so that two groups never wait in a circle."""
    troubles = []
    found = zip(cases, parts, ids, strict=True)
    for case, part, schedule_id in sorted(found, key=lambda one: one[0].request.patient_id.bytes):
        broken = rules.problems_since(session, case.person, case.wanted(part.slot.start), schedule_id, case.asked.now)
        troubles += [Trouble(case.request.patient_id, problem) for problem in broken]
    if troubles:
        raise _NotAllError(troubles)


def _alternatives(session: Session, search: GroupSearch, start: datetime) -> tuple[datetime, ...]:
    return tuple(group_times.alternatives(session, search, start, ALTERNATIVES))
