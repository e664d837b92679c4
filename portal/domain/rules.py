"""Whom a practice sees for what, and how often: each rule a pure function over facts that were read before.

The facts are what whoever asks may see of the patient's visits: no refusal tells a guardian of a visit that the patient keeps from them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain.booking import Code
from portal.domain.practice import PracticeRules, VisitRules
from portal.domain.walltime import local_day


@dataclass(frozen=True, slots=True)
class NearVisit:
    """Another live visit of the patient of the same type: when and with whom."""

    id: UUID
    starts_at: datetime
    provider_name: str
    time_zone: str


def age_problem(rules: VisitRules, ages: Iterable[int]) -> Code | None:
    """Return AGE when the visit is for none of the ages that the patient may have on its day."""
    return None if any(_admits(rules, age) for age in ages) else Code.AGE


def _admits(rules: VisitRules, age: int) -> bool:
    return (rules.age_from is None or age >= rules.age_from) and (rules.age_below is None or age < rules.age_below)


def acquaintance_problem(rules: VisitRules, *, is_known: bool) -> Code | None:
    """Return why a visit is not for somebody whom the practice has seen before, or has not, or None."""
    if rules.known_patients is None or rules.known_patients == is_known:
        return None
    return Code.KNOWN_ONLY if rules.known_patients else Code.NEW_ONLY


def number_problem(rules: PracticeRules, coming: int) -> Code | None:
    """Return TOO_MANY when a patient has as many visits ahead as the practice lets them have."""
    return Code.TOO_MANY if rules.coming_visits_max is not None and coming >= rules.coming_visits_max else None


def near(rules: VisitRules, visits: Iterable[NearVisit], starts: Collection[datetime], zone: str) -> list[NearVisit]:
    """Return the visits that lie within the rule's days of one of some starts, counted by the calendar of a zone."""
    days = [local_day(start, zone) for start in starts]
    return [one for one in visits if any(abs((local_day(one.starts_at, zone) - day).days) <= rules.repeat_days for day in days)]


def repeat_problem(found: Iterable[NearVisit], settled: Collection[UUID]) -> Code | None:
    """Return REPEATED when one of the visits near is not among those of which somebody said what is to become."""
    return Code.REPEATED if any(one.id not in settled for one in found) else None
