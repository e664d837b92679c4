"""Who may call which page: the permission that every endpoint of this door carries."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Flask, abort, g, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin
from werkzeug.wrappers import Response

from portal import context
from portal.domain.audit import Door, Origin
from portal.domain.guardianship import Act, Actor, Link, may, rights
from portal.domain.schedule import ScheduleView, seen_with
from portal.domain.throttle import network
from portal.services import sign_in
from portal.storage import patients
from portal.storage.patients import PatientFacts
from portal.storage.sign_ins import SignedIn
from portal.web.address import here

View = Callable[..., ResponseReturnValue]
PROVED_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Permission:
    """What a caller needs: nothing (with the reason why), a signed-in session, or a right over the patient in the path."""

    kind: str
    reason: str = ""
    act: Act | None = None


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
        return False
    used_at = signed_in.seen_at
    if sign_in.needs_touch(signed_in, now):
        sign_in.touch(context.begin_write(), token, now)
        context.commit()
        used_at = now
    g.signed_in = signed_in
    g.language = signed_in.language
    g.sign_out_at = limits.ends_at(signed_in, used_at)
    return True


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
    return visitor().actor(Origin(Door.PAGE, network(request.remote_addr or "")))


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


def public(reason: str) -> Callable[[View], View]:
    """Mark a page that strangers may see, and say why."""
    return marked(Permission("public", reason))


def signed_in(view: View) -> View:
    """Mark a page that any signed-in person may see; others are asked to sign in and brought back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - a view's own arguments
        return view(*args, **kwargs) if is_signed_in() else ask_to_sign_in()

    return marked(Permission("signed in"))(guarded)


def proved(view: View) -> View:
    """Let only those in who have proved lately who they are; stands below `signed_in`. Others do it now and come back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - a view's own arguments
        proved_at = visitor().proved_at
        fresh = proved_at is not None and context.now() - proved_at < PROVED_FOR
        return view(*args, **kwargs) if fresh else redirect(url_for("sign_in.again", next=here() if request.method == "GET" else request.path), 303)

    vars(guarded)["proved"] = True
    return guarded


def for_patient(act: Act) -> Callable[[View], View]:
    """Mark a page about the patient in its path: the view gets them, or nobody learns whether they exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(patient_id: UUID, *args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - a view's own arguments
            if not is_signed_in():
                return ask_to_sign_in()
            return view(permitted(patient_id, act), *args, **kwargs)

        return marked(Permission("patient", act=act))(guarded)

    return decorate


def permitted(patient_id: UUID, act: Act, *, private: bool = False) -> PatientFacts:
    """Return the patient if the visitor may do this for them, to what they keep `private` if so; else 404, the same as for an unknown id."""
    found = patients.patient(context.db(), patient_id)
    if found is None:
        abort(404)
    require_right(found, act, private=private)
    return found


def require_right(patient: PatientFacts, act: Act, *, private: bool = False) -> None:
    """Answer 404, as for an unknown id, unless the visitor may do this for the patient now."""
    actor = actor_here()
    if not may(actor, act, replace(patient.subject, private=private), _links(actor, patient.id), context.now()):
        abort(404)


def readable(schedule: ScheduleView) -> ScheduleView:
    """Return a schedule as far as the visitor may read it, or answer 404, as for an unknown id, when they may not see it at all."""
    permitted(schedule.patient_id, Act.SEE, private=schedule.private)
    actor = actor_here()
    return seen_with(schedule, rights(actor, schedule.patient_id, _links(actor, schedule.patient_id), context.now()))


def acting_for(patient_id: UUID, name: str) -> dict[str, str | None]:
    """Return what the strip of a page about a patient shows: nothing about the visitor themselves."""
    others = patient_id != visitor().own_patient_id
    return {"acting_for": name, "switch_url": url_for("people.page")} if others else {"acting_for": None, "switch_url": None}


def people_for(act: Act) -> list[PatientFacts]:
    """Return everyone for whom the visitor may do this, themselves first."""
    actor, now = actor_here(), context.now()
    links = _all_links(actor)
    people = [person for person in patients.cared_for(context.db(), actor) if may(actor, act, person.subject, links, now)]
    return sorted(people, key=lambda person: person.id != actor.own_patient_id)


def may_act_for_others(act: Act) -> bool:
    """Tell whether the visitor may do this for more than one person, themselves included."""
    actor, now = actor_here(), context.now()
    others = {link.patient_id for link in _all_links(actor) if link.allows(act, now)} - {actor.own_patient_id}
    return len(others) + (actor.own_patient_id is not None) > 1


def _links(actor: Actor, patient_id: UUID) -> list[Link]:
    return [] if patient_id == actor.own_patient_id else _all_links(actor)


def _all_links(actor: Actor) -> list[Link]:
    if "links" not in g:
        g.links = patients.links(context.db(), actor.user_id) if visitor().has_links else []
    found: list[Link] = g.links
    return found


def marked(permission: Permission) -> Callable[[View], View]:
    """Return a decorator that writes a permission on a view, for the test that walks every endpoint."""

    def mark(view: View) -> View:
        vars(view)["permission"] = permission
        return view

    return mark


def ask_to_sign_in() -> Response:
    """Answer a stranger: on to sign-in and back here, for a fragment by the header that htmx follows."""
    session.pop("_user_id", None)
    target = url_for("sign_in.page", next=here() if request.method == "GET" else request.path)
    if request.headers.get("HX-Request"):
        # A fetch would follow a redirect and put the sign-in page into the list of times.
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = target
        return answer
    return redirect(target, 303)
