"""Passkeys: what a browser is asked to sign, and whether what it answers is right. Imported when it is used: the library is large."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import webauthn
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.domain.second_factor import CREDENTIAL_ID_MAX, PASSKEY_LIFE, PASSKEYS_MAX, Change, Place
from portal.services import second_factor
from portal.services.second_factor import Ceremony
from portal.storage import factors
from portal.storage.factors import PasskeyEntry, Pending

_MILLISECONDS = int(PASSKEY_LIFE.total_seconds() * 1000)


def adding_options(session: Session, user_id: UUID, place: Place, now: datetime) -> tuple[str, str]:
    """Return the token of a new challenge, and what the browser is asked to make, as JSON. Flushes, never commits."""
    token, value = second_factor.challenge(session, Ceremony.PASSKEY_ADD, user_id, now + PASSKEY_LIFE, now)
    person = factors.person(session, user_id)
    options = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name=place.name,
        user_id=user_id.bytes,
        user_name=person.email if person else str(user_id),
        user_display_name=person.name if person else None,
        challenge=value,
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(factors.passkeys(session, user_id)),
    )
    return token, webauthn.options_to_json(options)


def add(session: Session, token: str, user_id: UUID, answer: str, name: str, place: Place, now: datetime) -> bool:  # noqa: PLR0913, PLR0917 - one ceremony
    """Store the passkey that a browser made for a challenge of the same person; False for any answer but a right one.

    The challenge is used up in any case: commit whatever comes of it.
    """
    found = second_factor.pending(session, Ceremony.PASSKEY_ADD, token, now)
    if found is None or found.user_id != user_id or not second_factor.spend(session, Ceremony.PASSKEY_ADD, token, now):
        return False
    made = _made(answer, found, place)
    if made is None or len(made.credential_id) > CREDENTIAL_ID_MAX or len(factors.passkeys(session, user_id)) >= PASSKEYS_MAX:
        return False
    entry = PasskeyEntry(uuid4(), user_id, bytes_to_base64url(made.credential_id), made.credential_public_key, name, now, None)
    if not factors.add_passkey(session, entry, made.sign_count):
        return False
    second_factor.tell(session, user_id, Change.PASSKEY_ADDED, now)
    return True


def sign_in_options(session: Session, place: Place, now: datetime) -> tuple[str, str]:
    """Return the token of a new challenge, and what any passkey for the portal is asked to sign, as JSON. Flushes, never commits."""
    token, value = second_factor.challenge(session, Ceremony.PASSKEY_SIGN_IN, None, now + PASSKEY_LIFE, now)
    return token, _asking(value, place, [])


def second_step_options(session: Session, found: Pending, place: Place) -> str | None:
    """Return what the passkeys of whoever is signing in are asked to sign, as JSON; None when they have none."""
    entries = factors.passkeys(session, found.user_id) if found.user_id else []
    return _asking(found.value, place, entries) if entries else None


def answered(session: Session, kind: Ceremony, token: str, answer: str, place: Place, now: datetime) -> UUID | None:  # noqa: PLR0913, PLR0917 - one ceremony
    """Return whose passkey has signed a challenge; None for any answer but a right one. Commit whatever comes of it.

    A right answer uses the challenge up. A wrong one leaves only that of a second step, which other factors may still answer.
    """
    found = second_factor.pending(session, kind, token, now)
    once = kind is Ceremony.PASSKEY_SIGN_IN
    if found is None or (once and not second_factor.spend(session, kind, token, now)):
        return None
    signed = _signed(session, answer, found, place)
    if signed is None or not (once or second_factor.spend(session, kind, token, now)):
        return None
    entry, sign_count = signed
    factors.used_passkey(session, entry.id, sign_count, now)
    return entry.user_id


def _asking(value: bytes, place: Place, entries: list[PasskeyEntry]) -> str:
    options = webauthn.generate_authentication_options(
        rp_id=place.host,
        challenge=value,
        timeout=_MILLISECONDS,
        allow_credentials=_descriptors(entries) or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def _descriptors(entries: list[PasskeyEntry]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(entry.credential_id)) for entry in entries]


def _made(answer: str, found: Pending, place: Place) -> Any:  # noqa: ANN401 - the library's own record, or None
    return _unless_refused(
        lambda: webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=found.value,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    )


def _signed(session: Session, answer: str, found: Pending, place: Place) -> tuple[PasskeyEntry, int] | None:
    """Return the passkey that signed, and its count; a count that does not rise is no fault: passkeys that are synced report 0."""
    given = _unless_refused(lambda: parse_authentication_credential_json(answer))
    entry = factors.passkey(session, bytes_to_base64url(given.raw_id)) if given else None
    if entry is None or found.user_id not in (None, entry.user_id) or given.response.user_handle not in (None, entry.user_id.bytes):
        return None
    verified = _unless_refused(
        lambda: webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=found.value,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=entry.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    )
    return None if verified is None else (entry, verified.new_sign_count)


def _unless_refused(judge: Callable[[], Any]) -> Any:  # noqa: ANN401 - the library's own records
    """Return what the library makes of a browser's answer, or None when it does not take it."""
    try:
        return judge()
    except Exception:  # noqa: BLE001 - parsers of many formats, fed by strangers: whatever one raises is a refusal
        return None
