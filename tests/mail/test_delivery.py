"""Sending to a real mail server, and into a folder."""

import smtplib
import stat
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from portal.domain.mail import Kind
from portal.mail.delivery import Courier, Outcome, deliver, deliver_on
from portal.mail.transport import Send, way_out
from portal.storage.engine import begin_write, open_engine, sessions
from portal.storage.outbox import DueMail, Mail
from tests.clinic import Clinic
from tests.mail.post import SENDER, Server, config, free_port, letter, mail_server, put, stored
from tests.racing import together

LATER = timedelta(minutes=2)


def sending(engine: Engine, now: datetime, server: str = "", folder: Path | None = None, send: Send | None = None) -> Counter[Outcome]:
    """Send all that is due at an instant."""
    settings = config(engine, server, folder)
    way = send or way_out(settings.mail)
    assert way is not None
    return deliver(Courier(engine, way, settings, lambda: now), threading.Event())


def test_a_mail_server_gets_text_and_html_for_the_one_it_is_to(engine: Engine, clinic: Clinic, now: datetime) -> None:
    [mail_id] = put(engine, [letter(clinic, to="ada@example.org")], now)
    with mail_server(Server()) as server:
        assert sending(engine, now, server.url) == {Outcome.SENT: 1}
        assert sending(engine, now + LATER, server.url) == {}
    [message] = server.messages
    assert server.recipients == [["ada@example.org"]]
    assert (message["To"], message["From"].addresses[0].addr_spec) == ("ada@example.org", SENDER)
    assert message["Message-ID"] == f"<{mail_id}@portal.example.org>"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert stored(engine)[mail_id]["sent_at"] == now


def test_what_is_deferred_is_tried_again(engine: Engine, clinic: Clinic, now: datetime) -> None:
    [mail_id] = put(engine, [letter(clinic, to="ada@example.org")], now)
    with mail_server(Server(refusals={"ada@example.org": "451 come back later"})) as server:
        assert sending(engine, now, server.url) == {Outcome.LATER: 1}
        assert stored(engine)[mail_id]["failure"] == "OSError: 451 come back later"
        assert sending(engine, now, server.url) == {}
        server.refusals.clear()
        assert sending(engine, now + LATER, server.url) == {Outcome.SENT: 1}
    assert stored(engine)[mail_id]["tries"] == 2
    assert stored(engine)[mail_id]["failure"] is None


@pytest.mark.parametrize("server", [Server(refusals={"ada@example.org": "550 no such person"}), Server(answer="554 not wanted")], ids=["to", "what"])
def test_what_is_refused_for_good_is_given_up_at_once(server: Server, engine: Engine, clinic: Clinic, now: datetime) -> None:
    server.port = 0
    [mail_id] = put(engine, [letter(clinic, to="ada@example.org")], now)
    with mail_server(server):
        assert sending(engine, now, server.url) == {Outcome.NEVER: 1}
    row = stored(engine)[mail_id]
    assert (row["try_at"], row["sent_at"], row["facts"]) == (None, None, "{}")
    assert row["failure"] in ("RefusedForGoodError: 550 no such person", "RefusedForGoodError: 554 not wanted")


def test_a_server_that_is_down_gets_its_mail_when_it_is_up(engine: Engine, clinic: Clinic, now: datetime) -> None:
    put(engine, [letter(clinic), letter(clinic, Kind.JOINED)], now)
    server = Server(port=free_port())
    assert sending(engine, now, server.url) == {Outcome.LATER: 2}
    with mail_server(server):
        assert sending(engine, now + LATER, server.url) == {Outcome.SENT: 2}
    assert len(server.messages) == 2


@pytest.mark.parametrize("spoiled", [{"facts": "{}"}, {"kind": "unknown"}, {"to": "ada@example.org\nBcc: eve@example.org"}, {"facts": "no json"}])
def test_a_mail_that_cannot_be_written_holds_up_no_other(spoiled: dict[str, str], engine: Engine, clinic: Clinic, now: datetime) -> None:
    bad, good = (put(engine, [letter(clinic)], now + timedelta(seconds=second))[0] for second in (0, 1))
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Mail).where(Mail.id == bad).values(**spoiled))
    with mail_server(Server()) as server:
        outcomes = sending(engine, now + LATER, server.url)
    assert outcomes == {Outcome.SENT: 1, Outcome.NEVER if "to" in spoiled else Outcome.LATER: 1}
    assert stored(engine)[good]["sent_at"] is not None
    assert stored(engine)[bad]["failure"]


