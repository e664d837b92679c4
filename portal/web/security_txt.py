"""Whom to tell of a weakness of the portal, at the address where those who find one look (RFC 9116)."""

from datetime import timedelta

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal import context
from portal.web import brand
from portal.web.access import public

blueprint = Blueprint("security_txt", __name__)
# The standard wants less than a year, so that nobody writes to an address long gone.
_HOLDS = timedelta(days=300)


@blueprint.get("/.well-known/security.txt")
@public("whoever finds a weakness has no account here")
def page() -> ResponseReturnValue:
    """Say whom to tell: the contact of the settings, else the practice's telephone, else (where several share a portal) its pages."""
    digits = "".join(letter for letter in brand.current().phone if letter.isdigit() or letter == "+")
    contact = context.portal().config.security_contact or (f"tel:{digits}" if digits else context.portal().config.public_url)
    expires = (context.now() + _HOLDS).replace(microsecond=0)
    lines = (f"Contact: {contact}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en, es")
    return "\n".join(lines) + "\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
