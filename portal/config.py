"""Settings, read from the environment once; a start with half of them refuses with one clear line."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

from portal.domain.walltime import zone_of

BODY_BYTES_MAX = 64 * 1024
IDLE_MINUTES_DEFAULT = 15
ABSOLUTE_MINUTES_DEFAULT = 12 * 60
SECRET_LENGTH_MIN = 32
LOCAL_HOSTS = ("127.0.0.1", "localhost")
_PROJECT = Path(__file__).resolve().parent.parent


class ConfigurationError(Exception):
    """The environment does not describe a portal that can run; the text says what to set."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a running portal needs to know about where it runs."""

    database_url: str
    secret_key: str
    development: bool = False
    trusted_hosts: tuple[str, ...] = LOCAL_HOSTS
    proxies: int = 0
    api_zone: str | None = None
    idle_minutes: int = IDLE_MINUTES_DEFAULT
    absolute_minutes: int = ABSOLUTE_MINUTES_DEFAULT


def default_database_url() -> str:
    """Return the address of the embedded database: one SQLite file under the project's ignored folder."""
    return sqlite_url(_PROJECT / "var" / "portal.db")


def sqlite_url(path: Path) -> str:
    """Return the address of an SQLite file."""
    return f"sqlite:///{path}"


def database_url(environ: Mapping[str, str] = os.environ) -> str:
    """Return the database that the environment names, or the embedded one."""
    return environ.get("PORTAL_DATABASE_URL") or default_database_url()


def from_environment(environ: Mapping[str, str] = os.environ) -> Config:
    """Read every setting; raises ConfigurationError for a missing secret or a value that cannot be meant."""
    development = _flag(environ, "PORTAL_DEVELOPMENT")
    secret = environ.get("PORTAL_SECRET_KEY", "")
    if len(secret) < SECRET_LENGTH_MIN:
        raise ConfigurationError(
            f"PORTAL_SECRET_KEY must be set to at least {SECRET_LENGTH_MIN} random characters, "
            "for example the output of: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    hosts = tuple(host.strip() for host in environ.get("PORTAL_HOSTS", "").split(",") if host.strip())
    return Config(
        database_url=database_url(environ),
        secret_key=secret,
        development=development,
        trusted_hosts=hosts or LOCAL_HOSTS,
        proxies=_number(environ, "PORTAL_PROXIES", 0, 0),
        api_zone=_zone(environ, "PORTAL_API_TIME_ZONE"),
        idle_minutes=_number(environ, "PORTAL_IDLE_MINUTES", IDLE_MINUTES_DEFAULT, 1),
        absolute_minutes=_number(environ, "PORTAL_ABSOLUTE_MINUTES", ABSOLUTE_MINUTES_DEFAULT, 1),
    )


def _flag(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "0")
    if text not in ("0", "1"):
        raise ConfigurationError(f"{name} must be 0 or 1, not {text!r}")
    return text == "1"


def _zone(environ: Mapping[str, str], name: str) -> str | None:
    text = environ.get(name)
    if not text:
        return None
    try:
        zone_of(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(f"{name} must be an IANA time zone such as America/Chicago, not {text!r}") from error
    return text


def _number(environ: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = environ.get(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise ConfigurationError(f"{name} must be a whole number of at least {least}, not {text!r}")
    return int(text)
