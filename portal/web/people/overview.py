"""People: for whom the visitor cares, who can act for them, and who cares for one of their dependants."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal import context
from portal.domain.ages import age_at
from portal.domain.guardianship import Act
from portal.domain.links import is_adult
from portal.storage import guardians, patients
from portal.storage.patients import PatientFacts
from portal.web.access import acting_for, for_patient, signed_in
from portal.web.pages import page as render
from portal.web.people.pages import blueprint
from portal.web.people.shown import history, living, shown
from portal.web.visitor import visitor


@blueprint.get("")
@signed_in
def page() -> ResponseReturnValue:
    """Show both directions: people I care for, and who can act for me."""
    session, now, own_id = context.db(), context.now(), visitor().own_patient_id
    cared_for = guardians.of_user(session, visitor().user_id) if visitor().has_links else []
    over_me = guardians.of_patient(session, own_id) if own_id else []
    own = patients.patient(session, own_id) if own_id else None
    return render(
        "people/people.html",
        cared_for=[shown(entry, entry.patient.name, now) for entry in cared_for],
        requests=guardians.requests_of(session, visitor().user_id),
        has_record=own is not None,
        may_invite=own is not None and is_adult(own.subject, now),
        over_me=[shown(entry, entry.user.name, now) for entry in living(over_me, now)],
        history=history(guardians.changes(session, [entry.link.id for entry in over_me]), over_me) if over_me else [],
    )


@blueprint.get("/<uuid:patient_id>")
@for_patient(Act.SEE)
def person(patient: PatientFacts) -> ResponseReturnValue:
    """Show somebody the visitor cares for, and all who do: they are equals."""
    if patient.id == visitor().own_patient_id:
        return redirect(url_for("people.page"), 303)
    session, now = context.db(), context.now()
    entries = living(guardians.of_patient(session, patient.id), now)
    return render(
        "people/person.html",
        patient=patient,
        age=age_at(patient.born_on, patient.account_zone, now),
        people=[shown(entry, entry.user.name, now) for entry in entries],
        own_link=next((shown(entry, entry.user.name, now) for entry in entries if entry.user.id == visitor().user_id), None),
        back_url=url_for("people.page"),
        **acting_for(patient.id, patient.name),
    )
