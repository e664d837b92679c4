"""One table of bookings, for both doors: what is asked, by whom, when, and what must come of it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from portal.domain.booking import Code, Field
from portal.domain.practice import VisitRules
from tests.clinic import NOW
from tests.web.visitor import TUESDAY

LATER = "2027-03-03T15:00:00Z"
EMOJI = "\U0001f642"


@dataclass(frozen=True)
class Rival:
    """An earlier appointment that somebody else, or the patient, already has."""

    patient: str
    start: str
    provider: str = "chen"


@dataclass(frozen=True)
class Case:
    """One booking; names are those of the small practice, `provider` None is any of the speciality in Boston.

    The visit option's rules are `rules`, a patient has at most `most` coming visits, and `seen_before` gives them one long past.
    """

    name: str
    user: str = "ada"
    patient: str = "ada"
    provider: str | None = "chen"
    speciality: str = "family medicine"
    option: str = "check-up"
    first: str = TUESDAY
    second: str | None = None
    reason: str = "It hurts"
    note: str | None = None
    reasons: tuple[str, ...] = ()
    rivals: tuple[Rival, ...] = ()
    now: datetime = NOW
    rules: VisitRules = VisitRules()  # noqa: RUF009 - a frozen value
    most: int | None = None
    seen_before: bool = False
    problems: frozenset[tuple[Field, Code]] = frozenset()
    forbidden: bool = False
    given: str = TUESDAY

    @property
    def booked(self) -> bool:
        """Tell whether it is to be booked."""
        return not self.problems and not self.forbidden

    def __str__(self) -> str:
        return self.name


def problem(field: Field, code: Code) -> frozenset[tuple[Field, Code]]:
    return frozenset({(field, code)})


def at(name: str, first: str, code: Code | None = None, **changes: object) -> Case:
    """Return a case about the time asked for."""
    expected = problem(Field.FIRST_CHOICE, code) if code else frozenset()
    return replace(Case(name, first=first, given=first, problems=expected), **changes)  # type: ignore[arg-type]  # any member of the case


BOTH_TAKEN = frozenset({(Field.FIRST_CHOICE, Code.TIME_TAKEN), (Field.SECOND_CHOICE, Code.TIME_TAKEN)})
NEW_ONLY = problem(Field.VISIT_OPTION, Code.NEW_ONLY)
REPEATED = problem(Field.ENCOUNTER_TYPE, Code.REPEATED)
CASES = [
    Case("a patient for themselves"),
    Case("a guardian for a child", user="maya", patient="leo"),
    Case("the other guardian for the child", user="grace", patient="leo"),
    Case("a guardian for themselves", user="maya", patient="maya"),
    Case("with everything said", note="Since Monday", reasons=("fever", "rash"), second=LATER),
    Case("somebody unrelated for a child", patient="leo", forbidden=True),
    Case("a guardian for a child who is not theirs", user="grace", patient="nia", forbidden=True),
    Case("a guardian for an adult", user="maya", patient="omar", forbidden=True),
    Case("for a patient of another practice", patient="zoe", forbidden=True),
    Case("for nobody", patient="nobody", forbidden=True),
    Case("an unknown clinician", provider="nobody", problems=problem(Field.PROVIDER, Code.UNKNOWN)),
    Case("a clinician of another speciality", provider="byrne", problems=problem(Field.PROVIDER, Code.NOT_OFFERED)),
    Case("an unknown kind of visit", option="nothing", problems=problem(Field.VISIT_OPTION, Code.UNKNOWN)),
    Case("an unknown reason", reasons=("fever", "nothing"), problems=problem(Field.REASONS, Code.UNKNOWN)),
    Case("a reason of blanks", reason=" \t\n\u2003", problems=problem(Field.REASON, Code.REQUIRED)),
    Case("no reason", reason="", problems=problem(Field.REASON, Code.REQUIRED)),
    Case("a reason of 250 letters", reason="x" * 250),
    Case("a reason of 251 letters", reason="x" * 251, problems=problem(Field.REASON, Code.TOO_LONG)),
    Case("a reason of 125 emoji", reason=EMOJI * 125),
    Case("a reason of 126 emoji", reason=EMOJI * 126, problems=problem(Field.REASON, Code.TOO_LONG)),
    Case("a reason with blanks around it", reason="  it hurts  "),
    Case("a hostile reason", reason="<script>alert('\u2028')</script>\u202e\0", note='"><img src=x>'),
    Case("a note of 1000 letters", note="x" * 1000),
    Case("a note of 1001 letters", note="x" * 1001, problems=problem(Field.NOTE, Code.TOO_LONG)),
    Case(
        "reason and note too long",
        reason="x" * 251,
        note=EMOJI * 501,
        problems=frozenset({(Field.REASON, Code.TOO_LONG), (Field.NOTE, Code.TOO_LONG)}),
    ),
    at("a time that has passed", "2027-02-26T15:00:00Z", Code.IN_PAST),
    at("a minute ago", "2027-03-02T14:59:00Z", Code.IN_PAST, now=datetime(2027, 3, 2, 15, tzinfo=UTC)),
    at("inside the notice period", "2027-03-02T15:55:00Z", Code.TOO_SOON, now=datetime(2027, 3, 2, 14, tzinfo=UTC)),
    at("at the end of the notice period", "2027-03-02T16:00:00Z", now=datetime(2027, 3, 2, 14, tzinfo=UTC)),
    at("on the last day of the horizon", "2027-04-30T13:00:00Z"),
    at("beyond the horizon", "2027-05-03T13:00:00Z", Code.TOO_FAR),
    at("centuries ahead", "9998-12-31T15:00:00Z", Code.TOO_FAR),
    at("in the lunch break", "2027-03-02T17:00:00Z", Code.OUTSIDE_HOURS),
    at("into the lunch break", "2027-03-02T16:45:00Z", Code.OUTSIDE_HOURS),
    at("up to the lunch break", "2027-03-02T16:30:00Z"),
    at("before opening", "2027-03-02T13:55:00Z", Code.OUTSIDE_HOURS),
    at("past closing", "2027-03-02T21:45:00Z", Code.OUTSIDE_HOURS),
    at("on a Sunday", "2027-03-07T15:00:00Z", Code.OUTSIDE_HOURS),
    at("off the grid", "2027-03-02T15:05:00Z"),
    at("before opening, had the clocks not changed", "2027-03-15T13:00:00Z"),
    at("past closing, now that the clocks have changed", "2027-03-15T20:45:00Z", Code.OUTSIDE_HOURS),
    at("in a zone of half an hour", "2027-03-02T03:40:00Z", provider="rao", option="video"),
    at("before opening in a zone of half an hour", "2027-03-02T03:20:00Z", Code.OUTSIDE_HOURS, provider="rao", option="video"),
    at("in a zone that changes its clocks later", "2027-03-29T08:00:00Z", provider="byrne", speciality="paediatrics"),
    Case("the same time twice", second=TUESDAY, problems=problem(Field.SECOND_CHOICE, Code.SAME_TIME)),
    Case("a second choice off hours", second="2027-03-07T15:00:00Z", problems=problem(Field.SECOND_CHOICE, Code.OUTSIDE_HOURS)),
    Case(
        "both choices off hours",
        first="2027-03-06T15:00:00Z",
        second="2027-03-07T15:00:00Z",
        problems=frozenset({(Field.FIRST_CHOICE, Code.OUTSIDE_HOURS), (Field.SECOND_CHOICE, Code.OUTSIDE_HOURS)}),
    ),
    Case("taken", rivals=(Rival("omar", TUESDAY),), problems=problem(Field.FIRST_CHOICE, Code.TIME_TAKEN)),
    Case("taken in part", rivals=(Rival("omar", "2027-03-02T15:25:00Z"),), problems=problem(Field.FIRST_CHOICE, Code.TIME_TAKEN)),
    Case("in the buffer of another", rivals=(Rival("omar", "2027-03-02T14:20:00Z"),), problems=problem(Field.FIRST_CHOICE, Code.TIME_TAKEN)),
    Case("right after the buffer of another", rivals=(Rival("omar", "2027-03-02T14:15:00Z"),)),
    Case("the patient is elsewhere", rivals=(Rival("ada", TUESDAY, "novak"),), problems=problem(Field.FIRST_CHOICE, Code.PATIENT_BUSY)),
    Case("the patient comes from elsewhere at that minute", rivals=(Rival("ada", "2027-03-02T14:30:00Z", "novak"),)),
    Case("the first taken, the second given", second=LATER, rivals=(Rival("omar", TUESDAY),), given=LATER),
    Case("both taken", second=LATER, rivals=(Rival("omar", TUESDAY), Rival("omar", LATER)), problems=BOTH_TAKEN),
    Case("any clinician", provider=None),
    Case("any clinician, one of them taken", provider=None, rivals=(Rival("omar", TUESDAY),)),
    Case(
        "any clinician, all of them taken",
        provider=None,
        rivals=(Rival("omar", TUESDAY), Rival("maya", TUESDAY, "novak")),
        problems=problem(Field.FIRST_CHOICE, Code.TIME_TAKEN),
    ),
    Case("too young for the visit", rules=VisitRules(age_from=39), problems=problem(Field.VISIT_OPTION, Code.AGE)),
    Case("old enough", rules=VisitRules(age_from=38)),
    Case("too old for the visit", rules=VisitRules(age_below=38), problems=problem(Field.VISIT_OPTION, Code.AGE)),
    Case("young enough", rules=VisitRules(age_below=39)),
    Case("a child of an age", user="maya", patient="leo", rules=VisitRules(age_from=9, age_below=10)),
    Case("seen before, for those who were", rules=VisitRules(known_patients=True), seen_before=True),
    Case("seen before, for those who were not", rules=VisitRules(known_patients=False), seen_before=True, problems=NEW_ONLY),
    Case("not seen before, for those who were", rules=VisitRules(known_patients=True), problems=problem(Field.VISIT_OPTION, Code.KNOWN_ONLY)),
    Case("not seen before, for those who were not", rules=VisitRules(known_patients=False)),
    Case("as many visits as may be", most=1, rivals=(Rival("ada", LATER),), problems=problem(Field.PATIENT, Code.TOO_MANY)),
    Case("the last visit that may be", most=2, rivals=(Rival("ada", LATER), Rival("omar", LATER, "novak"))),
    Case("another visit of the type a day later", rules=VisitRules(repeat_days=1), rivals=(Rival("ada", LATER),), problems=REPEATED),
    Case("a visit of the type two days later", rules=VisitRules(repeat_days=1), rivals=(Rival("ada", "2027-03-04T15:00:00Z"),)),
    Case("a visit of the type somebody else has", rules=VisitRules(repeat_days=1), rivals=(Rival("omar", LATER),)),
    Case(
        "another visit of the type, and as many as may be",
        rules=VisitRules(repeat_days=1),
        most=1,
        rivals=(Rival("ada", LATER),),
        problems=REPEATED | problem(Field.PATIENT, Code.TOO_MANY),
    ),
]
# Those on which the databases could differ: what they store, and what they refuse.
ON_BOTH_DATABASES = [
    case
    for case in CASES
    if case.name
    in {
        "a guardian for a child",
        "with everything said",
        "a hostile reason",
        "a reason of 125 emoji",
        "taken in part",
        "the patient is elsewhere",
        "the first taken, the second given",
        "both taken",
        "any clinician, one of them taken",
        "a child of an age",
        "seen before, for those who were",
        "another visit of the type, and as many as may be",
    }
]
