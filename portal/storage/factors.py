"""Named queries about second factors: authenticator apps, passkeys, recovery codes, and sign-ins that wait for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from portal.storage.core import run
from portal.storage.people import User, UserSession
from portal.storage.prepared import Prepared
from portal.storage.proofs import Authenticator, Challenge, Passkey, RecoveryCode


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a second factor belongs to, as mail and a device's list of passkeys name them."""

    user_id: UUID
    account_id: UUID
    email: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class App:
    """A person's authenticator app; it counts once it is confirmed."""

    secret: str
    created_at: datetime
    confirmed_at: datetime | None
    last_step: int


@dataclass(frozen=True, slots=True)
class PasskeyEntry:
    """A passkey, as lists show it and as its signatures are checked."""

    id: UUID
    user_id: UUID
    credential_id: str
    public_key: bytes
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A challenge that has not been answered yet; nobody's when it is for signing in by a passkey alone."""

    user_id: UUID | None
    value: bytes
    tries: int
    expires_at: datetime


_PERSON = select(User.id, User.account_id, User.email, User.name, User.language).where(User.id == bindparam("user_id"), User.active)
_PASSKEY = select(Passkey.id, Passkey.user_id, Passkey.credential_id, Passkey.public_key, Passkey.name, Passkey.created_at, Passkey.used_at)
_HAS_APP = exists().where(Authenticator.user_id == bindparam("user_id"), Authenticator.confirmed_at.is_not(None))
_HAS_PASSKEY = exists().where(Passkey.user_id == bindparam("user_id"))
_HAS_FACTOR = select(or_(_HAS_APP, _HAS_PASSKEY))
_START = postgresql.insert(Authenticator).values(user_id=bindparam("user_id"), secret=bindparam("secret"), created_at=bindparam("now"), last_step=0)
# PostgreSQL's form of the statement; SQLite has the same one.
_START_APP = Prepared(
    _START.on_conflict_do_update(
        index_elements=[Authenticator.user_id],
        set_={"secret": _START.excluded.secret, "created_at": _START.excluded.created_at},
        where=Authenticator.confirmed_at.is_(None),
    )
)


def person(session: Session, user_id: UUID, *, lock: bool = False) -> Person | None:
    """Return an active user; locked, their factors change one after the other."""
    row = run(session, _PERSON.with_for_update() if lock else _PERSON, {"user_id": user_id}).one_or_none()
    return None if row is None else Person(*row)


def has_factor(session: Session, user_id: UUID) -> bool:
    """Tell whether a user has a confirmed app or a passkey."""
    return bool(run(session, _HAS_FACTOR, {"user_id": user_id}).scalar_one())


def app(session: Session, user_id: UUID) -> App | None:
    """Return a user's authenticator app, confirmed or not."""
    columns = (Authenticator.secret, Authenticator.created_at, Authenticator.confirmed_at, Authenticator.last_step)
    row = run(session, select(*columns).where(Authenticator.user_id == user_id)).one_or_none()
    return None if row is None else App(*row)


def start_app(session: Session, user_id: UUID, secret: str, now: datetime) -> bool:
    """Write a new secret that waits for its first code, in place of one that waits; False when there is a confirmed one."""
    return _START_APP.write(session, {"user_id": user_id, "secret": secret, "now": now}) > 0


def confirm_app(session: Session, user_id: UUID, step: int, now: datetime) -> bool:
    """Let an app count from now on, by the code of a step; False when none waits."""
    waiting = update(Authenticator).where(Authenticator.user_id == user_id, Authenticator.confirmed_at.is_(None))
    return run(session, waiting.values(confirmed_at=now, last_step=step)).rowcount > 0


def use_step(session: Session, user_id: UUID, step: int) -> bool:
    """Use up the code of a step; False when it or a later one has been used. The statement decides between two who come at once."""
    unused = update(Authenticator).where(Authenticator.user_id == user_id, Authenticator.confirmed_at.is_not(None), Authenticator.last_step < step)
    return run(session, unused.values(last_step=step)).rowcount > 0


def remove_app(session: Session, user_id: UUID) -> None:
    """Remove a user's authenticator app."""
    run(session, delete(Authenticator).where(Authenticator.user_id == user_id))


def passkeys(session: Session, user_id: UUID) -> list[PasskeyEntry]:
    """Return a user's passkeys, oldest first."""
    found = run(session, _PASSKEY.where(Passkey.user_id == user_id).order_by(Passkey.created_at, Passkey.id))
    return [PasskeyEntry(*row) for row in found]


def passkey(session: Session, credential_id: str) -> PasskeyEntry | None:
    """Return the passkey of an active user by the id that the user's device gave it."""
    row = run(session, _PASSKEY.join(User, User.id == Passkey.user_id).where(Passkey.credential_id == credential_id, User.active)).one_or_none()
    return None if row is None else PasskeyEntry(*row)


