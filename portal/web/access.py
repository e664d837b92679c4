"""Who may call which page: the permission that every endpoint of this door carries."""

from collections.abc import Callable
from dataclasses import replace
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
from portal.domain.second_factor import is_required
from portal.domain.sessions import is_proved
from portal.domain.throttle import network
from portal.services import audit, events, sign_in
from portal.services.audit import Done
from portal.services.events import Event
from portal.storage import patients, schedules
from portal.storage.patients import PatientFacts
from portal.storage.sign_ins import SignedIn
from portal.web.address import here
from portal.web.permissions import Kind, Permission, View, marked

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
    if sign_in.needs_touch(signed_in, now) and _is_asked_for():
        sign_in.touch(context.begin_write(), token, now)
        context.commit()
        used_at = now
    g.signed_in = signed_in
    g.language = signed_in.language
    g.sign_out_at, g.last_at = limits.ends_at(signed_in, used_at), limits.last_at(signed_in)
    if signed_in.level < LEVEL_OF_TWO and needs_factor(signed_in) and not _opens_before_a_factor():
        abort(_led_to(url_for("two_step.page")))
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


def note_seen(*done: Done) -> None:
    """Write down what the page that has been made shows of whom, in a short transaction of its own.

    To be called after all is read and before the page is answered: a page whose rows cannot be written is not shown.
    The steps of a booking show what the person who makes it has just said, and are not written down.
    """
    if not done:
        return
    actor, now = actor_here(), context.now()
    links = [] if all(one.patient_id == actor.own_patient_id for one in done) else _all_links(actor)
    audit.record_all(context.begin_write(), actor, audit.by_links(actor, links, done, now), now)
    context.commit()


def remember_language(language: str) -> None:
    """Keep the language a signed-in visitor chose in their profile."""
    if is_signed_in():
        sign_in.set_language(context.begin_write(), visitor().user_id, language)
        context.commit()


def public(reason: str) -> Callable[[View], View]:
    """Mark a page that strangers may see, and say why."""
    return marked(Permission(Kind.PUBLIC, reason))


def signed_in(view: View) -> View:
    """Mark a page that any signed-in person may see; others are asked to sign in and brought back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - a view's own arguments
        return view(*args, **kwargs) if is_signed_in() else ask_to_sign_in()

    return marked(Permission(Kind.SIGNED_IN))(guarded)


def for_somebody(act: Act) -> Callable[[View], View]:
    """Mark a page for whoever may do this for somebody: the view gets everyone for whom they may, others find nothing there."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded() -> ResponseReturnValue:
            if not is_signed_in():
                return ask_to_sign_in()
            return view(people_for(act) or abort(404))

        return marked(Permission(Kind.SOMEBODY, act=act))(guarded)

    return decorate


def proved(view: View) -> View:
    """Let only those in who have proved lately who they are; stands below `signed_in`. Others do it now and come back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - a view's own arguments
        return view(*args, **kwargs) if is_proved(visitor().proved_at, context.now()) else ask_to_prove()

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

        return marked(Permission(Kind.PATIENT, act=act))(guarded)

    return decorate


def for_schedule(act: Act) -> Callable[[View], View]:
    """Mark a page about the appointment in its path: the view gets it, or nobody learns whether it exists."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(schedule_id: UUID) -> ResponseReturnValue:
            if not is_signed_in():
                return ask_to_sign_in()
            return view(permitted_schedule(schedule_id, act))

        return marked(Permission(Kind.SCHEDULE, act=act))(guarded)

    return decorate


def permitted(patient_id: UUID, act: Act, *, private: bool = False) -> PatientFacts:
    """Return the patient if the visitor may do this for them, to what they keep `private` if so; else 404, the same as for an unknown id."""
    found = patients.patient(context.db(), patient_id)
    if found is None:
        abort(404)
    require_right(found, act, private=private)
    return found


def permitted_schedule(schedule_id: UUID, act: Act) -> ScheduleView:
    """Return the appointment if the visitor may do this to it; else 404: to a guardian a private one is as unknown as any other."""
    found = schedules.view(context.db(), schedule_id)
    patient = patients.patient(context.db(), found.patient_id) if found else None
    if found is None or patient is None:
        abort(404)
    require_right(patient, act, private=found.private)
    return found


def require_right(patient: PatientFacts, act: Act, *, private: bool = False) -> None:
    """Answer 404, as for an unknown id, unless the visitor may do this for the patient now."""
    actor = actor_here()
    if not may(actor, act, replace(patient.subject, private=private), _links(actor, patient.id), context.now()):
        abort(404)


def readable(schedule: ScheduleView) -> ScheduleView:
    """Return a schedule that the visitor may see, without what they may not read of it."""
    actor = actor_here()
    return seen_with(schedule, rights(actor, schedule.patient_id, _links(actor, schedule.patient_id), context.now()))


def has_right(patient_id: UUID, act: Act) -> bool:
    """Tell whether the visitor may do this for a patient whose page they are let in to."""
    actor = actor_here()
    return act in rights(actor, patient_id, _links(actor, patient_id), context.now())


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


def ask_to_sign_in() -> Response:
    """Answer a stranger: on to sign-in and back here, for a fragment by the header that htmx follows."""
    session.pop("_user_id", None)
    return _lead_to("sign_in.page")


def ask_to_prove() -> Response:
    """Answer a visitor who has to prove who they are: on to that page and back here, to the form if this was one."""
    return _lead_to("sign_in.again")


def _lead_to(endpoint: str) -> Response:
    return _led_to(url_for(endpoint, next=here() if request.method == "GET" else request.path))


def _led_to(target: str) -> Response:
    """Lead on to a page, for a fragment by the header that htmx follows."""
    if request.headers.get("HX-Request"):
        # A fetch would follow a redirect and put the whole page into the list of times.
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = target
        return answer
    return redirect(target, 303)
