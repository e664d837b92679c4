"""The headers that every answer carries, whatever made it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_CONTENT_POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind} 'self'" for kind in ("script-src", "style-src", "img-src", "connect-src", "manifest-src", "form-action")),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
# same-origin, not no-referrer: over TLS the protection of forms compares the Referer.
_ALWAYS = [
    ("Content-Security-Policy", _CONTENT_POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
]
_OVER_TLS = [*_ALWAYS, ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]
_STATIC_SECONDS = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Add the headers to every answer, error pages and static files included."""
    app.after_request(_say_who_may_keep_it)
    app.wsgi_app = _Always(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way


class _Always:
    """Adds what never changes below the framework, which would check every value on every answer."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        added = _OVER_TLS if environ["wsgi.url_scheme"] == "https" else _ALWAYS

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:  # noqa: ANN401 - an exception's parts, or nothing
            return start_response(status, headers + added, *error)

        return self._app(environ, start)


def _say_who_may_keep_it(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code < 400:
        response.headers["Cache-Control"] = f"public, max-age={_STATIC_SECONDS}, immutable" if "v" in request.args else "public, max-age=300"
    else:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Cookie, HX-Request"
    return response
