"""The folder of a demonstration: its database file, and the secrets that make a second start feel like the first."""

import json
import os
import secrets
from pathlib import Path

DATABASE = "demo.db"
_SQLITE_COMPANIONS = ("", "-wal", "-shm", ".turn")


class DemoFolder:
    """A folder that is made when it is missing; only its owner can read the secrets in it."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._path = path.resolve()

    @property
    def database(self) -> Path:
        """Where the demonstration's own database is."""
        return self._path / DATABASE

    @property
    def mail(self) -> Path:
        """Where the demonstration's mail goes instead of to its people."""
        return self._path / "mail"

    def discard_mail(self) -> None:
        """Delete the demonstration's mail."""
        for file in self.mail.glob("*.eml"):
            file.unlink()

    def discard_database(self) -> None:
        """Delete the demonstration's own database, if there is one."""
        for ending in _SQLITE_COMPANIONS:
            Path(f"{self.database}{ending}").unlink(missing_ok=True)

    def secret_key(self) -> str:
        """Return the key that signs cookies, the same at every start, so that sessions survive one."""
        path = self._path / "secret-key"
        if not path.exists():
            _write_privately(path, secrets.token_urlsafe(48))
        return path.read_text().strip()

    def bearer_keys(self) -> dict[str, str]:
        """Return the bearer keys that were issued before, by e-mail address: the database holds only their digests."""
        path = self._path / "bearer-keys.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def keep_bearer_keys(self, keys: dict[str, str]) -> None:
        """Remember the bearer keys for the next start."""
        _write_privately(self._path / "bearer-keys.json", json.dumps(keys))


def _write_privately(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
