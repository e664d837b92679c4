"""The headers that every answer carries, whatever made it."""

from collections.abc import Callable, Iterable
from functools import wraps
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
ALWAYS = [
    ("Content-Security-Policy", _CONTENT_POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
]
PRIVATE = [("Cache-Control", "no-store"), ("Vary", "Cookie, HX-Request")]
_OVER_TLS = [*ALWAYS, ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]
_STATIC_SECONDS = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Add the headers to every answer, error pages and static files included."""
    app.view_functions["static"] = _kept(app.view_functions["static"])
    app.wsgi_app = _Always(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way


class _Always:
    """Adds what never changes below the framework, which would check every value on every answer."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        added = _OVER_TLS if environ["wsgi.url_scheme"] == "https" else ALWAYS

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:  # noqa: ANN401 - an exception's parts, or nothing
            private = [] if any(name == "Cache-Control" for name, _ in headers) else PRIVATE
            return start_response(status, headers + added + private, *error)

        return self._app(environ, start)


def _kept(view: Callable[..., Any]) -> Callable[..., Response]:
    """Let browsers keep what a static file's address with a version answers for ever, and other static files for minutes."""

    @wraps(view)
    def kept(*args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - the view's own arguments
        response: Response = view(*args, **kwargs)
        response.headers["Cache-Control"] = f"public, max-age={_STATIC_SECONDS}, immutable" if "v" in request.args else "public, max-age=300"
        return response

    return kept
