"""The form of a bearer key: `pap_<8 id>_<43 secret>_<6 checksum>`, checked before anything is looked up."""

import re
import zlib
from dataclasses import dataclass
from hashlib import sha256

DAYS_DEFAULT = 365
# Two for each of a person's few programs, so that a new key can take over from an old one.
LIVE_MAX = 10
ID_LENGTH = 8
SECRET_LENGTH = 43
_FORM = re.compile(rf"pap_([a-z0-9]{{{ID_LENGTH}}})_([A-Za-z0-9_-]{{{SECRET_LENGTH}}})_([0-9a-z]{{6}})", re.ASCII)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key as its holder sends it, taken apart."""

    id: str
    secret: str

    @property
    def digest(self) -> str:
        """SHA-256 of the secret in hex: 43 characters hold 256 random bits, so no slow hash is needed."""
        return sha256(self.secret.encode()).hexdigest()

    def __str__(self) -> str:
        return f"pap_{self.id}_{self.secret}_{_checksum(self.id, self.secret)}"


def parse_key(text: str) -> KeyText | None:
    """Return the parts of a well-formed key whose checksum holds, else None."""
    match = _FORM.fullmatch(text)
    if match is None or _checksum(match[1], match[2]) != match[3]:
        return None
    return KeyText(match[1], match[2])


def _checksum(key_id: str, secret: str) -> str:
    number = zlib.crc32(f"{key_id}_{secret}".encode())
    digits = []
    for _ in range(6):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(digits)
