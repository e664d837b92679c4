"""Help for those who write client programs: an index of the calls of the other door, and a page about each."""

from collections.abc import Sequence
from typing import Protocol

from flask import Blueprint, Flask, abort, current_app
from flask.typing import ResponseReturnValue

from portal.web.access import public
from portal.web.pages import page

_KEPT = "portal_help"
blueprint = Blueprint("help", __name__)


class CallPage(Protocol):
    """What is shown of one method of one call; the templates know the rest."""

    @property
    def slug(self) -> str:
        """The last part of the page's address."""

    @property
    def group(self) -> str:
        """The word under which the index lists it."""


def init_app(app: Flask, calls: Sequence[CallPage]) -> None:
    """Add the pages about these calls."""
    app.extensions[_KEPT] = {call.slug.lower(): call for call in calls}
    app.register_blueprint(blueprint)


@blueprint.get("/<any_case('Help'):root>", strict_slashes=False)
@public("whoever writes a client program reads it before they have a key")
def index(root: str) -> ResponseReturnValue:  # noqa: ARG001 - the word only leads here
    """List every call."""
    groups: dict[str, list[CallPage]] = {}
    for call in _calls().values():
        groups.setdefault(call.group, []).append(call)
    return page("help/index.html", groups=groups)


@blueprint.get("/<any_case('Help'):root>/<any_case('Api'):branch>/<slug>", strict_slashes=False)
@public("whoever writes a client program reads it before they have a key")
def one(root: str, branch: str, slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the words only lead here
    """Show one method of one call."""
    call = _calls().get(slug.lower())
    return abort(404) if call is None else page("help/call.html", call=call)


def _calls() -> dict[str, CallPage]:
    calls: dict[str, CallPage] = current_app.extensions[_KEPT]
    return calls
