"""Links that came by mail: their token goes into the browser's cookie at once, so that no later address and no Referer holds it."""

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.domain.audit import Door, Origin
from portal.domain.throttle import network
from portal.services.mailed_links import Purpose
from portal.web.pages import page as render

TOKEN_MAX = 100


def take(purpose: Purpose, endpoint: str) -> ResponseReturnValue:
    """Keep the token of the address that was opened, and lead on to an address without it.

    Nothing is used up: programs that read mail open links too.
    """
    session[_name(purpose)] = request.args.get("t", "")[:TOKEN_MAX]
    return redirect(url_for(endpoint), 303)


def carried(purpose: Purpose) -> str:
    """Return the token that this browser carries, empty when there is none."""
    token: str = session.get(_name(purpose), "")
    return token


def drop(purpose: Purpose) -> None:
    """Let the browser forget a token that has been used."""
    session.pop(_name(purpose), None)


def ended(purpose: Purpose, again: str) -> ResponseReturnValue:
    """Say that a link does not work, the same for one that is unknown, used or too old; `again` is where to ask for another.

    Whoever comes without any link is led there at once.
    """
    if request.method != "POST" and not carried(purpose):
        return redirect(url_for(again), 303)
    return render("links/ended.html", again_url=url_for(again)), 404


def origin() -> Origin:
    """Return from where somebody acts who need not be signed in."""
    return Origin(Door.PAGE, network(request.remote_addr or ""))


def _name(purpose: Purpose) -> str:
    return f"{purpose.value}_link"
