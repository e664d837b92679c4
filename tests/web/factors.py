"""What tests of second factors share: an app that shows codes, and a device that makes and uses passkeys."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import pyotp
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

from tests.web.page import Answer, Page, elements, text_of
from tests.web.visitor import Visitor

HERE = "http://localhost"
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def secret_of(page: Page) -> str:
    [place] = [element for element in page.root.iter() if element.get("id") == "secret"]
    return text_of(place).replace(" ", "")


def codes_of(page: Page) -> list[str]:
    return [text_of(item) for item in elements(page.root, "li") if item.get("class") == "code"]


def code_at(secret: str, now: datetime, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(now, counter_offset=steps)


def post(person: Visitor, url: str, **fields: str) -> Answer:
    return person.ask("POST", url, [("csrf_token", person.token()), *fields.items()])


def set_up_app(person: Visitor, now: datetime) -> tuple[str, list[str]]:
    """Set up an app as the first factor; return its secret and the recovery codes."""
    secret = secret_of(person.page(post(person, "/account/two-step").location))
    answer = person.send(person.page("/account/two-step/app"), "code", code=code_at(secret, now))
    assert answer.status == 200
    return secret, codes_of(answer.page)


@dataclass
class Device:
    """A passkey as a device keeps it; what it says can be bent for tests."""

    origin: str = HERE
    host: str = "localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    id: bytes = b"a passkey of the tests"
    user_handle: bytes = b""
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def make(self, options: Mapping[str, Any]) -> str:
        """Answer a request for a new passkey."""
        self.user_handle = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        data = self._data(ATTESTED) + bytes(16) + len(self.id).to_bytes(2) + self.id + public
        return self._answer(
            {
                "clientDataJSON": self._client("webauthn.create", options),
                "attestationObject": encode_cbor({"fmt": "none", "attStmt": {}, "authData": data}),
            }
        )

    def sign(self, options: Mapping[str, Any]) -> str:
        """Answer a request for a signature."""
        client, data = self._client("webauthn.get", options), self._data()
        signature = self.key.sign(data + sha256(client).digest(), ECDSA(SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signature, "userHandle": self.user_handle})

    def _data(self, more: int = 0) -> bytes:
        return sha256(self.host.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _client(self, kind: str, options: Mapping[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        name = bytes_to_base64url(self.id)
        encoded = {part: bytes_to_base64url(value) for part, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": encoded, "clientExtensionResults": {}})


def add_passkey(person: Visitor, device: Device, name: str = "My phone") -> Answer:
    """Add a passkey as the page's script does."""
    options = json.loads(post(person, "/account/two-step/passkeys/options").body)
    return post(person, "/account/two-step/passkeys", name=name, credential=device.make(options))


def token_of(person: Visitor) -> str:
    """Return a stranger's token against forged forms."""
    return dict(person.page("/sign-in").form_with("email").values)["csrf_token"]


def passkey_options(person: Visitor) -> dict[str, Any]:
    """Ask for what is to be signed for signing in by a passkey alone."""
    answer = person.ask("POST", "/sign-in/passkey/options", [("csrf_token", token_of(person))])
    options: dict[str, Any] = json.loads(answer.body)
    return options


def sign_in_by_passkey(person: Visitor, credential: str) -> Answer:
    return person.ask("POST", "/sign-in/passkey", [("csrf_token", token_of(person)), ("credential", credential)])
