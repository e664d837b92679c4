"""Made-up links and requests, for the samples of the pages about people."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from portal.domain.guardianship import Basis
from portal.storage.guardians import Reader, RequestEntry
from portal.storage.patients import PatientFacts
from portal.web.people.shown import Birthday, LinkShown, Past
from tests.web.sample_facts import CREATED, MONDAY, uid

RIGHTS = ["see appointments", "book and move appointments"]


class AskForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    name = StringField("Full name", [InputRequired("Enter the person's full name")])
    born_on = DateField("Date of birth", [InputRequired("Enter a date")])
    relationship = StringField("What you are to this person")
    basis = RadioField("What gives you the right", choices=[SelectChoice("parent", "Parent"), SelectChoice("court", "By a court's order")])
    evidence = TextAreaField("What you can show us")


class InviteForm(FlaskForm):  # type: ignore[misc]  # the same
    email = StringField("E-mail address of the person", [InputRequired("Enter an e-mail address")])
    relationship = StringField("What this person is to you")
    rights = SelectMultipleField("This person may", choices=[SelectChoice(one, one) for one in RIGHTS])
    until = DateField("Last day")


class ReasonForm(FlaskForm):  # type: ignore[misc]  # the same
    reason = TextAreaField("Reason", [InputRequired("Say in a few words why")])


class PrivateForm(FlaskForm):  # type: ignore[misc]  # the same
    reasons = SelectMultipleField("Reasons", choices=[SelectChoice("fever", "Fever")])
    reason = TextAreaField("In your own words")
    note = TextAreaField("Note")
    private = BooleanField("Keep this visit private from people who act for me")


def _link(name: str, **changes: Any) -> LinkShown:  # noqa: ANN401 - any member
    plain: dict[str, Any] = {
        "id": uid(f"link {name}"),
        "patient_id": uid(name),
        "name": name,
        "relationship": "father",
        "basis": "Parent",
        "state": "Active",
        "rights": RIGHTS,
        "why_not": "",
        "since": date(2024, 9, 2),
        "until": None,
        "birthday": Birthday(date(2028, 3, 14), 12, ends=False),
        "can_open": True,
        "can_stop": True,
        "can_end": False,
        "is_proxy": False,
        "is_asked": False,
        "has_agreed": False,
    }
    return LinkShown(**{**plain, **changes})


WAITING = _link(
    "Mia Lopez",
    state="Suspended",
    rights=[],
    why_not="Nothing for the time being.",
    can_open=False,
    birthday=Birthday(date(2030, 1, 2), 18, ends=True),
)
PROXY = _link("Tom Lopez", basis="With the person's consent", until=date(2028, 5, 31), is_proxy=True, can_end=True, birthday=None)
ASKING = _link("Ana Lopez", rights=[], why_not="Nothing until Sofia Lopez agrees.", is_asked=True)
AGREED = _link("Leo Lopez", is_asked=True, has_agreed=True)
_READER = Reader(uid("sofia"), uid("account"), "sofia@example.org", "Sofia Lopez", "en")
_STATED = (_READER, "Kim Lopez", date(2019, 5, 1), "aunt", Basis.LEGAL_GUARDIAN, "A paper", CREATED)
REQUESTS = [RequestEntry(uid("one"), *_STATED, "requested", None), RequestEntry(uid("two"), *_STATED, "refused", "The papers do not match")]
HISTORY = [Past(CREATED, "Tom Lopez", "Active", "Sofia Lopez", "Offered by the patient and accepted")]
PATIENT = PatientFacts(uid("maya"), uid("account"), "Maya", "Lopez", date(2016, 3, 14), None, 1, "America/Chicago", 12, 18)

Sample = tuple[str, Callable[[], dict[str, object]]]


def people(**values: object) -> dict[str, object]:
    """Return what the page of people shows."""
    shown = {"cared_for": [_link("Maya Lopez"), WAITING], "requests": REQUESTS, "has_record": True, "may_invite": True}
    return {**shown, "over_me": [PROXY, ASKING, AGREED], "history": HISTORY, **values}


def person() -> dict[str, object]:
    """Return what the page of a dependant shows."""
    own = _link("Sofia Lopez")
    strip = {"acting_for": "Maya Lopez", "switch_url": "/people", "back_url": "/people"}
    return {"patient": PATIENT, "age": 10, "people": [own, _link("Tom Lopez")], "own_link": own, **strip}


def form_page(form: FlaskForm, *, failed: bool = False, **values: object) -> dict[str, object]:
    """Return what a page with a form shows."""
    return {"form": form, "failed": failed, "problems": [], "action": "/post", "back_url": "/people", **values}


RULES = {
    "people.page": "/people",
    "people.person": "/people/<uuid:patient_id>",
    "people.ask": "/people/ask",
    "people.invite": "/people/invite",
    **{f"people.ask_to_{word}": f"/people/links/<uuid:link_id>/{word}" for word in ("stop", "end", "agree", "disagree", "narrow", "renew")},
}


def of_people(made: Callable[..., FlaskForm]) -> dict[str, Sample]:
    """Return the samples of the pages about people, their forms made as those of all others."""
    return {
        "people": ("people/people.html", people),
        "people-none": ("people/people.html", lambda: people(cared_for=[], requests=[], over_me=[], history=[])),
        "people-without-record": ("people/people.html", lambda: people(has_record=False, may_invite=False)),
        "person": ("people/person.html", person),
        "people-ask": ("people/ask.html", lambda: form_page(made(AskForm))),
        "people-ask-failed": ("people/ask.html", lambda: form_page(made(AskForm, failed=True), failed=True)),
        "people-sent": ("people/sent.html", lambda: {"back_url": "/people"}),
        "people-invite": ("people/invite.html", lambda: form_page(made(InviteForm))),
        "people-invite-failed": ("people/invite.html", lambda: form_page(made(InviteForm, failed=True), failed=True)),
        "people-invited": ("people/invited.html", lambda: {"back_url": "/people"}),
        "people-offer": ("people/offer.html", lambda: form_page(made(FlaskForm), name="Tom Lopez", rights=RIGHTS, until=MONDAY)),
        "people-change": ("people/change.html", lambda: form_page(made(ReasonForm), heading="Stop caring for Maya Lopez?", lead="Visits stay.")),
        "people-change-failed": (
            "people/change.html",
            lambda: form_page(made(ReasonForm, failed=True), failed=True, heading="Stop caring for Maya Lopez?", lead="Visits stay."),
        ),
    }
