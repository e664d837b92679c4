"""Making pages: what every template may use, and the one function that renders them."""

from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, g, render_template, request
from flask_login import current_user
from jinja2 import StrictUndefined

from portal.web import brand

_asset_versions: dict[str, str] = {}
VERSION_LENGTH = 10
_QUERY_MARKS = "%&=?/:+,;@!$'()*"


def init_app(app: Flask) -> None:
    """Make templates strict and give them addresses of static files that change with the files."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=asset, here=here)
    for file in Path(app.static_folder or "").rglob("*"):
        if file.is_file():
            name = file.relative_to(app.static_folder or "").as_posix()
            _asset_versions[name] = sha256(file.read_bytes()).hexdigest()[:VERSION_LENGTH]


def asset(name: str) -> str:
    """Return the address of a static file, with the version of its content; raises KeyError for an unknown file."""
    # not by url_for: a request for a foreign host has no address of its own to start from, and its error page shows assets too
    return f"{current_app.static_url_path}/{name}?v={_asset_versions[name]}"


def here() -> str:
    """Return the address of this request, path and query; its bytes may be any, so all but plain ones are encoded."""
    query = quote(request.query_string, safe=_QUERY_MARKS)
    return quote(request.path) + (f"?{query}" if query else "")


def page(template: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template shows
    """Render a page, or the partial of it that the template's name says, for whoever is signed in."""
    shared = {"brand": brand.current(), "current_user": current_user, "journey": False, "acting_for": None, "switch_url": None, "failed": False}
    return render_template(template, **{**shared, "sign_out_at": g.get("sign_out_at"), **values})


def wants_fragment() -> bool:
    """Tell whether htmx asks for a part of the page; the address is the same for both."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"
