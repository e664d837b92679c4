"""Parts of forms about people."""

from wtforms import DateField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.domain.guardianship import Act
from portal.domain.links import RELATIONSHIP_MAX
from portal.web.language import lazy
from portal.web.people.words import RIGHTS

# That somebody may see the appointments goes without asking: without it there is nothing to give.
BESIDES_SEEING = tuple(act for act in Act if act is not Act.SEE)


class DayField(DateField):  # type: ignore[misc]  # WTForms ships no types
    """A date, refused in our own words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(lazy("Enter a date"))) from error


def day_field(label: object, **options: object) -> DayField:
    """Return a field for a date that has to be given."""
    return DayField(label, [InputRequired(lazy("Enter a date"))], **options)


def relationship_field(label: object) -> StringField:
    """Return a field for what somebody is to another."""
    shorter = Length(max=RELATIONSHIP_MAX, message=lazy("Use 40 characters or fewer"))
    return StringField(label, [InputRequired(lazy("Say in a word what you are to each other")), shorter])


def rights_field(label: object) -> SelectMultipleField:
    """Return checkboxes for what somebody may do besides seeing the appointments."""
    return SelectMultipleField(label, choices=[SelectChoice(act.value, RIGHTS[act]) for act in BESIDES_SEEING])


def rights_of(field: SelectMultipleField) -> frozenset[Act]:
    """Return the rights that were ticked, and with them that of seeing."""
    return frozenset({Act.SEE, *map(Act, field.data or [])})
