"""The headers that every answer carries, whatever made it."""

from flask import Flask, Response, request

_CONTENT_POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind} 'self'" for kind in ("script-src", "style-src", "img-src", "connect-src", "manifest-src", "form-action")),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
# same-origin, not no-referrer: over TLS the protection of forms compares the Referer.
_ALWAYS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_ONE_YEAR = "max-age=31536000; includeSubDomains"
_STATIC_SECONDS = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Add the headers to every answer, error pages and static files included."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    response.headers.update(_ALWAYS)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = _ONE_YEAR
    if request.endpoint == "static" and response.status_code < 400:
        response.headers["Cache-Control"] = f"public, max-age={_STATIC_SECONDS}, immutable" if "v" in request.args else "public, max-age=300"
    else:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Cookie, HX-Request"
    return response
