"""What waits in the outbox about visits, and sending it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from portal.domain.audit import Door, Origin
from portal.domain.mail import Kind
from portal.domain.moving import MoveRequest
from portal.services import outbox
from portal.services.outbox import Claim
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from tests.services.scene import TEN
from tests.stored import Row, rows

DESK = Origin(Door.COMMAND, name="Rosa")
AFTER_LUNCH = TEN + timedelta(hours=4)
DAY = timedelta(days=1)
SOON = timedelta(seconds=1)


def written(engine: Engine) -> list[tuple[str, str]]:
    """Return kind and name of the reader of all mail, reminders left out."""
    return sorted((row["kind"], row["to"].partition("@")[0]) for row in rows(engine, Mail) if row["kind"] != Kind.REMINDER)


def reminding(engine: Engine, of: UUID | None = None) -> list[tuple[str, datetime]]:
    """Return who is reminded when, of a visit or of all."""
    wanted = [row for row in rows(engine, Mail) if row["kind"] == Kind.REMINDER and of in (None, row["schedule_id"]) and row["try_at"]]
    return sorted((row["to"].partition("@")[0], row["try_at"]) for row in wanted)


def change(engine: Engine, *statements: Any) -> None:  # noqa: ANN401 - any statement
    with sessions(engine).begin() as session:
        begin_write(session)
        for statement in statements:
            session.execute(statement)


def claim(engine: Engine, now: datetime) -> Claim | None:
    with sessions(engine).begin() as session:
        begin_write(session)
        return outbox.claim(session, now)


def send(engine: Engine, now: datetime) -> list[Claim]:
    """Send all that is due, and return it."""
    found = list(iter(lambda: claim(engine, now), None))
    for one in found:
        with sessions(engine).begin() as session:
            begin_write(session)
            outbox.sent(session, one, now)
    return found


def told(claims: Iterable[Claim]) -> list[tuple[str, str, list[datetime]]]:
    return sorted((one.mail.kind, one.mail.to.partition("@")[0], [visit.starts_at for visit in one.mail.visits]) for one in claims)


def withheld(engine: Engine) -> list[Row]:
    return [row for row in rows(engine, Mail) if row["try_at"] is None and row["sent_at"] is None]


def to(schedule_id: UUID, start: datetime) -> MoveRequest:
    return MoveRequest(schedule_id, first_choice=start, second_choice=None)
