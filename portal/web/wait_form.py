"""The form by which somebody says on which days they would come, and what is wrong with it."""

from wtforms.validators import Optional

from portal.domain.waiting import Days, WaitCode
from portal.services.waiting import NotPossible
from portal.web.language import TranslatedForm, lazy
from portal.web.people.fields import DayField, day_field

_WORDS = {
    WaitCode.ENDS_BEFORE: lazy("The last day is before the first"),
    WaitCode.IN_PAST: lazy("The last day is over"),
    WaitCode.NOT_EARLIER: lazy("The first day is after the appointment you have"),
}


class WaitForm(TranslatedForm):
    """First and last day on which a time would suit."""

    start = day_field(lazy("First day that suits you"))
    until = DayField(lazy("Last day that suits you (optional)"), [Optional()])

    @property
    def days(self) -> Days:
        """The days of a form that is valid."""
        return Days(self.start.data, self.until.data)

    def refuse(self, refused: NotPossible) -> None:
        """Write each reason beside its field."""
        for code in refused.codes:
            field = self.start if code is WaitCode.NOT_EARLIER else self.until
            field.errors = (*field.errors, str(_WORDS[code]))
