"""The signed cookie that carries a session's token and a form's secret: verified once, however often a browser sends it."""

import time
from functools import lru_cache
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature, URLSafeTimedSerializer

KEPT = 4096


class SignedCookies(SecureCookieSessionInterface):
    """Flask's own cookies; what a signature says of a text never changes, so each text is checked once in a process."""

    def __init__(self, app: Flask) -> None:
        self._serializer = super().get_signing_serializer(app)
        self._verified = lru_cache(maxsize=KEPT)(self._verify)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:  # noqa: ARG002 - Flask's signature
        """Return the one signer of this application."""
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """Return what the cookie carries, or an empty session for none, a forged or an old one."""
        text = request.cookies.get(self.get_cookie_name(app))
        data, signed_at = self._verified(text) if text else ({}, 0.0)
        fresh = time.time() - signed_at <= app.permanent_session_lifetime.total_seconds()
        return self.session_class(data if fresh else {})

    def _verify(self, text: str) -> tuple[dict[str, Any], float]:
        if self._serializer is None:
            return {}, 0.0
        try:
            data, signed_at = self._serializer.loads(text, return_timestamp=True)
        except BadSignature:
            return {}, 0.0
        return data, signed_at.timestamp()
