"""Who calls: the bearer key of a client program. Cookies never count at this door."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, g, request

from portal import context
from portal.api import errors, repeats, throttle
from portal.domain.audit import Deed, Door, Origin
from portal.domain.guardianship import Act, Actor, may, rights
from portal.domain.programs import Program
from portal.domain.schedule import ScheduleView
from portal.domain.throttle import network
from portal.services import audit, keys
from portal.services.audit import Done
from portal.services.authority import authority
from portal.storage import patients, schedules
from portal.storage.sign_ins import KeyFacts

SCHEME = "bearer "


def caller() -> KeyFacts:
    """Return the live key that the request carries in its one Authorization header, or answer 401.

    The first time it also lets the call through the limits, or answers 429, and answers a call under a known Idempotency-Key.
    """
    found = _found()
    if "key" in g:
        return found or abort(errors.denied())
    if found is None:
        abort(throttle.refuse_stranger(_presented()))
    g.key = found
    _give_again(found, repeats.known(found))
    throttle.admit(found)
    return found


def begin_write() -> KeyFacts:
    """Start writing for the caller, and return the key as this transaction finds it: one that was revoked a moment ago writes nothing."""
    session = context.begin_write()
    key = _found() or abort(errors.denied())
    _give_again(key, repeats.claim(key))
    throttle.count_stored(key)
    keys.touch(session, key, context.now())
    return key


def commit(answer: Response) -> Response:
    """Make what was written last, with the answer that tells it, and return the answer."""
    repeats.keep(answer)
    context.commit()
    return answer


def _give_again(key: KeyFacts, answer: Response | None) -> None:
    """Give what the same call was answered before, if it was. The appointment that an answer tells of is so read once more."""
    if answer is None:
        return
    told = answer.get_json() if repeats.REPLAYED in answer.headers else None
    schedule = schedules.view(context.db(), UUID(told["ID"])) if isinstance(told, dict) and "ID" in told else None
    if schedule is not None:
        # A key of the account has said in the body, which was not read, in whose name it asks: here it is the practice's.
        actor = patients.actor(context.db(), key.user_id) if key.user_id else None
        if actor is not None and not may_see(actor, schedule):
            # the right has gone since the first answer
            abort(errors.denied(HTTPStatus.FORBIDDEN))
        note_seen(replace(actor, origin=_origin(key)) if actor else _origin(key), seen(schedule))
    abort(answer)


def seen(schedule: ScheduleView) -> Done:
    """Return what is written down when a Schedule is answered."""
    return Done(schedule.patient_id, Deed.SAW_SCHEDULE, schedule.id, private=schedule.private)


def note_seen(by: Actor | Origin, *done: Done) -> None:
    """Write down what the answer that has been made shows of whom, in a short transaction of its own.

    To be called after all is read and before the answer is given: what cannot be written down is not answered.
    """
    if done:
        now = context.now()
        named = by_links(by, *done)
        audit.record_all(context.begin_write(), by, named, now)
        context.commit()


def by_links(by: Actor | Origin, *done: Done) -> list[Done]:
    """Return what somebody has seen, each with the link by which they may see that patient; the practice needs none."""
    if isinstance(by, Origin) or all(one.patient_id == by.own_patient_id for one in done):
        return list(done)
    return audit.by_links(by, patients.links(context.db(), by.user_id), done, context.now())


def acting(key: KeyFacts, members: Mapping[str, Any]) -> Actor:
    """Return the user in whose name a key acts: its own, or for a key of the account the one that `UserId` names; or answer 403."""
    return program_for(key, members["UserId"], members["AccountId"]).actor or abort(errors.denied(HTTPStatus.FORBIDDEN))


def patients_for(actor: Actor, act: Act) -> tuple[UUID, ...]:
    """Return every patient for whom the actor may do this."""
    links = patients.links(context.db(), actor.user_id)
    people = patients.cared_for(context.db(), actor)
    return tuple(person.id for person in people if may(actor, act, person.subject, links, context.now()))


def may_see(actor: Actor, schedule: ScheduleView) -> bool:
    """Tell whether the actor may see a schedule; to a guardian a private one is as unknown as any other."""
    known = authority(context.db(), actor, schedule.patient_id)
    if known is None:
        return False
    return may(actor, Act.SEE, replace(known.patient.subject, private=schedule.private), known.links, context.now())


def rights_over(actor: Actor, patient_ids: Iterable[UUID]) -> dict[UUID, frozenset[Act]]:
    """Return all that the actor may do for each of some patients; for themselves alone that takes no query."""
    wanted = set(patient_ids)
    links = patients.links(context.db(), actor.user_id) if wanted - {actor.own_patient_id} else []
    return {patient_id: rights(actor, patient_id, links, context.now()) for patient_id in wanted}


def actor_for(key: KeyFacts, user_id: UUID, account_id: UUID) -> Actor:
    """Return the user in whose name the key may act, or answer 403, the same whether the user exists or not."""
    actor = patients.actor(context.db(), user_id) if key.user_id in (None, user_id) else None
    if actor is None or actor.account_id != key.account_id or account_id != key.account_id:
        abort(errors.denied(HTTPStatus.FORBIDDEN))
    return replace(actor, origin=_origin(key))


def program_for(key: KeyFacts, user_id: UUID | None = None, account_id: UUID | None = None) -> Program:
    """Return in whose name the key acts, or answer 403: in its user's, or a key of an account in that of the user named, if any.

    Ids may be left out or empty; the others must be the key's own.
    """
    user, account = given(user_id) or key.user_id, given(account_id) or key.account_id
    if account != key.account_id:
        abort(errors.denied(HTTPStatus.FORBIDDEN))
    return Program(account, actor_for(key, user, account) if user else None, _origin(key))


def given(sent: UUID | None) -> UUID | None:
    """Return an id that was sent; the empty one of programs that cannot leave a member out is none."""
    return sent if sent is not None and sent.int else None


def _origin(key: KeyFacts) -> Origin:
    return Origin(Door.CALL, network(request.remote_addr or ""), key.id)


def _presented() -> str:
    header = request.headers.get("Authorization", "")
    return header[len(SCHEME) :] if header[: len(SCHEME)].lower() == SCHEME else ""


def _found() -> KeyFacts | None:
    presented = _presented()
    return keys.find(context.db(), presented, context.now()) if presented else None
