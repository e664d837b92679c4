"""Who may call which page: the permission that every endpoint of this door carries."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from uuid import UUID

from flask import abort, g, url_for
from flask.typing import ResponseReturnValue

from portal import context
from portal.domain.guardianship import Act, Actor, Link, may, rights
from portal.domain.schedule import ScheduleView, seen_with
from portal.domain.sessions import is_proved
from portal.services import audit
from portal.services.audit import Done
from portal.storage import patients, schedules
from portal.storage.patients import PatientFacts
from portal.web.leading import ask_to_prove, ask_to_sign_in
from portal.web.permissions import Kind, Permission, View, marked
from portal.web.visitor import actor_here, is_signed_in, visitor


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


def public(reason: str, kind: Kind = Kind.PUBLIC) -> Callable[[View], View]:
    """Mark a page that strangers may see, and say why; one of another kind shows itself to whoever holds what that kind names."""
    return marked(Permission(kind, reason))


def of_kind(kind: Kind) -> Callable[[View], View]:
    """Mark a page for signed-in people that finds out itself, by its own kind, whose it is; others are asked to sign in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - a view's own arguments
            return view(*args, **kwargs) if is_signed_in() else ask_to_sign_in()

        return marked(Permission(kind))(guarded)

    return decorate


# A page that any signed-in person may see.
signed_in = of_kind(Kind.SIGNED_IN)


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


def permitted(patient_id: UUID, act: Act) -> PatientFacts:
    """Return the patient if the visitor may do this for them; else 404, the same as for an unknown id."""
    found = patients.patient(context.db(), patient_id) or abort(404)
    require_right(found, act)
    return found


def permitted_schedule(schedule_id: UUID, act: Act) -> ScheduleView:
    """Return the appointment if the visitor may do this to it; else 404: to a guardian a private one is as unknown as any other."""
    return reachable(schedule_id, act) or abort(404)


def reachable(schedule_id: UUID, act: Act) -> ScheduleView | None:
    """Return the appointment if the visitor may see it and do this to it, or None: any page about one shows it."""
    found = schedules.view(context.db(), schedule_id)
    patient = patients.patient(context.db(), found.patient_id) if found else None
    if found is None or patient is None:
        return None
    return found if all(has_right(patient, needed, private=found.private) for needed in {Act.SEE, act}) else None


def require_right(patient: PatientFacts, act: Act, *, private: bool = False) -> None:
    """Answer 404, as for an unknown id, unless the visitor may do this for the patient now."""
    if not has_right(patient, act, private=private):
        abort(404)


def has_right(patient: PatientFacts, act: Act, *, private: bool = False) -> bool:
    """Tell whether the visitor may do this for the patient now."""
    actor = actor_here()
    return may(actor, act, replace(patient.subject, private=private), _links(actor, patient.id), context.now())


def readable(schedule: ScheduleView) -> ScheduleView:
    """Return a schedule that the visitor may see, without what they may not read of it."""
    return seen_with(schedule, rights_over(schedule.patient_id))


def rights_over(patient_id: UUID) -> frozenset[Act]:
    """Return what the visitor may do for a patient now."""
    actor = actor_here()
    return rights(actor, patient_id, _links(actor, patient_id), context.now())


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
