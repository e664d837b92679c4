"""The command line: serving, the demonstration, the schema, clinic files and bearer keys."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click
from alembic.util import CommandError
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from portal import config as configuration
from portal import server
from portal.config import ConfigurationError, sqlite_url
from portal.demo import run as demonstration
from portal.demo.folder import DemoFolder
from portal.demo.seed import WorkingDay
from portal.demo.show import sign_ins
from portal.domain.clinic_file import ClinicFileError, read_clinic
from portal.domain.keys import DAYS_DEFAULT
from portal.services import clinic as clinics
from portal.services import keys
from portal.storage import schema
from portal.storage.engine import DatabaseBusyError, UnsafeDatabaseError, begin_write, open_engine, sessions

PROJECT = Path(__file__).resolve().parent.parent
KEY_DAYS_MAX = 3650
LOCAL = "127.0.0.1"
PORT = click.IntRange(0, 65535)
_PLAIN = (
    ConfigurationError,
    UnsafeDatabaseError,
    demonstration.DemoError,
    keys.UnknownHolderError,
    server.CannotListenError,
    CommandError,
    OSError,
)
_ADDRESS = (ArgumentError, NoSuchModuleError, ModuleNotFoundError)


class _Refused(click.ClickException):
    """An expected failure: its text, exit code 1, no traceback."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the text to standard error."""
        click.echo(self.message, file=file, err=True)


class _Commands(click.Group):
    """Turns every expected failure of a command into one clear line."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ClinicFileError as error:
            raise _Refused(str(error)) from error
        except DatabaseBusyError as error:
            raise _Refused("portal: the database is busy: another program has been writing to it for too long") from error
        except DBAPIError as error:
            raise _Refused(f"portal: the database refused: {_first_line(error.orig)}") from error
        except _ADDRESS as error:
            raise _Refused(f"portal: PORTAL_DATABASE_URL is no address of SQLite or PostgreSQL: {_first_line(error)}") from error
        except _PLAIN as error:
            raise _Refused(f"portal: {_first_line(error)}") from error


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0]


@click.group(cls=_Commands, name="portal", context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run the patient appointment portal."""


@main.command()
@click.option("--host", default=LOCAL, show_default=True, help="Address to listen at.")
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=server.WORKERS_DEFAULT, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 64), default=server.THREADS_DEFAULT, show_default=True, help="Threads in each process.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the portal until it is told to stop."""
    config = configuration.from_environment()
    with _database(config.database_url):
        listener = server.listen(host, port)
    click.echo(f"Serving at {server.address(listener)}; Ctrl-C stops it.", err=True)
    server.serve(config, listener, workers, threads)


@main.command()
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=PROJECT / "var" / "demo", help="Folder that keeps it.")
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--facts", type=click.Path(dir_okay=False, path_type=Path), help="Write ids, passwords and bearer keys to this JSON file.")
@click.option("--no-serve", is_flag=True, help="Prepare it, and stop there.")
@click.option("--fresh", is_flag=True, help="Throw the bookings of earlier runs away first.")
def demo(data: Path, port: int, facts: Path | None, *, no_serve: bool, fresh: bool) -> None:
    """Serve a made-up clinic to try the portal with."""
    listener = None if no_serve else server.listen(LOCAL, port)
    base_url = server.address(listener) if listener else f"http://{LOCAL}:{port}"
    folder, named_url = DemoFolder(data), os.environ.get("PORTAL_DATABASE_URL")
    url = named_url or sqlite_url(folder.database)
    settings = {"PORTAL_SECRET_KEY": folder.secret_key(), "PORTAL_DEVELOPMENT": "1", "PORTAL_DATABASE_URL": url}
    config = configuration.from_environment({**os.environ, **settings})
    if fresh:
        demonstration.discard(folder, named_url)
    with _opened(url) as engine:
        demonstration.fill(engine, datetime.now(UTC), _progress)
        told, curl_line = demonstration.tell(engine, folder, base_url, datetime.now(UTC))
    if facts is not None:
        facts.write_text(told)
    click.echo("\n".join([f"Riverbend Clinic, a demonstration: {base_url}", "", "Sign in as", *sign_ins(), "", "Book with the JSON call", curl_line]))
    if listener is not None:
        server.serve(config, listener)


def _progress(days: list[WorkingDay]) -> "click._termui_impl.ProgressBar[WorkingDay]":
    return click.progressbar(days, label="Filling the demonstration", file=sys.stderr, hidden=not sys.stderr.isatty())


@main.group()
def db() -> None:
    """Bring the database to a schema, or check it."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database to a REVISION, by default the newest."""
    with _opened(configuration.database_url()) as engine:
        schema.upgrade(engine, revision)
    click.echo(f"The database is at schema {revision}.")


@db.command()
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Take the database down to a REVISION, by default by one; what the older schema has no place for is lost."""
    with _opened(configuration.database_url()) as engine:
        schema.downgrade(engine, revision)
    click.echo(f"The database is at schema {revision}.")


@db.command()
def check() -> None:
    """Tell whether the database is at the newest schema and as the program expects it."""
    with _database(configuration.database_url()) as engine:
        differences = schema.differences(engine)
    if differences:
        raise _Refused("\n".join(["portal: the database differs from the schema:", *differences]))
    click.echo("The database is at the newest schema.")


@main.group()
def clinic() -> None:
    """Load what a practice offers."""


@clinic.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def apply_file(file: Path) -> None:
    """Check a clinic FILE and load it; what has not changed stays as it is."""
    described = read_clinic(file.read_bytes(), str(file))
    with _database(configuration.database_url()) as engine, sessions(engine).begin() as session:
        begin_write(session)
        applied = clinics.apply(session, described)
    for change in applied.changes:
        if change:
            click.echo(f"{change.kind.replace('_', ' ')}: {change.added} added, {change.changed} changed, {change.retired} retired")
    click.echo(f"{described.account.name}: revision {applied.revision}{'' if applied else ', nothing changed'}")


@main.group()
def key() -> None:
    """Manage bearer keys of client programs."""


@key.command()
@click.option("--user", "email", help="E-mail address of the user for whom alone the key may act.")
@click.option("--account", "account_name", help="Key or name of the account for whose users the key may act.")
@click.option("--days", type=click.IntRange(1, KEY_DAYS_MAX), default=DAYS_DEFAULT, show_default=True, help="Days until the key ends.")
def issue(email: str | None, account_name: str | None, days: int) -> None:
    """Issue a bearer key and show it, this once."""
    if (email is None) == (account_name is None):
        raise click.UsageError("Name either --user EMAIL or --account NAME.")
    with _database(configuration.database_url()) as engine, sessions(engine).begin() as session:
        begin_write(session)
        now = datetime.now(UTC)
        text = keys.issue_to_user(session, email, days, now) if email else keys.issue_to_account(session, account_name or "", days, now)
    click.echo(text)
    click.echo("Keep it now: only a digest is stored, so it cannot be shown again.", err=True)


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    """Open a database, with the folder of the default one, and leave no connection behind for a fork to inherit."""
    if url == configuration.default_database_url():
        Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _database(url: str) -> Iterator[Engine]:
    """Open a database that is at the newest schema."""
    with _opened(url) as engine:
        with sessions(engine)() as session:
            if not schema.is_current(session):
                raise _Refused("portal: the database is not at the newest schema; bring it there with: portal db upgrade")
        yield engine
