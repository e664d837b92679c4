"""Named queries about users, their browser sessions and bearer keys."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from portal.domain.audit import Origin
from portal.domain.guardianship import Actor
from portal.storage.clinic import Account
from portal.storage.core import run
from portal.storage.people import ApiKey, GuardianLink, User, UserSession
from portal.storage.prepared import Prepared


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user with a live browser session; `revision` is that of their account's catalogue, `has_links` counts guardian links of any state.

    `level` is 2 when a second factor was given too; `proved_at` is when the person last proved who they are.
    """

    user_id: UUID
    account_id: UUID
    own_patient_id: UUID | None
    name: str
    language: str
    revision: int
    has_links: bool
    created_at: datetime
    seen_at: datetime
    session_id: UUID | None = None
    level: int = 1
    proved_at: datetime | None = None
    role: str = "person"

    def actor(self, origin: Origin) -> Actor:
        """Return the user as the rules see them, acting from somewhere."""
        return Actor(self.user_id, self.account_id, self.own_patient_id, origin)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What sign-in compares: the user's id and the stored hash of their password."""

    user_id: UUID
    password_hash: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where mail to a user goes, and in which language."""

    account_id: UUID
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A stored bearer key; `user_id` None means any user of the account."""

    id: str
    secret_hash: str
    account_id: UUID
    user_id: UUID | None
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None = None


# The columns of SignedIn; other queries may join more to whom they find.
SIGNED_IN = (
    select(
        User.id,
        User.account_id,
        User.patient_id,
        User.name,
        User.language,
        Account.revision,
        exists().where(GuardianLink.user_id == User.id),
        UserSession.created_at,
        UserSession.seen_at,
        UserSession.id,
        UserSession.level,
        UserSession.proved_at,
        User.role,
    )
    .join(User, User.id == UserSession.user_id)
    .join(Account, Account.id == User.account_id)
    .where(UserSession.token_hash == bindparam("token_hash"), UserSession.revoked_at.is_(None), User.active)
)
_SIGNED_IN = Prepared(SIGNED_IN)
_CREDENTIALS = select(User.id, User.password_hash).where(User.email == bindparam("email"), User.active)
_OWN_CREDENTIALS = select(User.id, User.password_hash).where(User.id == bindparam("user_id"), User.active)
_RECIPIENT = select(User.account_id, User.email, User.language).where(User.id == bindparam("user_id"))
_KEY_COLUMNS = (ApiKey.id, ApiKey.secret_hash, ApiKey.account_id, ApiKey.user_id, ApiKey.expires_at, ApiKey.revoked_at, ApiKey.last_used_at)
_KEY = Prepared(select(*_KEY_COLUMNS).where(ApiKey.id == bindparam("key_id")))


def signed_in(session: Session, token_hash: str) -> SignedIn | None:
    """Return the user of a browser session that nobody has ended, or None; its age is for the caller to judge."""
    row = _SIGNED_IN.one(session, {"token_hash": token_hash})
    return None if row is None else SignedIn(*row)


def credentials(session: Session, email: str) -> Credentials | None:
    """Return what to compare for a normalised e-mail address, or None when no active user has it."""
    row = run(session, _CREDENTIALS, {"email": email}).one_or_none()
    return None if row is None else Credentials(*row)


def own_credentials(session: Session, user_id: UUID) -> Credentials | None:
    """Return what to compare for a user, or None when they are not active."""
    row = run(session, _OWN_CREDENTIALS, {"user_id": user_id}).one_or_none()
    return None if row is None else Credentials(*row)


def recipient(session: Session, user_id: UUID) -> Recipient:
    """Return where mail to a user goes; raises NoResultFound for an unknown one."""
    return Recipient(*run(session, _RECIPIENT, {"user_id": user_id}).one())


def key(session: Session, key_id: str) -> KeyFacts | None:
    """Return a stored bearer key by its public id, or None."""
    row = _KEY.one(session, {"key_id": key_id})
    return None if row is None else KeyFacts(*row)


def touch(session: Session, token_hash: str, now: datetime) -> None:
    """Record that a browser session was used."""
    run(session, update(UserSession).where(UserSession.token_hash == token_hash).values(seen_at=now))


def prove(session: Session, token_hash: str, now: datetime) -> None:
    """Record that the person of a browser session has proved who they are."""
    run(session, update(UserSession).where(UserSession.token_hash == token_hash).values(proved_at=now))


def change_user(session: Session, user_id: UUID, **columns: str) -> None:
    """Write columns of a user."""
    session.execute(update(User).where(User.id == user_id).values(**columns))


def change_language(session: Session, user_id: UUID, language: str) -> bool:
    """Write the language of a user; False when it was that before."""
    return run(session, update(User).where(User.id == user_id, User.language != language).values(language=language)).rowcount > 0


def revoke(session: Session, token_hash: str, now: datetime) -> None:
    """End a browser session for good."""
    run(session, update(UserSession).where(UserSession.token_hash == token_hash, UserSession.revoked_at.is_(None)).values(revoked_at=now))
