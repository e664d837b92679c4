"""What a server keeps beside its workers: processes of their own, so that neither their memory nor their faults are the workers'."""

import logging
import os
import subprocess
import sys
import time

from portal.config import Config

RESTART_SECONDS = 10.0
HOUSEKEEPING_FIRST_SECONDS = 60.0
# What passes goes to the next who waits, so this is how late that may be.
HOUSEKEEPING_SECONDS = 600.0
_log = logging.getLogger("portal.mail")


class Sender:
    """The process `portal mail deliver --forever`, started when it is missing; it ends when its parent does, however that ends."""

    def __init__(self, config: Config) -> None:
        self._environment = {**os.environ, **_settings(config)}
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = -RESTART_SECONDS

    def keep(self) -> None:
        """Start the process unless it runs, and not again and again; a failure is told, and no more."""
        if self._is_running() or time.monotonic() - self._started_at < RESTART_SECONDS:
            return
        self._started_at = time.monotonic()
        words = [sys.executable, "-m", "portal", "mail", "deliver", "--forever", "--parent", str(os.getpid())]
        try:
            self._process = subprocess.Popen(words, env=self._environment, stdin=subprocess.DEVNULL)  # noqa: S603 - our own program
        except OSError as error:
            _log.warning("mail cannot be sent: %s", error)

    def stop(self) -> None:
        """Tell the process to end once the mail in hand is sent."""
        if self._process is not None and self._is_running():
            self._process.terminate()

    def _is_running(self) -> bool:
        # The server reaps every child itself, which `poll` takes as an end.
        return self._process is not None and self._process.poll() is None


class Housekeeper:
    """The process `portal housekeeping`, started every ten minutes; it ends by itself, and takes no memory in between."""

    def __init__(self, config: Config) -> None:
        self._environment = {**os.environ, **_settings(config)}
        self._next_at = time.monotonic() + HOUSEKEEPING_FIRST_SECONDS
        self._process: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Start the process when its time has come; a failure is told, and no more."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + HOUSEKEEPING_SECONDS
        words = [sys.executable, "-m", "portal", "housekeeping"]
        try:
            self._process = subprocess.Popen(words, env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
        except OSError as error:
            _log.warning("housekeeping cannot be done: %s", error)

    def stop(self) -> None:
        """Leave the process alone: what it does are transactions, and short."""


def beside(config: Config) -> list[Sender | Housekeeper]:
    """Return what a server keeps beside its workers: a sender only where mail has a way out."""
    return [Housekeeper(config), *([Sender(config)] if is_wanted(config) else [])]


def is_wanted(config: Config) -> bool:
    """Tell whether mail has a way out."""
    return bool(config.mail.server or config.mail.folder)


def _settings(config: Config) -> dict[str, str]:
    """Return the settings as the process reads them: those that the server runs with, wherever they come from."""
    return {
        "PORTAL_DATABASE_URL": config.database_url,
        "PORTAL_SECRET_KEY": config.secret_key,
        "PORTAL_DEVELOPMENT": "1" if config.development else "0",
        "PORTAL_HOSTS": ",".join(config.trusted_hosts),
        "PORTAL_URL": config.public_url,
        "PORTAL_MAIL_FROM": config.mail.sender,
        "PORTAL_SMTP_URL": config.mail.server,
        "PORTAL_MAIL_FOLDER": str(config.mail.folder or ""),
    }
