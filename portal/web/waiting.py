"""What somebody waits for: the list, leaving it, asking for something earlier, and the offers of times that became free."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from portal import context
from portal.domain.audit import Deed
from portal.domain.catalogue import Catalogue
from portal.domain.guardianship import Act
from portal.domain.schedule import Change, ScheduleView
from portal.domain.throttle import BOOKED_BY_USER
from portal.domain.waiting import OfferState
from portal.domain.walltime import local_day
from portal.services import waiting as service
from portal.services.audit import Done
from portal.services.booking import Forbidden, Refused
from portal.services.waiting import NotPossible, Over
from portal.storage import waits
from portal.storage.waits import OfferFacts, WaitFacts
from portal.web.access import acting_for, for_schedule, note_seen, people_for, permitted, require_right, signed_in
from portal.web.booking.summary import option_words
from portal.web.booking.words import words_for
from portal.web.changing import problem
from portal.web.leading import ask_to_sign_in
from portal.web.pages import page as render
from portal.web.permissions import Kind, Permission, View, marked
from portal.web.throttle import count
from portal.web.visitor import actor_here, begin_write, is_signed_in, visitor
from portal.web.wait_form import WaitForm

blueprint = Blueprint("waiting", __name__)
EARLIER = "/appointments/<uuid:schedule_id>/earlier"
OFFER = "/waiting/offers/<uuid:offer_id>"


def for_offer(view: Callable[[OfferFacts], ResponseReturnValue]) -> View:
    """Mark a page about the offer in its path: whom it was made to gets it if they may still book for the patient, others learn nothing."""

    @wraps(view)
    def guarded(offer_id: UUID) -> ResponseReturnValue:
        return view(_permitted(offer_id)) if is_signed_in() else ask_to_sign_in()

    return marked(Permission(Kind.WAIT_OFFER, act=Act.BOOK))(guarded)


def _permitted(offer_id: UUID) -> OfferFacts:
    made = waits.offer(context.db(), offer_id, visitor().user_id) or abort(404)
    require_right(permitted(made.waiting.patient_id, Act.BOOK), Act.BOOK, private=made.waiting.is_private)
    return made


@blueprint.get("/waiting")
@signed_in
def page() -> ResponseReturnValue:
    """List what the visitor waits for, for people for whom they may still book."""
    _catch_up()
    people = {person.id for person in people_for(Act.BOOK)}
    entries = [
        entry
        for entry in waits.of_user(context.db(), visitor().user_id, context.now())
        if entry.facts.patient_id in people and (not entry.facts.is_private or entry.facts.patient_id == visitor().own_patient_id)
    ]
    catalogue = context.catalogue_of(visitor())
    told = [(entry, visit_of(catalogue, entry.facts.visit_option_id), zone_of(catalogue, entry.facts)) for entry in entries]
    shown = render("waiting/waiting.html", entries=told)
    note_seen(*(done for entry in entries for done in _seen(entry.facts)))
    return shown


@blueprint.post("/waiting", endpoint="leave")
@signed_in
def leave() -> ResponseReturnValue:
    """Take one entry from the list."""
    begin_write()
    try:
        waiting_id = UUID(request.form.get("entry", ""))
    except ValueError:
        abort(404)
    if not service.leave(context.db(), actor_here(), waiting_id, context.now()):
        abort(404)
    context.commit()
    return redirect(url_for("waiting.page"), 303)


@blueprint.get(EARLIER)
@for_schedule(Act.BOOK)
def earlier(schedule: ScheduleView) -> ResponseReturnValue:
    """Ask on which days an earlier time would suit."""
    days = {"start": local_day(context.now(), schedule.time_zone), "until": local_day(schedule.starts_at, schedule.time_zone)}
    return _earlier_page(schedule, WaitForm(formdata=None, **days))


@blueprint.post(EARLIER, endpoint="wait_earlier")
@for_schedule(Act.BOOK)
def wait_earlier(schedule: ScheduleView) -> ResponseReturnValue:
    """Put the visit on the wait list for an earlier time."""
    form = WaitForm()
    if not form.validate():
        return _earlier_page(schedule, form, failed=True), 422
    begin_write()
    outcome = service.join_earlier(context.db(), actor_here(), schedule, form.days, context.now())
    if isinstance(outcome, Forbidden):
        abort(404)
    if isinstance(outcome, NotPossible):
        context.release()
        form.refuse(outcome)
        return _earlier_page(schedule, form, failed=True), 422
    context.commit()
    return redirect(url_for("waiting.page"), 303)


@blueprint.get(OFFER)
@for_offer
def offer(made: OfferFacts) -> ResponseReturnValue:
    """Show a time that became free, and until when it is kept; nothing happens by looking but what time has done."""
    return _offer_page(_permitted(made.id) if _catch_up() else made)


@blueprint.post(OFFER, endpoint="accept")
@for_offer
def accept(made: OfferFacts) -> ResponseReturnValue:
    """Book the time, or move to it the visit that was to be earlier."""
    begin_write()
    _permitted(made.id)
    count("booked", BOOKED_BY_USER)
    outcome = service.accept(context.db(), actor_here(), made.id, context.now())
    if isinstance(outcome, Forbidden):
        abort(404)
    if isinstance(outcome, Over):
        context.release()
        return redirect(url_for("waiting.offer", offer_id=made.id), 303)
    if isinstance(outcome, Refused):
        context.release()
        return _offer_page(made, outcome), 422
    context.commit()
    return redirect(url_for("appointments.one", schedule_id=outcome.schedule_id), 303)


@blueprint.post(OFFER + "/decline", endpoint="decline")
@for_offer
def decline(made: OfferFacts) -> ResponseReturnValue:
    """Give the time up; it goes to the next who waits."""
    begin_write()
    _permitted(made.id)
    if not service.decline(context.db(), actor_here(), made.id, context.now()):
        abort(404)
    context.commit()
    return redirect(url_for("waiting.page"), 303)


def _catch_up() -> bool:
    """End the offers whose time is over and offer their times on, whoever's they are; tell whether there was any."""
    now = context.now()
    if not waits.any_ended(context.db(), now):
        return False
    # Each in a transaction of its own, as housekeeping does.
    while service.sweep(context.begin_write(), now):
        context.commit()
    context.release()
    return True


