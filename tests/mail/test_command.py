"""The commands about mail, and the sender that a server keeps."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from portal.cli import main
from portal.config import Config
from portal.mail import worker
from portal.storage.engine import begin_write, open_engine, sessions
from tests.clinic import Clinic, build
from tests.databases import Databases
from tests.mail.post import PUBLIC_URL, SECRET, SENDER, Server, letter, mail_server, put, stored
from tests.serving.running import WAIT_SECONDS, serving

AGO = timedelta(minutes=1)


@pytest.fixture
def databases(sqlite: Databases) -> Databases:
    """SQLite: what the commands ask of the outbox is tested on both databases elsewhere."""
    return sqlite


@pytest.fixture
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The settings of a portal whose mail has no way out yet."""
    for name in ("PORTAL_SMTP_URL", "PORTAL_MAIL_FOLDER", "PORTAL_MAIL_FROM"):
        monkeypatch.delenv(name, raising=False)
    for name, text in {"PORTAL_DATABASE_URL": database_url, "PORTAL_SECRET_KEY": SECRET, "PORTAL_URL": PUBLIC_URL}.items():
        monkeypatch.setenv(name, text)
    return monkeypatch


def portal(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def until(happened: Callable[[], Any]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def senders(parent: int) -> list[int]:
    """Return the processes that send mail for a server."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"mail" in words and str(parent).encode() in words:
            found.append(int(process.name))
    return found


@pytest.mark.usefixtures("settings")
def test_without_a_way_out_it_refuses_with_one_line() -> None:
    result = portal("mail", "deliver")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "portal: mail has no way out and waits in the outbox; set PORTAL_SMTP_URL or PORTAL_MAIL_FOLDER\n"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"PORTAL_SMTP_URL": "mail.example.org"}, "portal: PORTAL_SMTP_URL must be like smtp://user:password@host:587"),
        ({"PORTAL_SMTP_URL": "smtp://mail.example.org"}, "portal: PORTAL_MAIL_FROM must be the address that mail comes from"),
        ({"PORTAL_SMTP_URL": "smtp://mail.example.org", "PORTAL_MAIL_FROM": "a@b.org\r\nBcc: c@d.org"}, "portal: PORTAL_MAIL_FROM must be"),
        ({"PORTAL_URL": "portal.example.org"}, "portal: PORTAL_URL must be the address of the portal"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_told_in_one_line(settings: pytest.MonkeyPatch, given: dict[str, str], says: str) -> None:
    for name, text in given.items():
        settings.setenv(name, text)
    result = portal("mail", "deliver")
    assert result.exit_code == 1
    assert result.stderr.startswith(says)
    assert result.stderr.count("\n") == 1


def test_it_sends_what_is_due_and_tells_how_much(settings: pytest.MonkeyPatch, engine: Engine, clinic: Clinic) -> None:
    now = datetime.now(UTC)
    put(engine, [letter(clinic), letter(clinic, to="gone@example.org"), letter(clinic, to="full@example.org")], now - AGO)
    put(engine, [letter(clinic)], now + timedelta(hours=1))
    handler = signal.getsignal(signal.SIGTERM)
    with mail_server(Server(refusals={"gone@example.org": "550 no", "full@example.org": "452 full"})) as server:
        settings.setenv("PORTAL_SMTP_URL", server.url)
        settings.setenv("PORTAL_MAIL_FROM", SENDER)
        assert portal("mail", "deliver").stdout == "1 sent, 1 to be tried again, 1 given up.\n"
    assert signal.getsignal(signal.SIGTERM) is handler


def test_the_list_tells_state_tries_and_the_last_failure_but_no_link(settings: pytest.MonkeyPatch, engine: Engine, clinic: Clinic) -> None:
    put(engine, [letter(clinic), letter(clinic, to="gone@example.org"), letter(clinic, to="full@example.org")], datetime.now(UTC) - AGO)
    with mail_server(Server(refusals={"gone@example.org": "550 no", "full@example.org": "452 full"})) as server:
        settings.setenv("PORTAL_SMTP_URL", server.url)
        settings.setenv("PORTAL_MAIL_FROM", SENDER)
        portal("mail", "deliver")
    told = portal("mail", "list").stdout
    states = dict(re.findall(r"^[0-9a-f-]{36}  (\w+(?: up)?) .*  (\S+@\S+)$", told, re.MULTILINE))
    assert {address: state for state, address in states.items()} == {
        "ada@example.org": "sent",
        "gone@example.org": "given up",
        "full@example.org": "waiting",
    }
    assert "    RefusedForGoodError: 550 no" in told.splitlines()
    assert "somewhere" not in told


def test_forever_sends_what_comes_and_ends_when_told(settings: pytest.MonkeyPatch, engine: Engine, clinic: Clinic, tmp_path: Path) -> None:
    settings.setenv("PORTAL_MAIL_FOLDER", str(tmp_path / "mail"))
    with subprocess.Popen([sys.executable, "-m", "portal", "mail", "deliver", "--forever"]) as process:
        put(engine, [letter(clinic)], datetime.now(UTC))
        until(lambda: all(row["sent_at"] for row in stored(engine).values()))
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_SECONDS) == 0
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1


@pytest.fixture
def practice(sqlite: Databases) -> Iterator[tuple[str, Engine, Clinic]]:
    """A practice of today."""
    url = sqlite.migrated()
    engine = open_engine(url)
    with sessions(engine).begin() as session:
        begin_write(session)
        clinic = build(session)
    yield url, engine, clinic
    engine.dispose()
    sqlite.drop(url)


def test_a_server_sends_mail_by_itself_and_keeps_its_sender(
    settings: pytest.MonkeyPatch, practice: tuple[str, Engine, Clinic], tmp_path: Path
) -> None:
    url, engine, clinic = practice
    settings.setenv("PORTAL_MAIL_FOLDER", str(tmp_path))
    with serving(url, workers=1) as server:
        put(engine, [letter(clinic)], datetime.now(UTC))
        until(lambda: list(tmp_path.glob("*.eml")))
        [sender] = senders(server.process.pid)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(WAIT_SECONDS) == 0
        until(lambda: not Path(f"/proc/{sender}").exists())
    assert [line for line in server.said if "Traceback" in line] == []


def test_a_sender_dies_with_a_server_that_is_killed(settings: pytest.MonkeyPatch, practice: tuple[str, Engine, Clinic], tmp_path: Path) -> None:
    settings.setenv("PORTAL_MAIL_FOLDER", str(tmp_path))
    with serving(practice[0], workers=1) as server:
        until(lambda: senders(server.process.pid))
        [sender] = senders(server.process.pid)
        os.kill(server.process.pid, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{sender}").exists())


@pytest.mark.usefixtures("settings")
def test_a_server_whose_mail_has_no_way_out_has_no_sender(practice: tuple[str, Engine, Clinic]) -> None:
    with serving(practice[0], workers=1) as server:
        time.sleep(1.5)
        assert senders(server.process.pid) == []


def test_a_sender_that_has_died_is_started_again_but_not_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    sender = worker.Sender(Config(f"sqlite:///{tmp_path}/none.db", SECRET))
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def counted(*words: Any, **options: Any) -> "subprocess.Popen[bytes]":  # noqa: ANN401 - whatever it is called with
        started.append(popen(*words, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", counted)
    sender.keep()
    started[0].wait(WAIT_SECONDS)
    sender.keep()
    assert len(started) == 1
    monkeypatch.setattr(worker, "RESTART_SECONDS", 0.0)
    sender.keep()
    assert len(started) == 2
    started[1].wait(WAIT_SECONDS)
    sender.stop()


def test_a_sender_that_cannot_be_started_is_no_fault_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    sender = worker.Sender(Config(f"sqlite:///{tmp_path}/none.db", SECRET))
    sender.keep()
    sender.stop()


def test_a_server_keeps_house_once_an_hour_whether_or_not_mail_has_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda words, **_options: started.append(words))
    monkeypatch.setattr(worker, "HOUSEKEEPING_FIRST_SECONDS", 0.0)
    [housekeeper] = worker.beside(Config(f"sqlite:///{tmp_path}/none.db", SECRET))
    housekeeper.keep()
    housekeeper.keep()
    assert [words[1:] for words in started] == [["-m", "portal", "housekeeping"]]
