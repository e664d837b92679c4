"""Keeping tries at passwords to their limits: a try is counted before its password is looked at, and given back when it was right."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain import sign_in_tries as rules
from portal.domain.sign_in_tries import Throttled, Tries, refusal
from portal.domain.throttle import seconds_left
from portal.services import devices
from portal.services.sign_in import normalised
from portal.storage import devices as stored_devices
from portal.storage import sign_in_tries as stored
from portal.storage import throttle

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RATE = "sign-in-failures"
_ALARM = "sign-in-alarm"


@dataclass(frozen=True, slots=True)
class Claim:
    """A try that was counted as a failure until its password has proved right: for whom, for which address, and what was there before."""

    subject: str
    address: str | None
    before: Tries


def of_email(email: str) -> str:
    """Return the subject of tries at an e-mail address, the same whether anybody has it or not."""
    return f"email:{sha256(normalised(email).encode(errors='replace')).hexdigest()}"


def of_device(token: str, user_id: UUID) -> str:
    """Return the subject of a user's own tries in a browser where they have signed in before."""
    return f"device:{devices.digest(token, user_id)}"


def of_proof(user_id: UUID) -> str:
    """Return the subject of tries to prove that whoever is signed in is who they say."""
    return f"proof:{user_id}"


def claim(session: Session, subject: str, address: str | None, now: datetime) -> Claim | Throttled:
    """Count a try of a subject, and of a network address unless it is None; refused tries leave the transaction to be undone.

    The session must have begun as a writer. Never commits.
    """
    before = stored.locked(session, subject, now)
    if (refused := refusal(before, now)) is not None:
        return refused
    stored.write(session, subject, before.after_failure(now), now)
    if address is not None:
        counter = f"sign-in:{address}"
        if not throttle.use(session, counter, rules.FAILED_BY_ADDRESS, now):
            return Throttled(seconds_left(throttle.ends_at(session, counter) or now, now))
    return Claim(subject, address, before)


def succeeded(session: Session, claimed: Claim) -> None:
    """Forget the failures of a subject that has proved right, and the count of its address for this try. Never commits."""
    stored.forget(session, claimed.subject)
    _uncount(session, claimed)


def give_back(session: Session, claimed: Claim) -> None:
    """Undo a try whose password nobody has looked at. Never commits."""
    stored.give_back(session, claimed.subject, claimed.before.next_at)
    _uncount(session, claimed)


def failed(session: Session, now: datetime) -> bool:
    """Count a failure of the whole portal; True, once an hour at most, when there are far more than there were. Never commits."""
    throttle.use(session, _step(now, 0), rules.RATE_COUNT, now)
    recent, before = stored.counts(
        session, _step(now, rules.RATE_STEPS_RECENT + rules.RATE_STEPS_BEFORE - 1), _step(now, rules.RATE_STEPS_RECENT - 1), _step(now, 0)
    )
    throttle.remove_ended(session, now)
    stored.remove_stale(session, now - rules.KEPT)
    return rules.is_unusual(recent, before) and throttle.use(session, _ALARM, rules.ALARM, now)


def forgive(session: Session, user_id: UUID, email: str) -> None:
    """Forget every failure of a user, who has proved by mail that the address is theirs. Never commits."""
    known = [f"device:{digest}" for digest in stored_devices.of_user(session, user_id)]
    for subject in (of_email(email), of_proof(user_id), *known):
        stored.forget(session, subject)


def _uncount(session: Session, claimed: Claim) -> None:
    if claimed.address is not None:
        stored.uncount(session, f"sign-in:{claimed.address}")


def _step(now: datetime, back: int) -> str:
    """Return the subject that counts the failures of a step of time, so many steps back: equally long, so that they sort by time."""
    return f"{_RATE}:{(now - _EPOCH) // rules.RATE_STEP - back:012}"
