"""Second factors: setting them up and taking them away, and the step of signing in that asks for one."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from importlib import import_module
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.mail import Kind, Letter
from portal.domain.second_factor import (
    CODE_BYTES,
    CODES,
    SECOND_STEP_LIFE,
    SECRET_BYTES,
    TRIES_MAX,
    Change,
    newest_step,
    plain_recovery_code,
    recovery_code,
    steps_around,
)
from portal.domain.throttle import FACTOR_CODES_BY_USER, seconds_left
from portal.services import outbox, throttle
from portal.services.sign_in import TOKEN_BYTES, token_hash
from portal.storage import factors
from portal.storage.factors import App, PasskeyEntry, Pending

CHALLENGE_BYTES = 32
PATH = "/account/two-step"


class Ceremony(StrEnum):
    """What a challenge is for, as its row says."""

    SECOND_STEP = "second_step"
    PASSKEY_SIGN_IN = "passkey_sign_in"
    PASSKEY_ADD = "passkey_add"


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has set up."""

    app: App | None
    passkeys: list[PasskeyEntry]
    codes_left: int

    @property
    def has_app(self) -> bool:
        """Tell whether an app counts: one without a first code does not."""
        return self.app is not None and self.app.confirmed_at is not None

    @property
    def count(self) -> int:
        """Return how many factors count; recovery codes only stand in for them."""
        return self.has_app + len(self.passkeys)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a code: whose it was to give, whether it was right, or how many seconds to wait before the next."""

    user_id: UUID
    right: bool = False
    wait: int = 0


def has_factor(session: Session, user_id: UUID) -> bool:
    """Tell whether somebody has a second factor, and so must give it at each sign-in."""
    return factors.has_factor(session, user_id)


def of_user(session: Session, user_id: UUID) -> Factors:
    """Return what somebody has set up."""
    return Factors(factors.app(session, user_id), factors.passkeys(session, user_id), factors.codes_left(session, user_id))


def challenge(session: Session, kind: Ceremony, user_id: UUID | None, ends_at: datetime, now: datetime) -> tuple[str, bytes]:
    """Write a challenge; return its token, which only a cookie will hold, and what a passkey has to sign. Flushes, never commits."""
    token, value = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_bytes(CHALLENGE_BYTES)
    factors.add_challenge(session, token_hash(token), kind, Pending(user_id, value, 0, ends_at), now)
    return token, value


def begin_second_step(session: Session, user_id: UUID, now: datetime) -> str:
    """Write that somebody knew their password, and return the token of the step that is left. It opens nothing by itself."""
    return challenge(session, Ceremony.SECOND_STEP, user_id, now + SECOND_STEP_LIFE, now)[0]


def pending(session: Session, kind: Ceremony, token: str, now: datetime) -> Pending | None:
    """Return the challenge that a token stands for, or None when it is unknown, over or used."""
    return factors.pending(session, token_hash(token), kind, now)


def spend(session: Session, kind: Ceremony, token: str, now: datetime) -> bool:
    """Use up a challenge; False when somebody was faster."""
    return factors.spend_challenge(session, token_hash(token), kind, now)


def forget_second_steps(session: Session, user_id: UUID) -> None:
    """Let nobody finish a sign-in of somebody whose password has changed. Never commits."""
    factors.remove_challenges(session, user_id)


def give_app_code(session: Session, token: str, typed: str, now: datetime) -> Attempt | None:
    """Answer the second step with a code of the app; None when the step is over. Counts the try: commit whatever comes of it."""
    return _give(session, token, lambda user_id: use_app_code(session, user_id, typed, now), now)


def give_recovery_code(session: Session, token: str, typed: str, now: datetime) -> Attempt | None:
    """Answer the second step with a recovery code, which is used up and told by mail; else as for a code of the app."""
    return _give(session, token, lambda user_id: _use_recovery_code(session, user_id, typed, now), now)


def _give(session: Session, token: str, is_right: Callable[[UUID], bool], now: datetime) -> Attempt | None:
    """Count the try before the code is looked at, so that tries that come together stay within both limits."""
    found = pending(session, Ceremony.SECOND_STEP, token, now)
    if found is None or found.user_id is None:
        return None
    if not factors.count_try(session, token_hash(token), Ceremony.SECOND_STEP, TRIES_MAX, now):
        return Attempt(found.user_id, wait=seconds_left(found.expires_at, now))
    if wait := count_code(session, found.user_id, now):
        return Attempt(found.user_id, wait=wait)
    right = is_right(found.user_id) and spend(session, Ceremony.SECOND_STEP, token, now)
    return Attempt(found.user_id, right)


def count_code(session: Session, user_id: UUID, now: datetime) -> int:
    """Count a code that somebody gives; return how many seconds to wait when there have been too many, else 0. Never commits."""
    drawn = throttle.draw(session, f"code:{user_id}", FACTOR_CODES_BY_USER, now)
    return 0 if drawn.calls else seconds_left(drawn.ends_at, now)


def use_app_code(session: Session, user_id: UUID, typed: str, now: datetime) -> bool:
    """Tell whether a code of the user's confirmed app is right and was never used, and use it up."""
    app = factors.app(session, user_id)
    if app is None or app.confirmed_at is None:
        return False
    step = newest_step(_codes(app.secret, now), typed, app.last_step)
    return step is not None and factors.use_step(session, user_id, step)


