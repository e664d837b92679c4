"""The table of a link's life, and of what it gives: age x state x scope x act, with the instants at which it changes."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product

import pytest

from portal.domain.ages import PRESETS, AgeBands, reaches
from portal.domain.guardianship import Act, Actor, Basis, Link, LinkState, Subject, may
from portal.domain.links import (
    CHANGES,
    LIVING,
    By,
    Guardian,
    Lapse,
    LinkCode,
    Terms,
    agreement_code,
    change_code,
    consent_ends,
    consent_last_day,
    lapsed,
    new_link_codes,
    next_narrowing,
    to_tell,
    told_at_start,
)
from portal.domain.links import PRESETS as SCOPES
from tests.domain.samples import at, name, subject

MAYA = Actor(name("maya"), name("riverside"), name("maya's record"))
BORN = date(2015, 6, 1)
LEO = subject(name("leo"), name("riverside"), BORN)
LINK = Link(name("link"), MAYA.user_id, LEO, Basis.PARENT, LinkState.ACTIVE, frozenset(Act), at("2015-06-02"), None)
TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
NOW = at("2026-03-01T08:00")
# The ages that matter: in the middle of each band, and whether the young person has agreed.
AGES = [(0, None), (6, None), (11, None), (12, False), (12, True), (17, False), (17, True), (18, True), (30, True)]
# By hand: at which of them a parent's active link gives its scopes.
GIVES = {(0, None), (6, None), (11, None), (12, True), (17, True)}


def years_after(age: int) -> datetime:
    return reaches(BORN, LEO.time_zone, age) + timedelta(days=100)


@pytest.mark.parametrize(("age", "agreed"), AGES)
@pytest.mark.parametrize("state", LinkState)
@pytest.mark.parametrize("preset", SCOPES)
@pytest.mark.parametrize("act", Act)
def test_age_state_scope_and_act_decide_together(age: int, agreed: bool | None, state: LinkState, preset: str, act: Act) -> None:  # noqa: FBT001 - a column
    now = years_after(age)
    agreed_at = years_after(12) if agreed else None
    link = replace(LINK, state=state, scopes=SCOPES[preset], agreed_at=agreed_at)
    wanted = (age, agreed) in GIVES and state is LinkState.ACTIVE and act in SCOPES[preset]
    assert may(MAYA, act, LEO, [link], now) is wanted
    assert not may(MAYA, act, replace(LEO, private=True), [replace(link, subject=LEO)], now)


@pytest.mark.parametrize("basis", [Basis.COURT, Basis.CONSENT])
@pytest.mark.parametrize("age", [6, 12, 17, 18, 30])
def test_a_courts_order_and_a_consent_do_not_change_with_age(basis: Basis, age: int) -> None:
    assert may(MAYA, Act.SEE, LEO, [replace(LINK, basis=basis)], years_after(age))


BIRTHDAYS = [
    # born, zone, age, the first instant of that age in UTC
    (date(2015, 6, 1), "America/New_York", 12, "2027-06-01T04:00"),
    (date(2015, 6, 1), "Asia/Kolkata", 12, "2027-05-31T18:30"),
    (date(2015, 6, 1), "Pacific/Kiritimati", 12, "2027-05-31T10:00"),
    (date(2015, 6, 1), "Pacific/Pago_Pago", 12, "2027-06-01T11:00"),
    (date(2015, 6, 1), "UTC", 12, "2027-06-01T00:00"),
    (date(2016, 2, 29), "America/New_York", 11, "2027-03-01T05:00"),
    (date(2016, 2, 29), "America/New_York", 12, "2028-02-29T05:00"),
    (date(2016, 2, 29), "Asia/Kolkata", 11, "2027-02-28T18:30"),
    (date(2016, 2, 29), "UTC", 18, "2034-03-01T00:00"),
    # midnight does not exist there that day: the clocks go from 0:00 to 1:00
    (date(2015, 4, 24), "Africa/Cairo", 11, "2026-04-23T22:00"),
]


@pytest.mark.parametrize(("born", "zone", "age", "first"), BIRTHDAYS)
def test_access_narrows_with_the_first_instant_of_the_birthday(born: date, zone: str, age: int, first: str) -> None:
    child = Subject(name("leo"), name("riverside"), born, zone, AgeBands(age, 20))
    link = replace(LINK, subject=child)
    birthday = at(first)
    assert [link.allows(Act.SEE, now) for now in (birthday - SECOND, birthday - TICK, birthday, birthday + SECOND)] == [True, True, False, False]
    grown = replace(link, subject=replace(child, bands=AgeBands(1, age)), agreed_at=birthday - timedelta(days=300))
    assert [grown.allows(Act.SEE, now) for now in (birthday - SECOND, birthday)] == [True, False]


@pytest.mark.parametrize(
    ("preset", "agreement", "ends"),
    [
        ("default", "2027-06-01T04:00", "2033-06-01T04:00"),
        ("england", "2026-06-01T04:00", "2031-06-01T04:00"),
        ("united states", "2028-06-01T04:00", "2033-06-01T04:00"),
    ],
)
def test_the_presets_set_both_birthdays(preset: str, agreement: str, ends: str) -> None:
    link = replace(LINK, subject=replace(LEO, bands=PRESETS[preset]))
    first = next_narrowing(link, NOW)
    assert first is not None
    assert (first.at, first.ends) == (at(agreement), False)
    last = next_narrowing(link, first.at)
    assert last is not None
    assert (last.at, last.ends) == (at(ends), True)
    assert next_narrowing(link, last.at) is None


def test_an_agreement_from_before_the_birthday_is_none() -> None:
    early = replace(LINK, agreed_at=reaches(BORN, LEO.time_zone, 12) - TICK)
    assert not early.allows(Act.SEE, years_after(12))


# By hand: who may bring a link from where to where.
LIFE = {
    ("requested", "active"): "practice",
    ("requested", "refused"): "practice",
    ("requested", "ended"): "practice guardian patient",
    ("active", "suspended"): "practice",
    ("active", "ended"): "practice guardian patient",
    ("suspended", "active"): "practice",
    ("suspended", "ended"): "practice guardian patient",
}


@pytest.mark.parametrize(("before", "after", "by"), list(product(LinkState, LinkState, By)))
def test_a_link_changes_as_the_table_says(before: LinkState, after: LinkState, by: By) -> None:
    link = replace(LINK, state=before, basis=Basis.CONSENT)
    allowed = by.value in LIFE.get((before.value, after.value), "").split()
    assert (change_code(link, after, by, "for a reason") is None) is allowed


def test_nothing_leads_out_of_the_end_and_a_refusal() -> None:
    assert {before for before, _ in CHANGES} == LIVING


@pytest.mark.parametrize("basis", Basis)
def test_a_patient_ends_only_what_rests_on_their_consent(basis: Basis) -> None:
    code = change_code(replace(LINK, basis=basis), LinkState.ENDED, By.PATIENT, "we fell out")
    assert code == (None if basis is Basis.CONSENT else LinkCode.NOT_ALLOWED)


@pytest.mark.parametrize(
    ("reason", "code"), [("", LinkCode.REASON_REQUIRED), (" \n", LinkCode.REASON_REQUIRED), ("x" * 251, LinkCode.REASON_TOO_LONG), ("x" * 250, None)]
)
def test_every_change_needs_a_reason(reason: str, code: LinkCode | None) -> None:
    assert change_code(LINK, LinkState.ENDED, By.PRACTICE, reason) == code


GUARDIAN = Guardian(MAYA.user_id, MAYA.account_id, MAYA.own_patient_id, date(1990, 1, 1))
ADULT = subject(name("ada"), name("riverside"), date(1950, 1, 1))
PARENT = Terms(Basis.PARENT, frozenset(Act), None)
CONSENT = Terms(Basis.CONSENT, frozenset({Act.SEE}), at("2027-03-01"))
COURT = Terms(Basis.COURT, frozenset({Act.SEE}), at("2040-03-01"))
NEW: list[tuple[Guardian, Subject, Terms, bool, list[LinkCode]]] = [
    (GUARDIAN, LEO, PARENT, False, []),
    (GUARDIAN, LEO, PARENT, True, [LinkCode.LIVING]),
    (replace(GUARDIAN, born_on=None), LEO, PARENT, False, [LinkCode.BIRTHDAY_UNKNOWN]),
    (replace(GUARDIAN, born_on=date(2008, 3, 1)), LEO, PARENT, False, []),
    (replace(GUARDIAN, born_on=date(2008, 3, 2)), LEO, PARENT, False, [LinkCode.TOO_YOUNG]),
    (replace(GUARDIAN, own_patient_id=LEO.patient_id), LEO, PARENT, False, [LinkCode.OWN_RECORD]),
    (replace(GUARDIAN, account_id=name("elsewhere")), LEO, PARENT, False, [LinkCode.OTHER_PRACTICE]),
    (GUARDIAN, LEO, replace(PARENT, scopes=frozenset()), False, [LinkCode.NO_SCOPES]),
    (GUARDIAN, LEO, replace(PARENT, scopes=frozenset({Act.BOOK})), False, [LinkCode.CANNOT_SEE]),
    (GUARDIAN, LEO, replace(PARENT, ends_at=NOW), False, [LinkCode.ENDS_BEFORE]),
    (GUARDIAN, ADULT, PARENT, False, [LinkCode.PATIENT_TOO_OLD]),
    (GUARDIAN, ADULT, CONSENT, False, []),
    (GUARDIAN, LEO, CONSENT, False, [LinkCode.PATIENT_TOO_YOUNG]),
    (GUARDIAN, ADULT, replace(CONSENT, ends_at=None), False, [LinkCode.NO_END]),
    (GUARDIAN, ADULT, replace(CONSENT, ends_at=at("2027-09-02T04:00")), False, []),
    (GUARDIAN, ADULT, replace(CONSENT, ends_at=at("2027-09-02T04:00") + TICK), False, [LinkCode.TOO_LONG]),
    (GUARDIAN, ADULT, COURT, False, []),
    (GUARDIAN, LEO, COURT, False, []),
    (GUARDIAN, ADULT, replace(COURT, ends_at=None), False, [LinkCode.NO_END]),
]


@pytest.mark.parametrize(("guardian", "patient", "terms", "living", "codes"), NEW)
def test_a_new_link_fulfils_the_rules(guardian: Guardian, patient: Subject, terms: Terms, living: bool, codes: list[LinkCode]) -> None:  # noqa: FBT001 - a column
    assert new_link_codes(guardian, patient, terms, NOW, living=living) == codes


@pytest.mark.parametrize(
    ("today", "last"),
    [("2026-03-01", date(2027, 9, 1)), ("2026-08-31", date(2028, 2, 29)), ("2025-08-31", date(2027, 2, 28)), ("2026-12-31", date(2028, 6, 30))],
)
def test_a_consent_lasts_eighteen_months_by_the_calendar(today: str, last: date) -> None:
    now = at(f"{today}T12:00")
    assert consent_last_day("UTC", now) == last
    assert consent_ends("UTC", now) == at(f"{last}T00:00") + timedelta(days=1)


def test_only_a_young_person_is_asked_to_agree() -> None:
    codes = [agreement_code(LINK, years_after(age)) for age in (11, 12, 17, 18)]
    assert codes == [LinkCode.NOT_ASKED, None, None, LinkCode.NOT_ASKED]
    assert agreement_code(replace(LINK, basis=Basis.COURT), years_after(14)) is LinkCode.NOT_ASKED
    assert agreement_code(replace(LINK, state=LinkState.SUSPENDED), years_after(14)) is LinkCode.NOT_ASKED


def test_a_link_lapses_at_its_end_and_at_the_last_birthday() -> None:
    grown = reaches(BORN, LEO.time_zone, 18)
    assert [lapsed(LINK, now) for now in (grown - TICK, grown)] == [None, Lapse.AGE]
    ends = replace(LINK, ends_at=NOW)
    assert [lapsed(ends, now) for now in (NOW - TICK, NOW)] == [None, Lapse.TIME]
    assert lapsed(replace(ends, state=LinkState.ENDED), NOW) is None
    assert lapsed(replace(LINK, basis=Basis.COURT), grown) is None


def test_people_are_told_thirty_days_before_a_birthday_and_at_it_and_once() -> None:
    told: int | None = None
    notices: list[tuple[datetime, int]] = []
    for day in range((years_after(18) - NOW).days):
        now = NOW + timedelta(days=day)
        if (found := to_tell(LINK, told, now)) is not None:
            notices.append((now, found.age))
            told = (now.year - BORN.year) - (now.date() < date(now.year, BORN.month, BORN.day))
    assert [(moment.date().isoformat(), age) for moment, age in notices] == [
        ("2027-05-02", 12),
        ("2027-06-01", 12),
        ("2033-05-02", 18),
        ("2033-06-01", 18),
    ]


def test_whoever_makes_a_link_knows_of_the_birthdays_behind_it() -> None:
    assert [told_at_start(LEO, Basis.PARENT, years_after(age)) for age in (6, 12, 17)] == [None, 12, 12]
    assert to_tell(LINK, 12, years_after(17) - timedelta(days=60)) is None
    assert to_tell(replace(LINK, state=LinkState.SUSPENDED), None, years_after(17)) is None
