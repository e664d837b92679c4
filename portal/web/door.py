"""The HTML door: its pages, its errors and its headers, put together."""

from collections.abc import Sequence

from flask import Flask

from portal.web import (
    account,
    appointments,
    calendars,
    cancelling,
    details,
    headers,
    health,
    invitations,
    keys,
    language,
    moving,
    pages,
    past,
    reminders,
    rendering,
    reset,
    second_step,
    security_txt,
    seen,
    sessions,
    sign_in,
    sign_in_details,
    sign_up,
    throttle,
    two_step,
    visitor,
    waiting,
)
from portal.web import help as help_pages
from portal.web.booking import check, provider, reasons, time, visit, wait, who
from portal.web.booking.journey import blueprint as booking
from portal.web.errors import answer as answer_error
from portal.web.errors import busy, fault
from portal.web.people import asking, changing, overview, proxies
from portal.web.people.pages import blueprint as people

__all__ = ["answer_error", "busy", "fault", "init_app"]
STEPS = (who, provider, visit, reasons, time, wait, check)
PEOPLE = (overview, asking, changing, proxies)


def init_app(app: Flask, calls: Sequence[help_pages.CallPage]) -> None:
    """Add every page of the portal to the application; `calls` are what the help pages are about."""
    visitor.init_app(app)
    pages.init_app(app)
    rendering.init_app(app)
    language.init_app(app, visitor.remember_language)
    headers.init_app(app)
    throttle.init_app(app)
    help_pages.init_app(app, calls)
    own = (account, details, reminders, sign_in_details, sessions, two_step, keys, invitations, seen, calendars)
    for module in (sign_in, second_step, sign_up, reset, appointments, past, cancelling, moving, waiting, *own, health, security_txt):
        app.register_blueprint(module.blueprint)
    for journey in (booking, people):
        app.register_blueprint(journey)
