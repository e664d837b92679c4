"""The portal and Chromium as they really run: a demonstration served by the portal's own command, and a headless browser."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Playwright

START_SECONDS = 60
DEBIAN_CHROMIUM = Path("/usr/bin/chromium")
# Without these Chromium looks for its maker's hosts at every start; as root it runs only without its sandbox.
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
)


@dataclass(frozen=True)
class SignIn:
    """How somebody of the demonstration signs in."""

    email: str
    password: str


@dataclass(frozen=True)
class Portal:
    """A running portal: its address, and its people by first name."""

    base_url: str
    people: Mapping[str, SignIn]


@contextmanager
def demonstration(folder: Path) -> Iterator[Portal]:
    """Serve a fresh demonstration at a free port for as long as the context lasts."""
    facts = folder / "facts.json"
    command = [sys.executable, "-m", "portal", "demo", "--data", str(folder / "data"), "--port", "0", "--facts", str(facts), "--fresh"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603 - our own program and a folder we made
        try:
            _wait_for(facts, process, folder / "log")
            told = json.loads(facts.read_text())
            with urlopen(f"{told['base_url']}/ready", timeout=START_SECONDS):  # noqa: S310 - the address of the server just started
                yield Portal(told["base_url"], {user["name"].split()[0].lower(): SignIn(user["email"], user["password"]) for user in told["users"]})
        finally:
            process.terminate()
            process.wait()


def _wait_for(facts: Path, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not (facts.exists() and facts.read_text().endswith("}\n")):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the demonstration did not start: {log.read_text()}")
        time.sleep(0.05)


def chromium_program() -> str | None:
    """Return where Chromium is: $CHROMIUM, Debian's place, or on the path; None when it is nowhere."""
    if named := os.environ.get("CHROMIUM"):
        return named
    return str(DEBIAN_CHROMIUM) if DEBIAN_CHROMIUM.exists() else shutil.which("chromium")


def launch(playwright: Playwright, program: str) -> Browser:
    """Start Chromium without a window."""
    return playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
