"""The signed cookie that carries a session's token and a form's secret: verified once, however often a browser sends it."""

from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.sansio.http import parse_cookie

KEPT = 1024


class SignedCookies(SecureCookieSessionInterface):
    """Flask's own cookies; what a signature says of a text never changes, so each text is checked once in a process."""

    def __init__(self, app: Flask) -> None:
        self._serializer = super().get_signing_serializer(app)
        self._verified = lru_cache(maxsize=KEPT)(self._verify)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:  # noqa: ARG002 - Flask's signature
        """Return the one signer of this application."""
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """Return what the cookie carries, or an empty session for none or a forged one. How long it holds is for the session's row to say."""
        carried = request.headers.get("Cookie")
        return self.session_class(self._verified(carried, self.get_cookie_name(app)) if carried else {})

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie again only when something in it has changed; it has no end of its own to be put off."""
        if session.modified:
            super().save_session(app, session, response)

    def _verify(self, carried: str, name: str) -> dict[str, Any]:
        text = parse_cookie(carried).get(name)
        try:
            data: dict[str, Any] = self._serializer.loads(text) if self._serializer and text else {}
        except BadSignature:
            return {}
        return data