def test_a_server_that_ends_the_talk_after_taking_the_mail_has_taken_it(engine: Engine, clinic: Clinic, now: datetime) -> None:
    put(engine, [letter(clinic)], now)

    class Abrupt(Server):
        async def handle_QUIT(self, _server: object, _session: object, _envelope: object) -> str:  # noqa: N802 - aiosmtpd's name
            return "421 gone"

    with mail_server(Abrupt()) as server:
        assert sending(engine, now, server.url) == {Outcome.SENT: 1}


def test_two_senders_at_once_send_each_mail_once(engine: Engine, clinic: Clinic, now: datetime, database_url: str) -> None:
    ids = put(engine, [letter(clinic) for _ in range(20)], now)
    sent: list[DueMail] = []
    pause = threading.Event()

    def slowly(mail: DueMail, _message: EmailMessage) -> None:
        pause.wait(0.01)
        sent.append(mail)

    engines = [open_engine(database_url) for _ in range(2)]
    outcomes = together(2, lambda number: sending(engines[number], now, send=slowly))
    # Who finds a row in another's hand may see none for a moment; what is left is taken with the next look.
    outcomes.append(sending(engine, now, send=slowly))
    for one in engines:
        one.dispose()
    assert sorted(mail.id for mail in sent) == sorted(ids)
    assert sum(outcomes, Counter()) == {Outcome.SENT: 20}


def test_files_are_whole_their_owners_alone_and_named_by_time(engine: Engine, clinic: Clinic, now: datetime, tmp_path: Path) -> None:
    [mail_id] = put(engine, [letter(clinic)], now)
    folder = tmp_path / "new" / "mail"
    assert sending(engine, now, folder=folder) == {Outcome.SENT: 1}
    [file] = folder.iterdir()
    assert file.name == f"20270301T080000.000000-{mail_id}.eml"
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
    message = message_from_bytes(file.read_bytes(), _class=EmailMessage, policy=policy.default)
    assert message["Message-ID"] == f"<{mail_id}@portal.example.org>"


def test_a_folder_that_cannot_be_written_is_tried_again(engine: Engine, clinic: Clinic, now: datetime, tmp_path: Path) -> None:
    put(engine, [letter(clinic)], now)
    (tmp_path / "file").touch()
    assert sending(engine, now, folder=tmp_path / "file") == {Outcome.LATER: 1}
    assert sending(engine, now + LATER, folder=tmp_path / "mail") == {Outcome.SENT: 1}


def test_the_mail_in_hand_is_finished_and_the_next_not_begun_when_told_to_stop(engine: Engine, clinic: Clinic, now: datetime) -> None:
    put(engine, [letter(clinic) for _ in range(3)], now)
    stopping, settings = threading.Event(), config(engine)
    courier = Courier(engine, lambda _mail, _message: stopping.set(), settings, lambda: now)
    assert deliver(courier, stopping) == {Outcome.SENT: 1}


def test_a_sender_ends_when_its_parent_is_another(engine: Engine, clinic: Clinic) -> None:
    put(engine, [letter(clinic)], datetime(2020, 1, 1, tzinfo=UTC))
    courier = Courier(engine, lambda _mail, _message: None, config(engine), lambda: datetime.now(UTC))
    deliver_on(courier, threading.Event(), parent=1 << 30)
    assert [row["sent_at"] for row in stored(engine).values()] == [None]


def test_a_database_that_is_away_is_waited_for(engine: Engine, clinic: Clinic, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    put(engine, [letter(clinic)], now)
    monkeypatch.setattr("portal.mail.delivery.PAUSE_SECONDS", 0.01)
    stopping, looks = threading.Event(), []

    def clock() -> datetime:
        looks.append(now)
        if len(looks) == 1:
            with sessions(engine)() as session:
                session.connection().exec_driver_sql("SELECT * FROM no_such_table")
        return now

    deliver_on(Courier(engine, lambda _mail, _message: stopping.set(), config(engine), clock), stopping)
    assert [row["sent_at"] for row in stored(engine).values()] == [now]


def test_a_server_that_names_no_reason_is_no_refusal_for_good(engine: Engine, clinic: Clinic, now: datetime) -> None:
    put(engine, [letter(clinic)], now)

    def lost(_mail: DueMail, _message: EmailMessage) -> None:
        raise smtplib.SMTPServerDisconnected("connection lost")

    assert sending(engine, now, send=lost) == {Outcome.LATER: 1}
