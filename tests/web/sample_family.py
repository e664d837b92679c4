"""A family that is booked together, made up."""

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice

from tests.web.sample_facts import PEOPLE, VisitForm, WhoForm

_CHOICES = [SelectChoice(str(one.id), one.name) for one in PEOPLE]
_WAYS = [
    SelectChoice("in_turn", "One after another, with one clinician"),
    SelectChoice("at_once", "At the same time, with different clinicians"),
]
FAMILY_ROWS = [
    ("Maya Lopez", "Mon 23 Nov, 9:00 am with Dr. Sofia Reyes (Austin, Central Time)", "/time", "date and time"),
    ("Leo Lopez", "Mon 23 Nov, 9:30 am with Dr. Sofia Reyes (Austin, Central Time)", "/time", "date and time"),
]


class FamilyForm(WhoForm):
    others = SelectMultipleField("Book for others at the same visit? (optional)", choices=_CHOICES)


class FamilyVisitForm(VisitForm):
    second = SelectField("Visit for Leo Lopez", choices=[SelectChoice("same", "The same as Maya Lopez")])
    arrangement = RadioField("How would you like to be seen?", choices=_WAYS)


class OthersForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    second_reason = TextAreaField("Reason for Leo Lopez, if it is another one (optional)")
