"""Every address of the portal, from the map that routes requests: no list of them is written by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.routing import Rule

from portal.api import door as api
from portal.api.help import pages
from portal.app import PROJECT, AnyCase
from portal.web import door as web
from portal.web.permissions import Kind, Permission, permission_of

# The first answers files that anyone may have; the second only finds a call, whose own permission is in `api.door.CALLS`.
WITHOUT_PERMISSION = ("static", "api.call")
# Parts of addresses that name a file or a help page, the same for everybody.
NAMES_OF_NOBODY = {"filename", "root", "branch", "slug", "token"}
METHODS = ("GET", "POST")


def _doors() -> Flask:
    app = Flask("portal", template_folder=str(PROJECT / "templates"), static_folder=str(PROJECT / "static"))
    app.url_map.converters["any_case"] = AnyCase
    web.init_app(app, pages(api.CALLS))
    api.init_app(app, CSRFProtect(app))
    return app


# Doors without a database behind them: enough for their addresses, before any test runs.
DOORS = _doors()
RULES = [rule for rule in DOORS.url_map.iter_rules() if rule.endpoint not in WITHOUT_PERMISSION]


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    endpoint: str
    method: str
    rule: Rule

    @property
    def permission(self) -> Permission | None:
        """What its view is marked with."""
        return permission_of(DOORS.view_functions[self.endpoint])

    def url(self, values: Mapping[str, Any]) -> str:
        """Return the address with these ids in it."""
        named = {name: values[name] for name in self.rule.arguments}
        return DOORS.url_map.bind("localhost").build(self.endpoint, named, method=self.method)

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"


# Pages that ask nobody to sign in; some show themselves only to who holds a link of a mail, or half of a sign-in.
OPEN = (Kind.PUBLIC, Kind.MAIL_HELD, Kind.SIGN_IN_HELD)
ROUTES = [Route(rule.endpoint, method, rule) for rule in RULES for method in METHODS if method in (rule.methods or ())]
PUBLIC = [route for route in ROUTES if route.permission and route.permission.kind in OPEN]
PRIVATE = [route for route in ROUTES if route not in PUBLIC]
OF_A_PATIENT = [route for route in PRIVATE if "patient_id" in route.rule.arguments]
OF_A_DRAFT = [route for route in PRIVATE if "draft_id" in route.rule.arguments]
WRITES = [route for route in ROUTES if route.method == "POST"]
