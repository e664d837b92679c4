"""Why a booking is refused, in the words of the pages."""

from portal.domain.booking import Code, Field, Problem
from portal.domain.practice import VisitRules
from portal.web.language import gettext as _
from portal.web.language import lazy

_WORDS = {
    (Field.REASON, Code.REQUIRED): lazy("Say in a few words why you want the appointment"),
    (Field.REASON, Code.TOO_LONG): lazy("Use 250 characters or fewer"),
    (Field.NOTE, Code.TOO_LONG): lazy("Use 1,000 characters or fewer"),
    (Field.CANCEL_REASON, Code.TOO_LONG): lazy("Use 250 characters or fewer"),
    (Field.REASONS, Code.UNKNOWN): lazy("Choose the reasons again: one of them is not offered any more"),
    (Field.PROVIDER, Code.NOT_OFFERED): lazy("This clinician does not offer this kind of visit; choose another"),
    (Field.SECOND_CHOICE, Code.SAME_TIME): lazy("Choose a second time that differs from the first"),
    (Field.SECOND_CHOICE, Code.TIME_TAKEN): lazy("Your second-choice time has just been taken"),
}
_BY_CODE = {
    Code.REQUIRED: lazy("This answer is missing"),
    Code.TOO_LONG: lazy("This text is too long"),
    Code.UNKNOWN: lazy("This is not offered any more; choose again"),
    Code.NOT_OFFERED: lazy("This kind of visit is not offered like that; choose again"),
    Code.IN_PAST: lazy("This time has passed; choose another"),
    Code.TOO_SOON: lazy("This time is too soon to book online; choose a later one, or call us"),
    Code.TOO_FAR: lazy("This date is further ahead than we book; choose an earlier one"),
    Code.OUTSIDE_HOURS: lazy("The clinic does not see patients at this time; choose another"),
    Code.SKIPPED_TIME: lazy("The clocks skip this time that night; choose another"),
    Code.SAME_TIME: lazy("Choose two different times"),
    Code.TIME_TAKEN: lazy("This time has just been taken"),
    Code.PATIENT_BUSY: lazy("There is another appointment for this person at this time"),
    Code.CANCELLED: lazy("This appointment has been cancelled"),
    Code.DECLINED: lazy("The clinic has declined this appointment"),
    Code.BEGUN: lazy("This appointment has begun or is over"),
    Code.TOO_LATE: lazy("It is too late to change this appointment online; call us"),
    Code.WITHDRAWN: lazy("This visit is not offered any more; book another"),
    Code.AGE: lazy("This visit is for people of another age; choose another, or call us"),
    Code.KNOWN_ONLY: lazy("This visit is for people whom we have seen before; choose another, or call us"),
    Code.NEW_ONLY: lazy("This visit is for people whom we have not seen before; choose another"),
    Code.TOO_MANY: lazy("There are as many coming appointments for this person as we can book online; call us for more"),
    Code.REPEATED: lazy("Say what should happen to the other appointment"),
}

_ONLY_FOR = {
    Code.KNOWN_ONLY: lazy("Only for people whom we have seen before"),
    Code.NEW_ONLY: lazy("Only for people whom we have not seen before"),
}


def words_for(problem: Problem) -> str:
    """Return why, as a sentence beside the field."""
    return str(_WORDS.get((problem.field, problem.code), _BY_CODE[problem.code]))


def only_for(rules: VisitRules, code: Code) -> str:
    """Return whom a visit is for, to say beside one that is not for this person."""
    if code is not Code.AGE:
        return str(_ONLY_FOR[code])
    if rules.age_below is None:
        return _("Only for people of %(age)s or older") % {"age": rules.age_from}
    if rules.age_from is None:
        return _("Only for people under %(age)s") % {"age": rules.age_below}
    return _("Only for people from %(age)s to %(last)s years old") % {"age": rules.age_from, "last": rules.age_below - 1}
