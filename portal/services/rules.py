"""The rules of a practice, asked in the transaction that books; what they need is read only where one is set."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain import rules
from portal.domain.ages import age_on
from portal.domain.booking import Code, Field, Problem
from portal.domain.catalogue import Catalogue, VisitOption
from portal.domain.guardianship import Act, Actor, may
from portal.domain.rules import NearVisit
from portal.domain.walltime import local_day
from portal.services.authority import Authority
from portal.storage import visits
from portal.storage.patients import PatientFacts

_FIELDS = {Code.TOO_MANY: Field.PATIENT, Code.REPEATED: Field.ENCOUNTER_TYPE}


@dataclass(frozen=True, slots=True)
class Person:
    """The patient a visit is for, as whoever asks sees them.

    What they may not see does not count: with `sees` false no visit does, and private ones do for `own_patient_id` alone.
    """

    patient: PatientFacts
    own_patient_id: UUID | None
    sees: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A visit, and the instants at which it might start.

    The patient's visits near it that are `settled` are not asked about again; those `gone` with it count no more.
    """

    catalogue: Catalogue
    option: VisitOption
    starts: tuple[datetime, ...] = ()
    settled: frozenset[UUID] = frozenset()
    gone: frozenset[UUID] = frozenset()

    @property
    def counts(self) -> bool:
        """Tell whether a rule looks at the patient's other visits ahead."""
        return self.option.rules.repeat_days > 0 or self.catalogue.account.rules.coming_visits_max is not None


def person_for(actor: Actor, known: Authority, now: datetime) -> Person:
    """Return a patient as an actor sees them."""
    return Person(known.patient, actor.own_patient_id, may(actor, Act.SEE, known.patient.subject, known.links, now))


def problems(session: Session, person: Person, wanted: Wanted, now: datetime) -> list[Problem]:
    """Return every rule that a visit at one of the times would break."""
    # The age must be right whichever of the times is given.
    ages = [age_on(person.patient.born_on, local_day(start, person.patient.account_zone)) for start in wanted.starts]
    young_or_old = next((code for age in ages if (code := rules.age_problem(wanted.option.rules, [age]))), None)
    return _problems(young_or_old, *_lasting(session, person, wanted, now), _repeated(session, person, wanted))


def problems_since(session: Session, person: Person, wanted: Wanted, booked: UUID, now: datetime) -> list[Problem]:
    """Return the rules that a visit breaks together with others that were booked at the same moment; the last look before the audit."""
    if not wanted.counts:
        return []
    visits.lock(session, person.patient.id)
    mine = frozenset({booked})
    after = replace(wanted, settled=wanted.settled | mine, gone=wanted.gone | mine)
    return _problems(_number(session, person, after, now), _repeated(session, person, after))


def problems_so_far(session: Session, person: Person, wanted: Wanted, now: datetime) -> list[Problem]:
    """Return the rules that a visit would break at whatever time it is."""
    return _problems(_age_ever(person, wanted.option, now), *_lasting(session, person, wanted, now))


def unsuited(session: Session, person: Person, options: Iterable[VisitOption], now: datetime) -> dict[UUID, Code]:
    """Return why some visit options are not for this patient; those that are left out are."""
    wanted = list(options)
    asks = any(option.rules.known_patients is not None for option in wanted)
    known = asks and _is_known(session, person, now)
    found = {option.id: _age_ever(person, option, now) or rules.acquaintance_problem(option.rules, is_known=known) for option in wanted}
    return {option_id: code for option_id, code in found.items() if code}


def near(session: Session, person: Person, wanted: Wanted) -> list[NearVisit]:
    """Return the patient's live visits of the same type about which somebody is to be asked, soonest first."""
    days = wanted.option.rules.repeat_days
    if not days or not wanted.starts or not person.sees:
        return []
    # A day more on both sides, since days are counted by the calendar.
    span = (min(wanted.starts) - timedelta(days=days + 1), max(wanted.starts) + timedelta(days=days + 1))
    found = visits.of_type(session, person.patient.id, person.own_patient_id, wanted.option.encounter_type_id, span)
    return rules.near(wanted.option.rules, found, wanted.starts, person.patient.account_zone)


def _problems(*codes: Code | None) -> list[Problem]:
    return [Problem(_FIELDS.get(code, Field.VISIT_OPTION), code) for code in codes if code]


def _age_ever(person: Person, option: VisitOption, now: datetime) -> Code | None:
    today = local_day(now, person.patient.account_zone)
    ages = [age_on(person.patient.born_on, day) for day in (today, today + timedelta(days=option.horizon_days))]
    return rules.age_problem(option.rules, range(ages[0], ages[1] + 1))


def _lasting(session: Session, person: Person, wanted: Wanted, now: datetime) -> list[Code | None]:
    """Return what is wrong whatever the time of the visit, its age apart."""
    if wanted.option.rules.known_patients is None:
        return [_number(session, person, wanted, now)]
    known = _is_known(session, person, now)
    return [rules.acquaintance_problem(wanted.option.rules, is_known=known), _number(session, person, wanted, now)]


def _number(session: Session, person: Person, wanted: Wanted, now: datetime) -> Code | None:
    of_practice = wanted.catalogue.account.rules
    if of_practice.coming_visits_max is None or not person.sees:
        return None
    return rules.number_problem(of_practice, len(visits.coming(session, person.patient.id, person.own_patient_id, now) - wanted.gone))


def _repeated(session: Session, person: Person, wanted: Wanted) -> Code | None:
    return rules.repeat_problem(near(session, person, wanted), wanted.settled)


def _is_known(session: Session, person: Person, now: datetime) -> bool:
    return person.sees and visits.is_known(session, person.patient.id, person.own_patient_id, now)
