"""What has to be done from time to time without anybody asking for it."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.sign_in_tries import KEPT
from portal.services import links
from portal.storage import factors, mailed_links, sign_in_tries, throttle


def keep_house(session: Session, now: datetime) -> tuple[int, int]:
    """Do what has become due, and remove what means nothing any more; return how many links have ended, and of how many birthdays people were told.

    A second time changes nothing. The session must have begun as a writer. Flushes, never commits.
    """
    throttle.remove_ended(session, now)
    sign_in_tries.remove_stale(session, now - KEPT)
    mailed_links.remove_ended(session, now)
    factors.remove_ended_challenges(session, now)
    return links.sweep(session, now)
