"""A new password for somebody who has forgotten theirs: by a link to their address, with the same work for an unknown one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.domain.audit import Origin
from portal.domain.mail import Kind, Letter
from portal.services import mailed_links, outbox, sign_in_details, sign_in_tries
from portal.services.events import Event, note
from portal.services.mailed_links import LIFETIMES, Purpose
from portal.storage import members, practices
from portal.storage.mailed_links import MailedLink
from portal.storage.members import Member


@dataclass(frozen=True, slots=True)
class Resetting:
    """Whose password a link changes."""

    member: Member
    practice_name: str


def ask(session: Session, email: str, language: str, now: datetime) -> None:
    """Send mail to a normalised address: a link to a new password, or word that it has no account here. Never commits."""
    member, somewhere = members.member_at(session, email), practices.first(session)
    if somewhere is None:
        return
    account_id = somewhere.id if member is None else member.account_id
    link = MailedLink(account_id, None if member is None else member.id, email, {})
    issued = mailed_links.issue(session, Purpose.RESET, link, now, works=member is not None)
    if member is None:
        letter = Letter(Kind.NO_ACCOUNT, account_id, email, language, {"path": "/sign-up"})
    else:
        minutes = LIFETIMES[Purpose.RESET] // timedelta(minutes=1)
        facts = {"path": f"/reset/link?t={issued.token}", "minutes": str(minutes)}
        letter = Letter(Kind.RESET, account_id, email, member.language, facts, member.id)
    outbox.put(session, letter, now)
    note(Event.RESET_ASKED, now, subject=None if member is None else member.id)


def find(session: Session, token: str, now: datetime) -> Resetting | None:
    """Return whose password a link changes, without using it; None when it is unknown, used or too old."""
    link = mailed_links.find(session, Purpose.RESET, token, now)
    member = members.member(session, link.user_id) if link is not None and link.user_id is not None else None
    return None if member is None else Resetting(member, practices.practice(session, member.account_id).name)


def spend(session: Session, token: str, password_hash: str, origin: Origin, now: datetime) -> bool:
    """Use the link up for a new password and end whatever the old one had opened; False when the link is no good. Never commits."""
    link = mailed_links.spend(session, Purpose.RESET, token, now)
    member = members.member(session, link.user_id) if link is not None and link.user_id is not None else None
    if member is None:
        return False
    sign_in_details.set_password(session, member, password_hash, now)
    sign_in_tries.forgive(session, member.id, member.email)
    members.forget_devices(session, member.id)
    note(Event.PASSWORD_CHANGED, now, "reset", actor=member.id, address=origin.address)
    return True
