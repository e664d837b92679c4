"""Sending what is due: at least once, each mail by one sender at a time, and one that cannot be sent holds up no other."""

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from portal.config import Config
from portal.domain.mail import one_line
from portal.mail.letters import UnfitAddressError, message
from portal.mail.transport import RefusedForGoodError, Send
from portal.services import outbox
from portal.services.outbox import Claim
from portal.storage.engine import DatabaseBusyError, begin_write, sessions
from portal.storage.outbox import is_any_due

PAUSE_SECONDS = 2.0
_log = logging.getLogger("portal.mail")


class WithheldError(Exception):
    """A mail must not be sent any more."""


class Outcome(Enum):
    """What came of one try."""

    SENT = auto()
    LATER = auto()
    NEVER = auto()


@dataclass(frozen=True, slots=True)
class Courier:
    """All that sending takes: the outbox, the way out, the settings and a clock."""

    engine: Engine
    send: Send
    config: Config
    clock: Callable[[], datetime]


def deliver(courier: Courier, stopping: threading.Event) -> Counter[Outcome]:
    """Send everything that is due, one mail after another until told to stop; return what came of it."""
    outcomes: Counter[Outcome] = Counter()
    while not stopping.is_set() and (claimed := _claimed(courier)) is not None:
        outcomes[_tried(courier, claimed)] += 1
    return outcomes


def deliver_on(courier: Courier, stopping: threading.Event, parent: int | None = None) -> None:
    """Send what becomes due until told to stop, or until the process `parent` is no longer there."""
    while not stopping.is_set() and parent in (None, os.getppid()):
        try:
            deliver(courier, stopping)
        except (SQLAlchemyError, DatabaseBusyError) as error:
            _log.warning("mail waits: %s", _told(error))
        stopping.wait(PAUSE_SECONDS)


def _claimed(courier: Courier) -> Claim | None:
    now = courier.clock()
    with sessions(courier.engine)() as session:
        # Read first: to look for mail every few seconds must not keep those waiting who book.
        if not is_any_due(session, now):
            return None
    with sessions(courier.engine).begin() as session:
        begin_write(session)
        return outbox.claim(session, now)


def _tried(courier: Courier, claimed: Claim) -> Outcome:
    """Send one mail and record what came of it. A process that ends in between sends it again later: twice is better than never."""
    if claimed.is_withheld:
        return _failed(courier, claimed, WithheldError("its reader may not see the visit now, or it is too late"), for_good=True)
    try:
        courier.send(claimed.mail, message(claimed.mail, courier.config))
    except (RefusedForGoodError, UnfitAddressError) as error:
        return _failed(courier, claimed, error, for_good=True)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one mail, a newer portal or another hour may set right; others go on
        return _failed(courier, claimed, error, for_good=False)
    with sessions(courier.engine).begin() as session:
        begin_write(session)
        outbox.sent(session, claimed, courier.clock())
    return Outcome.SENT


def _failed(courier: Courier, claimed: Claim, error: Exception, *, for_good: bool) -> Outcome:
    with sessions(courier.engine).begin() as session:
        begin_write(session)
        again = outbox.failed(session, claimed, _told(error), courier.clock(), for_good=for_good)
    # Not what the server said: it names the person.
    _log.warning("mail %s was not sent (%s): %s", claimed.mail.id, type(error).__name__, "tried again later" if again else "given up")
    return Outcome.LATER if again else Outcome.NEVER


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {one_line(str(error))}"
