"""Making pages: what every template may use, and the one function that renders them."""

from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, session
from flask_wtf.csrf import generate_csrf
from itsdangerous import URLSafeTimedSerializer

from portal import context
from portal.domain.booking import NOTE_MAX, REASON_MAX
from portal.web import brand, visitor
from portal.web.address import here
from portal.web.rendering import rendered

_assets: dict[str, str] = {}
VERSION_LENGTH = 10
_SECOND = timedelta(seconds=1)
TOKENS_KEPT = 4096
_SIGNER = "portal_csrf_signer"


def init_app(app: Flask) -> None:
    """Give templates addresses of static files that change with the files, and what else all of them may use."""
    app.jinja_env.globals.update(asset=asset, here=here, csrf_token=csrf_token, reason_max=REASON_MAX, note_max=NOTE_MAX)
    app.extensions[_SIGNER] = URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token")
    for file in Path(app.static_folder or "").rglob("*"):
        if file.is_file():
            name = file.relative_to(app.static_folder or "").as_posix()
            _assets[name] = f"{app.static_url_path}/{name}?v={sha256(file.read_bytes()).hexdigest()[:VERSION_LENGTH]}"


def asset(name: str) -> str:
    """Return the address of a static file, with the version of its content; raises KeyError for an unknown file."""
    # not by url_for: a request for a foreign host has no address of its own to start from, and its error page shows assets too
    return _assets[name]


def csrf_token() -> str:
    """Return the token of this browser's forms. It holds as long as the session's secret does, so that it is signed once."""
    secret: str | None = session.get("csrf_token")
    return _signed(current_app.extensions[_SIGNER], secret) if secret else str(generate_csrf())


@lru_cache(maxsize=TOKENS_KEPT)
def _signed(signer: URLSafeTimedSerializer, secret: str) -> str:
    signed: str = signer.dumps(secret)
    return signed


def page(template: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template shows
    """Render a page, or the partial of it that the template's name says, for whoever is signed in."""
    shared = {
        "brand": brand.current(),
        "signed_in": visitor.is_signed_in(),
        "journey": False,
        "acting_for": None,
        "switch_url": None,
        "failed": False,
    }
    return rendered(template, {**shared, "sign_out_at": g.get("sign_out_at"), "ending": _ending(), **values})


def _ending() -> tuple[int, int] | None:
    """Return in how many seconds the visitor's session ends unless it is used, and in how many whatever they do: a browser's clock may be wrong."""
    if (last_at := g.get("last_at")) is None:
        return None
    now = context.now()
    return (g.sign_out_at - now) // _SECOND, (last_at - now) // _SECOND


def wants_fragment() -> bool:
    """Tell whether htmx asks for a part of the page; the address is the same for both."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"
