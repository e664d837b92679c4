"""The command that prepares the demonstration and serves it."""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine

from portal import config as configuration
from portal import server
from portal.commands.failures import refusing
from portal.commands.opening import opened
from portal.commands.serve import HOST, PORT
from portal.config import Config, MailSettings, sqlite_url
from portal.demo import run as demonstration
from portal.demo.folder import DemoFolder
from portal.demo.seed import WorkingDay
from portal.demo.show import sign_ins

PROJECT = Path(__file__).resolve().parents[2]


@click.command("demo")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=PROJECT / "var" / "demo", help="Folder that keeps it.")
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--facts", type=click.Path(dir_okay=False, path_type=Path), help="Write ids, passwords and bearer keys to this JSON file.")
@click.option("--no-serve", is_flag=True, help="Prepare it, and stop there.")
@click.option("--fresh", is_flag=True, help="Throw the bookings of earlier runs away first.")
def command(data: Path, port: int, facts: Path | None, *, no_serve: bool, fresh: bool) -> None:
    """Serve a made-up clinic to try the portal with."""
    with refusing(server.CannotListenError):
        listener = None if no_serve else server.listen(HOST, port)
    base_url = server.address(listener) if listener else f"http://{HOST}:{port}"
    folder, named_url = DemoFolder(data), os.environ.get("PORTAL_DATABASE_URL")
    url = named_url or sqlite_url(folder.database)
    config = _settings(folder, url, base_url)
    with refusing(demonstration.DemoError):
        if fresh:
            demonstration.discard(folder, named_url)
        with opened(url) as engine:
            told, curl_line = _prepared(engine, folder, base_url)
    if facts is not None:
        facts.write_text(told)
    echoed = [
        f"Riverbend Clinic, a demonstration: {base_url} (passkeys: {config.public_url})",
        f"Mail that the portal sends: {base_url}/demo/mail",
    ]
    click.echo("\n".join([*echoed, "", "Sign in as", *sign_ins(), "", "Book with the JSON call", curl_line]))
    if listener is not None:
        server.serve(config, listener)


def _settings(folder: DemoFolder, url: str, base_url: str) -> Config:
    """Return the settings of a demonstration: its mail stays in its folder, and leads to a name, since numbers have no passkeys."""
    own = {"PORTAL_SECRET_KEY": folder.secret_key(), "PORTAL_DEVELOPMENT": "1", "PORTAL_DATABASE_URL": url}
    config = configuration.from_environment({"PORTAL_URL": base_url.replace(HOST, "localhost"), **os.environ, **own})
    return replace(config, mail=MailSettings(folder=folder.mail), demo=True)


def _prepared(engine: Engine, folder: DemoFolder, base_url: str) -> tuple[str, str]:
    demonstration.fill(engine, datetime.now(UTC), _progress)
    return demonstration.tell(engine, folder, base_url, datetime.now(UTC))


def _progress(days: list[WorkingDay]) -> "click._termui_impl.ProgressBar[WorkingDay]":
    return click.progressbar(days, label="Filling the demonstration", file=sys.stderr, hidden=not sys.stderr.isatty())
