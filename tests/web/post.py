"""What waits in the outbox, and the links in it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, event

from portal.storage.outbox import Mail
from tests.stored import rows
from tests.web.page import Answer
from tests.web.visitor import Visitor


@dataclass(frozen=True)
class Sent:
    """A mail as it was put into the outbox."""

    kind: str
    to: str
    facts: dict[str, str]


def outbox(engine: Engine) -> list[Sent]:
    """Return all mail: the oldest first, of one instant by kind and address."""
    found = sorted(rows(engine, Mail), key=lambda row: (row["created_at"], row["kind"], row["to"]))
    return [Sent(row["kind"], row["to"], json.loads(row["facts"])) for row in found]


def path_in(engine: Engine, kind: str) -> str:
    """Return where the link in the only mail of a kind leads."""
    [mail] = [mail for mail in outbox(engine) if mail.kind == kind]
    return mail.facts["path"]


def opened(person: Visitor, path: str) -> Answer:
    """Open a link and go on to where it leads."""
    return person.get(person.get(path).location)


def press(person: Visitor, url: str) -> Answer:
    """Press the button of a page that asks for nothing else."""
    form = next(form for form in person.page(url).forms if form.action == url)
    return person.ask("POST", form.action, form.values)


@contextmanager
def noted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that an engine sends: an answer that tells nothing takes the same ones for everybody."""
    sent: list[str] = []

    def note(*call: object) -> None:
        sent.append(str(call[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)