def _earlier_page(schedule: ScheduleView, form: WaitForm, *, failed: bool = False) -> str:
    if problem(schedule, Change.MOVE):
        abort(404)
    back, action = (url_for(name, schedule_id=schedule.id) for name in ("appointments.one", "waiting.wait_earlier"))
    strip = acting_for(schedule.patient_id, schedule.patient_name)
    shown = render("waiting/earlier.html", schedule=schedule, form=form, failed=failed, back_url=back, action=action, **strip)
    note_seen(Done(schedule.patient_id, Deed.SAW_SCHEDULE, schedule.id, private=schedule.private))
    return shown


def _offer_page(made: OfferFacts, refused: Refused | None = None) -> str:
    patient = permitted(made.waiting.patient_id, Act.BOOK)
    catalogue = context.catalogue_of(visitor())
    provider = catalogue.providers.get(made.provider_id)
    shown = render(
        "waiting/offer.html",
        form=FlaskForm(),
        made=made,
        visit=visit_of(catalogue, made.waiting.visit_option_id),
        provider=provider,
        facility=catalogue.facilities[provider.facility_id] if provider else None,
        patient_name=patient.name,
        can_accept=provider is not None and made.state != OfferState.ACCEPTED and service.is_open_to(made),
        is_kept=made.state == OfferState.OPEN and context.now() < made.expires_at,
        problems=[words_for(problem) for problem in refused.problems] if refused else [],
        failed=refused is not None,
        **acting_for(patient.id, patient.name),
    )
    note_seen(*_seen(made.waiting))
    return shown


def _seen(facts: WaitFacts) -> list[Done]:
    """Return what is written of who saw an entry: it tells when the visit begins of which an earlier time is wanted."""
    if facts.schedule_id is None:
        return []
    return [Done(facts.patient_id, Deed.SAW_SCHEDULE, facts.schedule_id, private=facts.is_private)]


def visit_of(catalogue: Catalogue, option_id: UUID) -> str:
    """Return a kind of visit in words, empty when it is not offered any more."""
    option = catalogue.visit_options.get(option_id)
    return f"{catalogue.encounter_types[option.encounter_type_id].name}: {option_words(option)}" if option else ""


def zone_of(catalogue: Catalogue, facts: WaitFacts) -> str:
    """Return the zone in which the booked visit of an entry is told."""
    provider = catalogue.providers.get(facts.provider_id) if facts.provider_id else None
    return provider.time_zone if provider else catalogue.account.time_zone
