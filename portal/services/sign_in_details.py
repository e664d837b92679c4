"""Changing what somebody signs in with, and telling them so in the same transaction."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.audit import Origin
from portal.domain.mail import Kind, Letter, masked
from portal.services import mailed_links, outbox, second_factor
from portal.services.events import Event, note
from portal.services.mailed_links import Purpose
from portal.storage import mailed_links as stored_links
from portal.storage import members
from portal.storage.core import savepoint
from portal.storage.mailed_links import MailedLink
from portal.storage.members import Member


def set_password(session: Session, member: Member, password_hash: str, now: datetime, keep: UUID | None = None) -> None:
    """Store a new password, end the member's sessions but the one to `keep` and every link sent to them, and tell them. Never commits."""
    members.change(session, member.id, password_hash=password_hash)
    members.end_sessions(session, member.id, now, keep)
    stored_links.end_all_of(session, member.id, now)
    second_factor.forget_second_steps(session, member.id)
    outbox.put(session, _letter(Kind.PASSWORD_CHANGED, member, member.email, {}), now)


def ask_for_email(session: Session, member: Member, email: str, now: datetime) -> None:
    """Send a link to a normalised address that is to become the member's, or word that it is in use. Never commits.

    Nothing changes until somebody who reads mail there says so.
    """
    taken = members.is_taken(session, email)
    link = MailedLink(member.account_id, member.id, email, {})
    issued = mailed_links.issue(session, Purpose.EMAIL, link, now, works=not taken)
    kind = Kind.ALREADY_SIGNED_UP if taken else Kind.CONFIRM_EMAIL
    facts = {"path": "/sign-in", "reset_path": "/reset"} if taken else {"path": f"/account/email/link?t={issued.token}"}
    # without the member's id and name: the address may be another's
    outbox.put(session, Letter(kind, member.account_id, email, member.language, facts), now)


def confirm_email(session: Session, token: str, origin: Origin, now: datetime) -> bool:
    """Use the link up and write the new address, and tell the old one; False when the link is no good or the address taken. Never commits."""
    link = mailed_links.spend(session, Purpose.EMAIL, token, now)
    member = members.member(session, link.user_id) if link is not None and link.user_id is not None else None
    if link is None or member is None:
        return False
    changed = False
    with suppress(IntegrityError), savepoint(session):
        members.change(session, member.id, email=link.email)
        changed = True
    if changed:
        stored_links.end_all_of(session, member.id, now)
        outbox.put(session, _letter(Kind.EMAIL_CHANGED, member, member.email, {"new": masked(link.email)}), now)
        note(Event.EMAIL_CHANGED, now, actor=member.id, address=origin.address)
    return changed


def _letter(kind: Kind, member: Member, to: str, facts: dict[str, str]) -> Letter:
    return Letter(kind, member.account_id, to, member.language, facts, member.id)
