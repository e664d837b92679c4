import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal import config as configuration
from portal.cli import main
from portal.config import sqlite_url
from portal.domain.keys import parse_key
from portal.storage.catalogue import account_ids
from portal.storage.engine import open_engine, sessions
from tests.databases import Databases
from tests.domain.test_clinic import GOOD

SECRET = "x" * 48


@pytest.fixture
def url(sqlite: Databases, monkeypatch: pytest.MonkeyPatch) -> str:
    url = sqlite.migrated()
    monkeypatch.setenv("PORTAL_DATABASE_URL", url)
    return url


@pytest.fixture
def empty_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "empty.db"
    monkeypatch.setenv("PORTAL_DATABASE_URL", sqlite_url(path))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "hill.toml"
    path.write_text(GOOD)
    return path


def portal(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def refusal(*words: str | Path) -> str:
    result = portal(*words)
    assert isinstance(result.exception, SystemExit)
    assert (result.exit_code, result.stdout) == (1, "")
    return result.stderr


def test_a_start_without_a_secret_refuses_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_SECRET_KEY", raising=False)
    said = refusal("serve")
    assert said.startswith("portal: PORTAL_SECRET_KEY must be set")
    assert said.count("\n") == 1


@pytest.mark.usefixtures("empty_file")
@pytest.mark.parametrize("words", ["serve", "db check", "clinic apply {file}", "key issue --account hill"])
def test_a_database_that_is_not_migrated_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch, file: Path, words: str) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", SECRET)
    said = refusal(*words.format(file=file).split())
    assert said == "portal: the database is not at the newest schema; bring it there with: portal db upgrade\n"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://nobody@127.0.0.1:1/none", "portal: the database refused: "),
        ("sqlite:////no/such/folder/portal.db", "portal: the database refused: unable to open database file"),
        ("sqlite://", "portal: an SQLite database in memory does not outlive its process; name a file"),
        ("no address", "portal: PORTAL_DATABASE_URL is no address of SQLite or PostgreSQL: "),
        ("mysql://host/name", "portal: PORTAL_DATABASE_URL is no address of SQLite or PostgreSQL: "),
        ("what://host/name", "portal: PORTAL_DATABASE_URL is no address of SQLite or PostgreSQL: "),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, url: str, says: str) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", url)
    said = refusal("db", "check")
    assert said.startswith(says)
    assert said.count("\n") == 1


@pytest.mark.usefixtures("url")
def test_a_port_in_use_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert (
            refusal("serve", "--port", str(port))
            == f"portal: cannot listen at 127.0.0.1, port {port}: Address already in use; see --host and --port\n"
        )


def test_the_schema_goes_up_down_and_up(empty_file: Path) -> None:
    assert portal("db", "upgrade").stdout == "The database is at schema head.\n"
    assert portal("db", "check").stdout == "The database is at the newest schema.\n"
    assert portal("db", "downgrade").exit_code == 0
    assert portal("db", "check").exit_code == 1
    assert portal("db", "upgrade").exit_code == 0
    assert empty_file.exists()


@pytest.mark.usefixtures("empty_file")
def test_an_unknown_revision_is_told_in_one_line() -> None:
    assert refusal("db", "upgrade", "nonsense") == "portal: Can't locate revision identified by 'nonsense'\n"


@pytest.mark.usefixtures("empty_file")
def test_an_empty_database_cannot_go_down() -> None:
    assert refusal("db", "downgrade") == "portal: Relative revision -1 didn't produce 1 migrations\n"


