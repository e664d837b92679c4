"""The ways out for mail: a mail server by SMTP, or a folder of files."""

import os
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

from portal.config import MailSettings
from portal.storage.outbox import DueMail

# The wait for each answer of the server; a mail takes about ten, well within the lease of its sender.
ANSWER_SECONDS = 15.0
_PORTS = {"smtp": 25, "smtps": 465}
_FOR_GOOD = range(500, 600)
Send = Callable[[DueMail, EmailMessage], None]


class RefusedForGoodError(Exception):
    """The server will never take this mail; the text is what it said."""


class NoEncryptionError(Exception):
    """The server offers no encryption, and the password must not travel without."""


def way_out(settings: MailSettings) -> Send | None:
    """Return what sends a mail, raising when it does not; None when mail is to wait in the outbox."""
    if settings.server:
        return partial(_by_server, urlsplit(settings.server))
    return partial(_into_folder, settings.folder) if settings.folder else None


def name_of(mail_id: UUID) -> str:
    """Return how the name of a mail's file ends."""
    return f"-{mail_id}.eml"


def _into_folder(folder: Path, mail: DueMail, message: EmailMessage) -> None:
    """Write a mail as a file that is there in whole or not at all; sent again it takes the same place."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{mail.created_at:%Y%m%dT%H%M%S.%f}{name_of(mail.id)}"
    draft = folder / f".{path.name}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _by_server(server: SplitResult, _mail: DueMail, message: EmailMessage) -> None:
    with _session(server) as session:
        try:
            session.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, said)] = error.recipients.values()
            raise _refusal(code, said) from error
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error


def _refusal(code: int, said: bytes | str) -> Exception:
    text = f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return RefusedForGoodError(text) if code in _FOR_GOOD else OSError(text)


@contextmanager
def _session(server: SplitResult) -> Iterator[smtplib.SMTP]:
    """Open a session with the server, encrypted where it can be, and proven by password where the address has one."""
    session = _connected(server)
    try:
        _secure(session, server)
        if server.username:
            session.login(unquote(server.username), unquote(server.password or ""))
        yield session
    finally:
        # Whatever comes of parting, the mail has been taken or refused.
        with suppress(OSError):
            session.quit()
        session.close()


def _connected(server: SplitResult) -> smtplib.SMTP:
    host, port = server.hostname or "", server.port or _PORTS[server.scheme]
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=ANSWER_SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=ANSWER_SECONDS)


def _secure(session: smtplib.SMTP, server: SplitResult) -> None:
    if server.scheme == "smtps":
        return
    session.ehlo()
    if session.has_extn("starttls"):
        session.starttls(context=ssl.create_default_context())
    elif server.username:
        raise NoEncryptionError("the mail server offers no STARTTLS, and the password must not travel in the clear")