def _use_recovery_code(session: Session, user_id: UUID, typed: str, now: datetime) -> bool:
    plain = plain_recovery_code(typed)
    if plain is None or not factors.spend_code(session, user_id, _digest(plain), now):
        return False
    tell(session, user_id, Change.CODE_USED, now)
    return True


def _codes(secret: str, now: datetime) -> dict[int, str]:
    """Return the codes that are taken now, by time step."""
    app = import_module("pyotp").TOTP(secret)
    return {step: app.generate_otp(step) for step in steps_around(now)}


def start_app(session: Session, user_id: UUID, now: datetime) -> bool:
    """Make a secret for an app that waits for its first code; False when an app counts already. Flushes, never commits."""
    secret: str = import_module("pyotp").random_base32(SECRET_BYTES * 8 // 5)
    return factors.start_app(session, user_id, secret, now)


def confirm_app(session: Session, user_id: UUID, typed: str, now: datetime) -> bool:
    """Let an app count by its first code, which is used up by it; False when the code is wrong or none waits. Flushes, never commits."""
    app = factors.app(session, user_id)
    if app is None or app.confirmed_at is not None:
        return False
    step = newest_step(_codes(app.secret, now), typed, app.last_step)
    if step is None or not factors.confirm_app(session, user_id, step, now):
        return False
    tell(session, user_id, Change.APP_ADDED, now)
    return True


def app_address(session: Session, user_id: UUID, secret: str, issuer: str) -> str:
    """Return what the QR code says to an app: the secret, whose it is and for which portal."""
    person = factors.person(session, user_id)
    address: str = import_module("pyotp").TOTP(secret).provisioning_uri(name=person.email if person else "", issuer_name=issuer)
    return address


def make_codes(session: Session, user_id: UUID, now: datetime) -> list[str]:
    """Make new recovery codes in place of all older ones and return them, which cannot be had again. Flushes, never commits."""
    made = [recovery_code(secrets.token_bytes(CODE_BYTES)) for _ in range(CODES)]
    factors.remove_codes(session, user_id)
    factors.add_codes(session, user_id, [_digest(plain_recovery_code(one) or "") for one in made], now)
    return made


def settle(session: Session, user_id: UUID, token: str, now: datetime) -> list[str]:
    """Do what the first factor brings: recovery codes, which are returned, and no session that did without it but this one.

    For a further factor, or without the codes of a first one used up, nothing happens.
    """
    if of_user(session, user_id).count != 1:
        return []
    factors.end_other_sessions(session, user_id, token_hash(token), now)
    factors.set_level(session, user_id, 2)
    return make_codes(session, user_id, now)


def remove_app(session: Session, user_id: UUID, now: datetime, *, required: bool) -> bool:
    """Remove somebody's app; False when it is the only factor of who must have one. Flushes, never commits."""
    factors.person(session, user_id, lock=True)
    found = of_user(session, user_id)
    if required and found.has_app and found.count == 1:
        return False
    factors.remove_app(session, user_id)
    if found.has_app:
        _clear_up(session, user_id, found.count - 1)
        tell(session, user_id, Change.APP_REMOVED, now)
    return True


def remove_passkey(session: Session, entry: PasskeyEntry, now: datetime, *, required: bool) -> bool:
    """Remove one of somebody's passkeys; False when it is the only factor of who must have one. Flushes, never commits."""
    factors.person(session, entry.user_id, lock=True)
    count = of_user(session, entry.user_id).count
    if required and count == 1:
        return False
    factors.remove_passkey(session, entry.id)
    _clear_up(session, entry.user_id, count - 1)
    tell(session, entry.user_id, Change.PASSKEY_REMOVED, now)
    return True


def _clear_up(session: Session, user_id: UUID, left: int) -> None:
    """Without any factor left, recovery codes and a higher level mean nothing."""
    if left == 0:
        factors.remove_codes(session, user_id)
        factors.set_level(session, user_id, 1)


def tell(session: Session, user_id: UUID, change: Change, now: datetime) -> None:
    """Write the mail that tells somebody of a change. Flushes, never commits."""
    person = factors.person(session, user_id)
    if person is not None:
        told = {"what": change.value}
        outbox.put(session, Letter(Kind.SECOND_FACTOR_CHANGED, person.account_id, person.email, person.language, told, user_id), now)


def _digest(plain: str) -> str:
    return sha256(plain.encode()).hexdigest()
