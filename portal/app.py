"""The application: where configuration, doors, errors and headers meet."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, Map

from portal import context
from portal.api import door as api
from portal.api.help import pages
from portal.config import BODY_BYTES_MAX, Config
from portal.context import Clock, utc_now
from portal.services.passwords import TooManySignInsError
from portal.storage.engine import DatabaseBusyError, is_unavailable
from portal.web import door as web
from portal.web.cookies import SignedCookies

PROJECT = Path(__file__).resolve().parent.parent
FORM_PARTS_MAX = 200
_log = logging.getLogger("portal")


class _Flask(Flask):
    """Flask for views that are all plain functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is, instead of asking each time whether it is a coroutine."""
        return func


class AnyCase(BaseConverter):
    """A word of an address in any case, as old clients of the calls and links to their pages have it."""

    def __init__(self, url_map: Map, word: str) -> None:
        super().__init__(url_map)
        self.regex = "".join(f"[{letter.upper()}{letter.lower()}]" for letter in word)


def create_app(config: Config, clock: Clock = utc_now) -> Flask:
    """Return the portal as a WSGI application; raises UnsafeDatabaseError for a database that may lose bookings."""
    app = _Flask("portal", template_folder=str(PROJECT / "templates"), static_folder=str(PROJECT / "static"))
    app.config.from_mapping(_settings(config))
    context.init_app(app, config, clock)
    app.before_request(_refuse_unreadable_query)
    app.session_interface = SignedCookies(app)
    app.url_map.converters["any_case"] = AnyCase
    protection = CSRFProtect(app)
    web.init_app(app, pages(api.CALLS))
    api.init_app(app, protection)
    if config.demo:
        # Imported here alone: nothing of it is part of a portal that people use.
        import_module("portal.demo.mailbox").init_app(app)
    _handle_errors(app)
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=config.proxies)  # type: ignore[method-assign]  # Flask's documented way
    return app


def _settings(config: Config) -> dict[str, object]:
    return {
        "SECRET_KEY": config.secret_key,
        "MAX_CONTENT_LENGTH": BODY_BYTES_MAX,
        "MAX_FORM_MEMORY_SIZE": BODY_BYTES_MAX,
        "MAX_FORM_PARTS": FORM_PARTS_MAX,
        "TRUSTED_HOSTS": list(config.trusted_hosts),
        # Browsers keep a __Host- cookie to this origin, over TLS alone; on a developer's machine there is no TLS.
        "SESSION_COOKIE_NAME": "portal" if config.development else "__Host-portal",
        "SESSION_COOKIE_SECURE": not config.development,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # The server's session row ends a form's life; a second clock would only lose what people typed.
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _refuse_unreadable_query() -> None:
    """Answer 400 to a query that is no text, where one is read: the framework would fail on it, and browsers encode what they send."""
    try:
        request.query_string.decode()
    except UnicodeDecodeError:
        if not api.is_addressed():
            abort(HTTPStatus.BAD_REQUEST)


def _handle_errors(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(DatabaseBusyError, _busy)
    app.register_error_handler(PoolTimeoutError, _busy)
    app.register_error_handler(TooManySignInsError, _busy)
    app.register_error_handler(Exception, _fault)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    return api.answer_error(error) if api.is_addressed() else web.answer_error(error)


def _database_error(error: DBAPIError) -> ResponseReturnValue:
    return _busy(error) if is_unavailable(error) else _fault(error)


def _busy(error: Exception) -> ResponseReturnValue:
    _log.warning("too busy at %s: %s", request.endpoint, type(error).__name__)
    return api.busy() if api.is_addressed() else web.busy()


def _fault(error: Exception) -> ResponseReturnValue:
    _log.error("fault at %s", request.endpoint, exc_info=error)
    return api.fault() if api.is_addressed() else web.fault()
