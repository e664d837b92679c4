"""The sender is killed right after the mail server took a mail, before it can say so in the outbox."""

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, update

from portal.domain.mail import Kind
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from tests.clinic import Clinic
from tests.mail.post import PUBLIC_URL, SECRET, SENDER, Server, leases_end, letter, mail_server, put, stored
from tests.services.scene import ELEVEN, TEN, booked

KILLS = {"sqlite": 20, "postgresql": 6}
LETTERS = 3
# Besides these, two confirmations of visits of one day, and one reminder for both.
MAILS = LETTERS + 3
WAIT_SECONDS = 30


def sender(database_url: str, server: Server) -> "subprocess.Popen[bytes]":
    own = {"PORTAL_DATABASE_URL": database_url, "PORTAL_SECRET_KEY": SECRET, "PORTAL_URL": PUBLIC_URL}
    mail = {"PORTAL_SMTP_URL": server.url, "PORTAL_MAIL_FROM": SENDER}
    return subprocess.Popen([sys.executable, "-m", "portal", "mail", "deliver"], env={**os.environ, **own, **mail}, stdout=subprocess.DEVNULL)


def test_integrity_12_killed_between_sending_and_marking_no_mail_is_lost_and_repeats_have_one_id(
    database_url: str, engine: Engine, clinic: Clinic
) -> None:
    now = datetime.now(UTC)
    put(engine, [letter(clinic) for _ in range(LETTERS)], now)
    for patient, start in (("leo", TEN), ("nia", ELEVEN)):
        booked(engine, clinic, patient, start)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Mail).values(try_at=now - timedelta(minutes=1)))
    rows = stored(engine)
    kills, known = KILLS[engine.dialect.name], threading.Event()
    started: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        known.wait(WAIT_SECONDS)
        os.kill(started[-1].pid, signal.SIGKILL)

    with mail_server(Server(on_message=kill)) as server:
        for _ in range(kills):
            known.clear()
            started.append(sender(database_url, server))
            known.set()
            assert started[-1].wait(WAIT_SECONDS) == -signal.SIGKILL
            leases_end(engine, datetime.now(UTC))
        assert {row["sent_at"] for row in stored(engine).values()} == {None}
        server.on_message = lambda: None
        assert sender(database_url, server).wait(WAIT_SECONDS) == 0
    assert all(row["sent_at"] for row in stored(engine).values())
    told = {message["Message-ID"] for message in server.messages}
    assert told >= {f"<{mail_id}@portal.example.org>" for mail_id, row in rows.items() if row["kind"] != Kind.REMINDER}
    assert len(told) == MAILS
    said = {(message["Message-ID"], str(message.get_body(("plain",)))) for message in server.messages}
    assert len(said) == MAILS
    assert len(server.messages) == kills + MAILS
