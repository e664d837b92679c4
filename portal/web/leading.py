"""Leading a visitor elsewhere before a page opens: to sign in, or to prove who they are, and back here afterwards."""

from flask import make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response

from portal.web.address import here


def ask_to_sign_in() -> Response:
    """Answer a stranger: on to sign-in and back here, for a fragment by the header that htmx follows."""
    session.pop("_user_id", None)
    return _lead_to("sign_in.page")


def ask_to_prove() -> Response:
    """Answer a visitor who has to prove who they are: on to that page and back here, to the form if this was one."""
    return _lead_to("sign_in.again")


def _lead_to(endpoint: str) -> Response:
    return led_to(url_for(endpoint, next=here() if request.method == "GET" else request.path))


def led_to(target: str) -> Response:
    """Lead on to a page, for a fragment by the header that htmx follows."""
    if request.headers.get("HX-Request"):
        # A fetch would follow a redirect and put the whole page into the list of times.
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = target
        return answer
    return redirect(target, 303)
