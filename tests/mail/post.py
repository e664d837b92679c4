"""Letters to send, and a mail server that takes, defers or refuses them."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import Engine, update

from portal.config import Config, MailSettings
from portal.domain.mail import FACTS, WORDS, Kind, Letter, is_path
from portal.services import outbox
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from tests.clinic import Clinic
from tests.stored import Row, rows

SECRET = "a secret that only tests know, long enough"
SENDER = "portal@clinic.example"
PUBLIC_URL = "https://portal.example.org"
# A fact that names visits, and what it names; how many hours before is what reminders are sorted by. Neither is shown.
VISIT = UUID("8d6f0b9e-2f0c-4f6e-9c56-1f8f3c3f7a10")
UNSHOWN = {"visits": f"{VISIT}/0", "hours": "24"}
ANSWERS = {
    **UNSHOWN,
    "on": "2027-03-14",
    "minutes": "30",
    "age": "13",
    "patient": "Leo",
    "guardian": "Maya",
    "new": "m***@example.org",
    "held_until": "2027-03-14T15:00:00+00:00",
}


def facts(kind: Kind, **changed: str) -> dict[str, str]:
    """Return facts as a letter of this kind tells them."""
    plain = {name: f"/somewhere/{name}?t=a-b_c" if is_path(name) else ANSWERS.get(name, f"the {name}") for name in FACTS[kind]}
    return {name: min(WORDS[name]) if name in WORDS else text for name, text in plain.items()} | changed


def letter(clinic: Clinic, kind: Kind = Kind.RESET, to: str = "ada@example.org", language: str = "en", **changed: str) -> Letter:
    return Letter(kind, clinic.account_id, to, language, facts(kind, **changed))


def put(engine: Engine, letters: list[Letter], now: datetime) -> list[UUID]:
    """Put letters into the outbox, for good."""
    with sessions(engine).begin() as session:
        begin_write(session)
        return [outbox.put(session, one, now) for one in letters]


def config(engine: Engine, server: str = "", folder: Path | None = None) -> Config:
    return Config(str(engine.url), SECRET, public_url=PUBLIC_URL, mail=MailSettings(SENDER, server, folder))


def stored(engine: Engine) -> dict[UUID, Row]:
    """Return every mail by its id."""
    return {row["id"]: row for row in rows(engine, Mail)}


def leases_end(engine: Engine, now: datetime) -> None:
    """Let the time go by that a sender has for a mail, and the wait before it is tried again."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Mail).where(Mail.try_at > now).values(try_at=now))


@dataclass
class Server:
    """A mail server: what came in, and what it answers to each address or message."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    answer: str = "250 taken"
    on_message: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: ANN401, N802 - aiosmtpd's names
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 known"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - the same
        self.messages.append(message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default))
        self.recipients.append(envelope.rcpt_tos)
        self.encrypted.append(session.ssl is not None)
        self.on_message()
        return self.answer


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


@contextmanager
def mail_server(server: Server, tls: ssl.SSLContext | None = None, *, at_once: bool = False, password: str | None = None) -> Iterator[Server]:
    """Run a server at its port, or a free one, until the context ends; with a certificate it offers STARTTLS, or speaks TLS at once."""
    server.port = server.port or free_port()

    def judged(_server: object, _session: object, _envelope: object, _mechanism: str, given: Any) -> AuthResult:  # noqa: ANN401 - aiosmtpd's
        return AuthResult(success=given.password == (password or "").encode(), handled=False)

    ways: dict[str, Any] = {"ssl_context": tls} if at_once else {"tls_context": tls}
    if password:
        ways |= {"authenticator": judged, "auth_required": True}
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **ways)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
