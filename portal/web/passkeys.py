"""What the pages that use passkeys share: where passkeys work, and the library that judges them, loaded when it is first used."""

from importlib import import_module
from typing import Any

from flask import Response
from wtforms import HiddenField

from portal import context
from portal.domain.second_factor import Place, passkey_place
from portal.web import brand
from portal.web.language import TranslatedForm

# Where the cookie keeps the token of a ceremony.
CEREMONY = "passkey"


class PasskeyForm(TranslatedForm):
    """A browser's answer for a passkey, as JSON; where to go afterwards."""

    credential = HiddenField()
    next = HiddenField()


def place() -> Place | None:
    """Return where passkeys of this portal are used, by its settings and never by what a request says of its host."""
    return passkey_place(context.portal().config.public_url, brand.last_known().name)


def host() -> str:
    """Return the host for which passkeys of this portal are made, or an empty text where there are none."""
    found = place()
    return found.host if found else ""


def library() -> Any:  # noqa: ANN401 - a module of ours; importing it by name here would load it at every start
    """Return the functions about passkeys."""
    return import_module("portal.services.passkeys")


def options(text: str) -> Response:
    """Answer a script with what the browser is to be asked."""
    return Response(text, mimetype="application/json")
