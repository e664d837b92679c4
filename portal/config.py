"""Settings, read from the environment once; a start with half of them refuses with one clear line."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfoNotFoundError

from portal.domain.second_factor import SecondFactor
from portal.domain.walltime import zone_of

BODY_BYTES_MAX = 64 * 1024
IDLE_MINUTES_DEFAULT = 15
ABSOLUTE_MINUTES_DEFAULT = 12 * 60
SECRET_LENGTH_MIN = 32
LOCAL_HOSTS = ("127.0.0.1", "localhost")
_PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How mail leaves: as files in a folder, or through a server. Without either it waits in the outbox."""

    sender: str = ""
    server: str = ""
    folder: Path | None = None


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
    public_url: str = "http://127.0.0.1:8000"
    second_factor: SecondFactor = SecondFactor.OPTIONAL
    mail: MailSettings = MailSettings()
    security_contact: str = ""
    # Set by the demonstration alone: anybody may read its mail.
    demo: bool = False

    @property
    def mail_host(self) -> str:
        """Return the portal's host as addresses in mail have it."""
        host = urlsplit(self.public_url).hostname or "localhost"
        return f"[{host}]" if ":" in host else host

    @property
    def sender_address(self) -> str:
        """Return the bare address that mail comes from, one at the portal's host where none is set."""
        return parseaddr(self.mail.sender)[1] or f"portal@{self.mail_host}"


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
        public_url=_public_url(environ, hosts or LOCAL_HOSTS, development=development),
        second_factor=_second_factor(environ),
        mail=_mail(environ),
        security_contact=_security_contact(environ),
    )


def _security_contact(environ: Mapping[str, str]) -> str:
    """Return whom to tell of a weakness, as an address that begins with its scheme."""
    text = environ.get("PORTAL_SECURITY_CONTACT", "")
    if text and not (text.startswith(("mailto:", "https://", "tel:")) and text.isprintable()):
        raise ConfigurationError(f"PORTAL_SECURITY_CONTACT must begin with mailto:, https:// or tel:, not {text!r}")
    return text


def _public_url(environ: Mapping[str, str], hosts: tuple[str, ...], *, development: bool) -> str:
    """Return where links in mail lead: never what a request says of its host."""
    text = environ.get("PORTAL_URL") or (f"http://{hosts[0]}:8000" if development else f"https://{hosts[0]}")
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigurationError(f"PORTAL_URL must be the address of the portal, such as https://portal.example.org, not {text!r}")
    return text.rstrip("/")


def _second_factor(environ: Mapping[str, str]) -> SecondFactor:
    text = environ.get("PORTAL_REQUIRE_MFA") or SecondFactor.OPTIONAL.value
    if text not in list(SecondFactor):
        raise ConfigurationError(f"PORTAL_REQUIRE_MFA must be none, guardians or all, not {text!r}")
    return SecondFactor(text)


def _mail(environ: Mapping[str, str]) -> MailSettings:
    server, folder, sender = (environ.get(name, "") for name in ("PORTAL_SMTP_URL", "PORTAL_MAIL_FOLDER", "PORTAL_MAIL_FROM"))
    if server:
        parts = urlsplit(server)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ConfigurationError("PORTAL_SMTP_URL must be like smtp://user:password@host:587, or smtps:// for a server that speaks TLS at once")
        if "@" not in sender or not sender.isprintable():
            raise ConfigurationError("PORTAL_MAIL_FROM must be the address that mail comes from when PORTAL_SMTP_URL is set")
    return MailSettings(sender, server, Path(folder) if folder else None)


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