@pytest.mark.usefixtures("url")
def test_a_schema_that_differs_is_told(url: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE draft")
    engine.dispose()
    assert "draft" in refusal("db", "check")


def test_the_folder_of_the_default_database_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_DATABASE_URL", raising=False)
    monkeypatch.setattr(configuration, "_PROJECT", tmp_path)
    assert portal("db", "upgrade").exit_code == 0
    assert (tmp_path / "var" / "portal.db").exists()


def test_a_clinic_file_is_loaded_and_told(url: str, file: Path) -> None:
    result = portal("clinic", "apply", file)
    assert "provider: 2 added, 0 changed, 0 retired" in result.stdout
    assert result.stdout.endswith("Hill Practice: revision 1\n")
    engine = open_engine(url)
    with sessions(engine)() as session:
        assert len(account_ids(session)) == 1
    engine.dispose()


@pytest.mark.usefixtures("url")
def test_a_clinic_file_that_changed_nothing_says_so(file: Path) -> None:
    portal("clinic", "apply", file)
    assert portal("clinic", "apply", file).stdout == "Hill Practice: revision 1, nothing changed\n"


def test_a_clinic_file_with_faults_names_them_and_loads_nothing(url: str, file: Path) -> None:
    file.write_text(GOOD.replace("minutes = 30", "minutes = 31").replace('"112"', "112"))
    said = refusal("clinic", "apply", file)
    assert [line.split(" expected")[0] for line in said.splitlines()] == [f"{file}:7: emergency:", f"{file}:32: minutes:"]
    engine = open_engine(url)
    with sessions(engine)() as session:
        assert account_ids(session) == []
    engine.dispose()


def test_a_clinic_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    result = portal("clinic", "apply", tmp_path / "none.toml")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize("name", ["hill", "Hill Practice"])
def test_a_key_is_issued_to_an_account_on_standard_output_alone(file: Path, name: str) -> None:
    portal("clinic", "apply", file)
    result = portal("key", "issue", "--account", name, "--days", "7")
    assert parse_key(result.stdout.strip()) is not None
    assert "cannot be shown again" in result.stderr


@pytest.mark.usefixtures("url")
def test_no_key_for_an_unknown_user() -> None:
    said = refusal("key", "issue", "--user", "nobody@example.org")
    assert said == "portal: there is no active user with the e-mail address nobody@example.org\n"


@pytest.mark.parametrize("words", ["", "--user a@example.org --account hill", "--account hill --days 0", "--account hill --days x"])
def test_a_key_for_nobody_or_two_or_no_days_is_a_usage_error(words: str) -> None:
    assert portal("key", "issue", *words.split()).exit_code == 2


@pytest.mark.usefixtures("url")
def test_keys_are_listed_and_revoked(file: Path) -> None:
    portal("clinic", "apply", file)
    key_id = portal("key", "issue", "--account", "hill", "--days", "7").stdout[4:12]
    lines = portal("key", "list", "--account", "hill").stdout.splitlines()
    assert lines == portal("key", "list").stdout.splitlines()
    assert lines[0].split() == ["id", "state", "created", "expires", "last", "used", "for"]
    assert re.fullmatch(rf"{key_id}  live     (\d{{4}}-\d\d-\d\d \d\d:\d\d  ){{2}}never +all of Hill Practice", lines[1])
    assert portal("key", "revoke", key_id).stdout == f"The key {key_id} is revoked.\n"
    assert portal("key", "revoke", key_id).stdout == f"The key {key_id} had been revoked before.\n"
    assert portal("key", "list").stdout.splitlines()[1].split()[1] == "revoked"


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("list --user nobody@example.org", "there is no user with the e-mail address nobody@example.org"),
        ("list --account nowhere", "there is no account with the key or the name nowhere"),
        ("revoke nothing1", "there is no key with the id nothing1"),
    ],
)
def test_an_unknown_holder_or_key_is_told_in_one_line(words: str, said: str) -> None:
    assert refusal("key", *words.split()) == f"portal: {said}\n"


def test_a_list_for_two_holders_is_a_usage_error() -> None:
    assert portal("key", "list", "--user", "a@example.org", "--account", "hill").exit_code == 2


def test_a_demonstration_is_prepared_told_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_DATABASE_URL", raising=False)
    words: list[str | Path] = ["demo", "--data", tmp_path / "demo", "--port", "8765", "--no-serve", "--facts", tmp_path / "facts.json"]
    first = portal(*words)
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert first.exit_code == 0
    assert first.stderr == ""
    assert facts["base_url"] == "http://127.0.0.1:8765"
    assert "curl -i http://127.0.0.1:8765/api/Calendar/PatientAppointmentPost" in first.stdout
    assert all(user["email"] in first.stdout and user["password"] in first.stdout for user in facts["users"])
    portal(*words)
    assert json.loads((tmp_path / "facts.json").read_text()) == facts


def test_a_fresh_demonstration_has_new_keys_and_the_same_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_DATABASE_URL", raising=False)
    words: list[str | Path] = ["demo", "--data", tmp_path, "--no-serve", "--facts", tmp_path / "facts.json"]
    told = []
    for more in ([], ["--fresh"]):
        assert portal(*words, *more).exit_code == 0
        told.append(json.loads((tmp_path / "facts.json").read_text())["users"])
    assert [user["user_id"] for user in told[0]] == [user["user_id"] for user in told[1]]
    assert {user["token"] for user in told[0]}.isdisjoint(user["token"] for user in told[1])


def test_a_demonstration_uses_the_database_that_is_named(empty_file: Path, tmp_path: Path) -> None:
    assert portal("demo", "--data", tmp_path / "demo", "--no-serve").exit_code == 0
    assert empty_file.stat().st_size > 100_000
    assert not (tmp_path / "demo" / "demo.db").exists()


def test_every_command_explains_itself() -> None:
    assert {"clinic", "db", "demo", "key", "mail", "serve"} <= set(portal("--help").stdout.split())


def test_the_server_starts_without_what_only_other_commands_need() -> None:
    others = {"alembic", "mako", "tomllib", "smtplib", "portal.demo.run", "portal.mail.letters", "icalendar", "webauthn", "segno", "pyotp"}
    code = f"import sys, portal.cli, portal.commands.serve, portal.app; print(*{others} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert answer.stdout.strip() == ""