def add_passkey(session: Session, entry: PasskeyEntry, sign_count: int) -> bool:
    """Write a new passkey; False when somebody has one with its credential id."""
    columns = {
        "id": entry.id,
        "user_id": entry.user_id,
        "credential_id": entry.credential_id,
        "public_key": entry.public_key,
        "sign_count": sign_count,
        "name": entry.name,
        "created_at": entry.created_at,
    }
    adding = postgresql.insert(Passkey).values(**columns).on_conflict_do_nothing(index_elements=[Passkey.credential_id])
    return Prepared(adding).write(session, {}) > 0


def used_passkey(session: Session, passkey_id: UUID, sign_count: int, now: datetime) -> None:
    """Record that a passkey was used."""
    run(session, update(Passkey).where(Passkey.id == passkey_id).values(sign_count=sign_count, used_at=now))


def remove_passkey(session: Session, passkey_id: UUID) -> None:
    """Remove a passkey."""
    run(session, delete(Passkey).where(Passkey.id == passkey_id))


def add_codes(session: Session, user_id: UUID, digests: Sequence[str], now: datetime) -> None:
    """Write new recovery codes of a user."""
    run(session, insert(RecoveryCode), [{"code_hash": one, "user_id": user_id, "created_at": now, "spent_at": None} for one in digests])


def remove_codes(session: Session, user_id: UUID) -> None:
    """Remove all recovery codes of a user."""
    run(session, delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def spend_code(session: Session, user_id: UUID, digest: str, now: datetime) -> bool:
    """Use up a recovery code; False for one that is not the user's or was used."""
    unspent = update(RecoveryCode).where(RecoveryCode.code_hash == digest, RecoveryCode.user_id == user_id, RecoveryCode.spent_at.is_(None))
    return run(session, unspent.values(spent_at=now)).rowcount > 0


def codes_left(session: Session, user_id: UUID) -> int:
    """Return how many recovery codes of a user still work."""
    unspent = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.spent_at.is_(None))
    return run(session, unspent).scalar_one()  # type: ignore[no-any-return]  # a count is a whole number


def remove_ended_challenges(session: Session, now: datetime) -> None:
    """Remove challenges whose time is over."""
    run(session, delete(Challenge).where(Challenge.expires_at <= now))


def add_challenge(session: Session, token_hash: str, kind: str, pending: Pending, now: datetime) -> None:
    """Write a challenge, and remove those whose time is over."""
    remove_ended_challenges(session, now)
    columns = {"token_hash": token_hash, "kind": kind, "user_id": pending.user_id, "value": pending.value, "tries": pending.tries}
    run(session, insert(Challenge).values(**columns, created_at=now, expires_at=pending.expires_at))


def pending(session: Session, token_hash: str, kind: str, now: datetime) -> Pending | None:
    """Return a challenge that can still be answered, by its token's digest."""
    columns = (Challenge.user_id, Challenge.value, Challenge.tries, Challenge.expires_at)
    row = run(session, select(*columns).where(*_open(token_hash, kind, now))).one_or_none()
    return None if row is None else Pending(*row)


def count_try(session: Session, token_hash: str, kind: str, most: int, now: datetime) -> bool:
    """Count a try at a challenge; False, and nothing counted, when there have been `most`."""
    counted = update(Challenge).where(*_open(token_hash, kind, now), Challenge.tries < most)
    return run(session, counted.values(tries=Challenge.tries + 1)).rowcount > 0


def spend_challenge(session: Session, token_hash: str, kind: str, now: datetime) -> bool:
    """Use up a challenge; False when it was used, or is over."""
    return run(session, update(Challenge).where(*_open(token_hash, kind, now)).values(spent_at=now)).rowcount > 0


def remove_challenges(session: Session, user_id: UUID) -> None:
    """Remove every challenge of a user."""
    run(session, delete(Challenge).where(Challenge.user_id == user_id))


def _open(token_hash: str, kind: str, now: datetime) -> list[ColumnElement[bool]]:
    return [Challenge.token_hash == token_hash, Challenge.kind == kind, Challenge.spent_at.is_(None), Challenge.expires_at > now]


def set_level(session: Session, user_id: UUID, level: int) -> None:
    """Say how much the open sessions of a user have proved."""
    run(session, update(UserSession).where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None)).values(level=level))


def end_other_sessions(session: Session, user_id: UUID, token_hash: str, now: datetime) -> None:
    """End all sessions of a user but one."""
    others = update(UserSession).where(UserSession.user_id == user_id, UserSession.token_hash != token_hash, UserSession.revoked_at.is_(None))
    run(session, others.values(revoked_at=now))
