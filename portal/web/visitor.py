"""Who is at the browser: the session that the request carries, and what it lasts."""

from flask import Flask, abort, g, request, session, url_for
from flask_login import LoginManager, UserMixin

from portal import context
from portal.domain.audit import Door, Origin
from portal.domain.guardianship import Actor
from portal.domain.second_factor import is_required
from portal.domain.throttle import network
from portal.services import events, sign_in
from portal.services.events import Event
from portal.storage.sign_ins import SignedIn
from portal.web.leading import ask_to_sign_in, led_to

LEVEL_OF_TWO = 2
# Besides the pages that set up a second factor, all that opens to somebody who must have one and has none.
_BEFORE_A_FACTOR = ("sign_in.again", "sign_in.out", "language.change")


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """A signed-in browser, as Flask-Login carries it: its id is the session's token, never the user's id."""

    def __init__(self, token: str, signed_in: SignedIn) -> None:
        self.token = token
        self.signed_in = signed_in
        self.name = signed_in.name

    def get_id(self) -> str:
        """Return the token that the signed cookie carries."""
        return self.token


def init_app(app: Flask) -> None:
    """Let Flask-Login carry the visitor; the session row alone decides who that is."""
    manager = LoginManager()
    # without its context processor, which would ask the database for the visitor while an error page is made
    manager.init_app(app, add_context_processor=False)
    manager.session_protection = None
    manager.user_loader(_visitor)
    manager.unauthorized_handler(ask_to_sign_in)


def _visitor(token: str) -> Visitor | None:
    return Visitor(token, visitor()) if is_signed_in() else None


def token() -> str | None:
    """Return the session's token that the signed cookie carries, where Flask-Login keeps it."""
    carried: str | None = session.get("_user_id")
    return carried


def admit(token: str, signed_in: SignedIn | None) -> bool:
    """Take note of whom a token signs in, unless that session is over, and of its use; tell whether it does."""
    now, limits = context.now(), context.portal().limits
    if signed_in is None or limits.over(signed_in, now):
        g.signed_in = None
        if signed_in is not None:
            events.note(Event.SESSION_ENDED, now, "timed out", actor=signed_in.user_id, object=signed_in.session_id, address=network_here())
        return False
    used_at = signed_in.seen_at
    if sign_in.needs_touch(signed_in, limits, now) and _is_asked_for():
        sign_in.touch(context.begin_write(), token, now)
        context.commit()
        used_at = now
    g.signed_in = signed_in
    g.language = signed_in.language
    g.sign_out_at, g.last_at = limits.ends_at(signed_in, used_at), limits.last_at(signed_in)
    if signed_in.level < LEVEL_OF_TWO and needs_factor(signed_in) and not _opens_before_a_factor():
        abort(led_to(url_for("two_step.page")))
    return True


def needs_factor(signed_in: SignedIn) -> bool:
    """Tell whether somebody must have a second factor; who has one has given it, so that their session is of the second level."""
    return is_required(context.portal().config.second_factor, signed_in.role, guardian=signed_in.has_links)


def _opens_before_a_factor() -> bool:
    return request.blueprint == "two_step" or request.endpoint in _BEFORE_A_FACTOR


def _is_asked_for() -> bool:
    """Tell whether a person asked for this page: what a script asks for in an open page must not keep the session alive."""
    headers = request.headers
    return "HX-Request" not in headers and headers.get("Sec-Fetch-Dest", "document") == "document" and "Sec-Purpose" not in headers


def stay() -> None:
    """Record that the visitor asked to stay signed in, at the end of a transaction that has begun."""
    now, limits = context.now(), context.portal().limits
    sign_in.touch(context.db(), token() or "", now)
    context.commit()
    g.sign_out_at = limits.ends_at(visitor(), now)


def is_signed_in() -> bool:
    """Tell whether the request comes from a signed-in browser."""
    if "signed_in" not in g:
        carried = token()
        admit(carried or "", sign_in.stored(context.db(), carried) if carried else None)
    return g.signed_in is not None


def visitor() -> SignedIn:
    """Return who is signed in; only inside a view that requires it."""
    signed_in: SignedIn = g.signed_in
    return signed_in


def actor_here() -> Actor:
    """Return who is signed in as the rules see them, and from where they act."""
    return visitor().actor(Origin(Door.PAGE, network_here()))


def network_here() -> str:
    """Return the network address that the request comes from, as limits and logs count it."""
    return network(request.remote_addr or "")


def begin_write() -> None:
    """Start writing as the visitor: the session is read again, so one ended a moment ago writes nothing."""
    g.pop("links", None)
    if sign_in.find(context.begin_write(), token() or "", context.portal().limits, context.now()) is None:
        abort(ask_to_sign_in())


def remember_language(language: str) -> None:
    """Keep the language a signed-in visitor chose in their profile."""
    if is_signed_in():
        sign_in.set_language(context.begin_write(), visitor().user_id, language)
        context.commit()
