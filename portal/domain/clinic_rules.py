"""The rules in a clinic file: how those of the practice and of a visit option are written there."""

import re

from portal.domain.practice import PracticeRules, VisitRules
from portal.domain.toml_table import Kind, Table, one_of, whole

HOLD_MINUTES_MAX = 60
OFFER_MINUTES_MAX = 7 * 24 * 60
CHANGE_NOTICE_MINUTES_MAX = 30 * 24 * 60
COMING_VISITS_MAX = 100
AGE_MAX = 130
REPEAT_DAYS_MAX = 366
PATIENTS = {"any": None, "known": True, "new": False}
_QUIET = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


def practice_rules(table: Table) -> PracticeRules:
    """Read the rules of the practice from its account's table; what the file leaves out has its default."""
    usual = PracticeRules()
    quiet = table.get("quiet_hours", _QUIET_HOURS, (usual.quiet_from_minute, usual.quiet_until_minute))
    return PracticeRules(
        hold_minutes=table.get("hold_minutes", whole(1, HOLD_MINUTES_MAX), usual.hold_minutes),
        offer_minutes=table.get("offer_minutes", whole(5, OFFER_MINUTES_MAX), usual.offer_minutes),
        quiet_from_minute=quiet[0],
        quiet_until_minute=quiet[1],
        cancel_notice_minutes=table.get("cancel_notice_minutes", whole(0, CHANGE_NOTICE_MINUTES_MAX), usual.cancel_notice_minutes),
        move_notice_minutes=table.get("move_notice_minutes", whole(0, CHANGE_NOTICE_MINUTES_MAX), usual.move_notice_minutes),
        coming_visits_max=table.get("coming_visits_max", whole(1, COMING_VISITS_MAX)) if table.has("coming_visits_max") else None,
    )


def visit_rules(table: Table) -> VisitRules:
    """Read the rules of a visit option from its table; what the file leaves out has its default."""
    age_from = table.get("age_from", whole(0, AGE_MAX)) if table.has("age_from") else None
    age_below = table.get("age_below", whole(1, AGE_MAX)) if table.has("age_below") else None
    if age_from is not None and age_below is not None and age_from >= age_below:
        table.note("age_below", f"expected an age above {age_from}, got {age_below}")
    patients = table.get("patients", _PATIENTS, ("any",))
    return VisitRules(
        by_request=table.get("by_request", _FLAG, default=False),
        age_from=age_from,
        age_below=age_below,
        known_patients=PATIENTS[patients[0]],
        repeat_days=table.get("repeat_days", whole(0, REPEAT_DAYS_MAX), 0),
    )


def _minutes(value: object) -> tuple[int, int] | None:
    match = _QUIET.fullmatch(value) if isinstance(value, str) else None
    return (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else None


_FLAG: Kind[bool] = Kind("true or false", lambda value: value if isinstance(value, bool) else None, stand_in=False)
_QUIET_HOURS = Kind("times such as 21:00-08:00", _minutes, (0, 0))
# A value of its own for each word, since no value at all is one of the answers.
_PATIENTS = one_of({name: (name,) for name in PATIENTS}, ("any",))
