from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from portal.domain.booking import Code
from portal.domain.guardianship import LinkState
from portal.domain.together import Arrangement
from portal.services import cancelling, drafts, group_times, groups, holds, waiting
from portal.services.booking import Booked, Forbidden
from portal.services.cancelling import Cancelled
from portal.services.group_booking import NotAll
from portal.services.groups import Visits
from portal.storage.audit import Audit
from portal.storage.catalogue import current_catalogue
from portal.storage.clinic import VisitOption
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.people import GuardianLink
from portal.storage.schedule import Draft, Occupancy, Schedule, ScheduleChange
from tests.clinic import NOW, Clinic
from tests.racing import together
from tests.services import families, scene
from tests.services.families import book, choose, family, held, pressed, ready
from tests.services.scene import ELEVEN, TEN
from tests.stored import assert_chained, assert_sound, rows

DAY = date(2027, 3, 2)
GAP = timedelta(minutes=45)
IN_TURN, AT_ONCE = Arrangement
BOTH = pytest.mark.parametrize("arrangement", Arrangement)


def offered(session: Session, clinic: Clinic, draft_id: UUID) -> list[datetime]:
    """Return what the draft's page offers on the day."""
    found = ready(session, clinic, draft_id)
    return group_times.times(session, groups.search_for(found.draft, found.catalogue, NOW), DAY, 1)[0].starts()


def booked_family(engine: Engine, clinic: Clinic, arrangement: Arrangement = IN_TURN, start: datetime = TEN) -> UUID:
    """Book both children in a transaction of its own, and return the draft."""
    with sessions(engine).begin() as session:
        begin_write(session)
        draft_id = family(session, clinic, arrangement)
        assert choose(session, clinic, draft_id, start) == []
    assert isinstance(pressed(engine, clinic, draft_id), Booked)
    return draft_id


@BOTH
def test_a_family_is_booked_in_one_go(arrangement: Arrangement, engine: Engine, clinic: Clinic) -> None:
    booked_family(engine, clinic, arrangement)
    first, second = sorted(rows(engine, Schedule), key=lambda row: (row["starts_at"], row["patient_id"] != clinic.patient("leo")))
    assert (first["starts_at"], second["starts_at"]) == (TEN, TEN + GAP if arrangement is IN_TURN else TEN)
    assert (first["provider_id"] == second["provider_id"]) == (arrangement is IN_TURN)
    assert first["group_id"] == second["group_id"] is not None
    assert {row["reason"] for row in (first, second)} == {"Both hot"}
    assert [row["change"] for row in rows(engine, ScheduleChange)] == ["booked", "booked"]
    assert {row["patient_id"] for row in rows(engine, Audit)} == {clinic.patient("leo"), clinic.patient("nia")}
    assert_sound(engine)
    assert_chained(engine)


def test_the_mail_of_a_family_is_one(engine: Engine, clinic: Clinic) -> None:
    booked_family(engine, clinic)
    assert [row["kind"] for row in rows(engine, Mail) if row["kind"] == "booked"] == ["booked"]


def test_a_double_press_books_once(engine: Engine, clinic: Clinic) -> None:
    draft_id = booked_family(engine, clinic)
    again = pressed(engine, clinic, draft_id)
    assert isinstance(again, Booked)
    assert again.replayed
    assert len(rows(engine, Schedule)) == 2


@BOTH
def test_whatever_a_family_is_offered_can_be_held_and_booked(arrangement: Arrangement, engine: Engine, clinic: Clinic) -> None:
    scene.booked(engine, clinic, "ada", ELEVEN)
    scene.booked(engine, clinic, "nia", ELEVEN + timedelta(hours=3))
    with sessions(engine)() as session:
        begin_write(session)
        draft_id = family(session, clinic, arrangement)
        starts = offered(session, clinic, draft_id)
        assert starts
        for start in starts:
            assert choose(session, clinic, draft_id, start) == []
        assert isinstance(book(session, clinic, draft_id), Booked)


def test_a_hold_covers_everybody_and_a_release_frees_all(session: Session, clinic: Clinic) -> None:
    draft_id = family(session, clinic)
    choose(session, clinic, draft_id, TEN)
    assert held(session) == {clinic.patient("leo"), clinic.patient("nia"), clinic.provider("chen")}
    assert TEN in offered(session, clinic, draft_id)
    drafts.give_up(session, families.draft_of(session, clinic, draft_id), current_catalogue(session, clinic.account_id), NOW)
    assert held(session) == set()


def test_another_choice_of_the_family_frees_the_first(session: Session, clinic: Clinic) -> None:
    draft_id = family(session, clinic, AT_ONCE)
    choose(session, clinic, draft_id, TEN)
    number = session.query(Occupancy).count()
    assert choose(session, clinic, draft_id, ELEVEN) == []
    assert session.query(Occupancy).count() == number


def test_what_a_family_holds_is_given_up_by_another_draft_of_its_user(session: Session, clinic: Clinic) -> None:
    choose(session, clinic, family(session, clinic), TEN)
    holds.give_up_all(session, clinic.user("maya"))
    assert held(session) == set()
    assert not session.query(Draft).filter(Draft.held_until.is_not(None)).count()


def test_a_sweep_ends_what_a_family_held(session: Session, clinic: Clinic) -> None:
    choose(session, clinic, family(session, clinic), TEN)
    assert waiting.sweep(session, NOW + timedelta(hours=1))
    assert held(session) == set()


def test_other_visits_forget_the_time(session: Session, clinic: Clinic) -> None:
    draft_id = family(session, clinic)
    choose(session, clinic, draft_id, TEN)
    found = ready(session, clinic, draft_id)
    wanted = Visits((clinic.option("check-up"), clinic.option("phone")), IN_TURN)
    assert groups.choose_visits(session, found.draft, wanted, found.catalogue, NOW)
    assert (families.draft_of(session, clinic, draft_id).first_choice_at, held(session)) == (None, set())


def test_different_visits_follow_each_other(session: Session, clinic: Clinic) -> None:
    draft_id = family(session, clinic, options=("phone", "check-up"))
    choose(session, clinic, draft_id, TEN)
    book(session, clinic, draft_id)
    found = {row.patient_id: row for row in session.query(Schedule)}
    assert found[clinic.patient("nia")].starts_at == TEN + timedelta(minutes=30)
    assert found[clinic.patient("leo")].visit_option_id == clinic.option("phone")


def test_a_time_that_somebody_took_books_nobody_and_offers_others(engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        draft_id = family(session, clinic)
    scene.booked(engine, clinic, "ada", TEN + GAP)
    with sessions(engine).begin() as session:
        begin_write(session)
        assert [(one.patient_id, one.problem.code) for one in choose(session, clinic, draft_id, TEN)] == [(clinic.patient("nia"), Code.TIME_TAKEN)]
    outcome = pressed(engine, clinic, draft_id, TEN)
    assert isinstance(outcome, NotAll)
    assert outcome.taken
    assert TEN not in outcome.alternatives
    assert len(outcome.alternatives) == 3
    assert len(rows(engine, Schedule)) == 1


def test_a_hold_that_is_over_is_booked_unless_somebody_came(session: Session, clinic: Clinic) -> None:
    draft_id = family(session, clinic)
    choose(session, clinic, draft_id, TEN)
    assert isinstance(book(session, clinic, draft_id, NOW + timedelta(minutes=30)), Booked)


def test_a_rule_that_one_person_breaks_books_nobody(engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        draft_id = family(session, clinic)
        choose(session, clinic, draft_id, TEN)
        session.execute(update(VisitOption).values(age_from=8))
        session.execute(update(VisitOption.metadata.tables["account"]).values(revision=2))
    outcome = pressed(engine, clinic, draft_id)
    assert isinstance(outcome, NotAll)
    assert [(one.patient_id, one.problem.code) for one in outcome.troubles] == [(clinic.patient("nia"), Code.AGE)]
    assert rows(engine, Schedule) == []
    assert {row["draft_id"] for row in rows(engine, Occupancy)} == {draft_id}


def test_the_right_to_book_for_each_is_asked_again(engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        draft_id = family(session, clinic)
        choose(session, clinic, draft_id, TEN)
        session.execute(update(GuardianLink).where(GuardianLink.id == clinic.link("maya", "nia")).values(state=LinkState.ENDED))
    assert isinstance(pressed(engine, clinic, draft_id), Forbidden)
    assert rows(engine, Schedule) == []


def test_a_family_has_only_people_for_whom_one_may_book(session: Session, clinic: Clinic) -> None:
    people = [clinic.patient("leo"), clinic.patient("omar")]
    assert groups.start(session, clinic.actor("maya"), people, NOW) is None
    with pytest.raises(ValueError, match=str(clinic.patient("leo"))):
        groups.start(session, clinic.actor("maya"), [clinic.patient("leo")] * 2, NOW)


def test_a_visit_by_request_is_not_for_a_family(session: Session, clinic: Clinic) -> None:
    draft_id = family(session, clinic)
    session.execute(update(VisitOption).where(VisitOption.id == clinic.option("phone")).values(by_request=True))
    session.execute(update(VisitOption.metadata.tables["account"]).values(revision=2))
    found = ready(session, clinic, draft_id)
    wanted = Visits((clinic.option("check-up"), clinic.option("phone")), IN_TURN)
    assert not groups.can_be(found.draft, wanted, found.catalogue, NOW)


def test_three_are_booked_in_turn(session: Session, clinic: Clinic) -> None:
    draft_id = family(session, clinic, people=("maya", "leo", "nia"))
    assert choose(session, clinic, draft_id, TEN, first="maya") == []
    book(session, clinic, draft_id, first="maya")
    assert [row.starts_at for row in session.query(Schedule).order_by(Schedule.starts_at)] == [TEN, TEN + GAP, TEN + 2 * GAP]


def test_to_cancel_one_leaves_the_other(session: Session, clinic: Clinic) -> None:
    draft_id = family(session, clinic)
    choose(session, clinic, draft_id, TEN)
    outcome = book(session, clinic, draft_id)
    assert isinstance(outcome, Booked)
    assert isinstance(cancelling.cancel(session, clinic.actor("maya"), outcome.schedule_id, None, NOW), Cancelled)
    session.expire_all()
    assert {(row.patient_id, row.cancelled_at is None) for row in session.query(Schedule)} == {
        (clinic.patient("leo"), False),
        (clinic.patient("nia"), True),
    }


def test_many_presses_at_once_book_the_family_once(engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        draft_id = family(session, clinic)
        choose(session, clinic, draft_id, TEN)
    outcomes = together(4, lambda _: pressed(engine, clinic, draft_id))
    assert sorted(outcome.replayed for outcome in outcomes if isinstance(outcome, Booked)) == [False, True, True, True]
    assert_sound(engine)


@BOTH
def test_a_family_and_others_who_want_its_times_have_one_winner(arrangement: Arrangement, engine: Engine, clinic: Clinic) -> None:
    for turn in range(4):
        start = TEN + timedelta(days=turn)
        with sessions(engine).begin() as session:
            begin_write(session)
            draft_id = family(session, clinic, arrangement)
        second = start + GAP if arrangement is IN_TURN else start

        def act(number: int, draft_id: UUID = draft_id, start: datetime = start, second: datetime = second) -> object:
            if number == 0:
                return pressed(engine, clinic, draft_id, start)
            who, provider = (("ada", "chen"), ("omar", "chen" if arrangement is IN_TURN else "novak"))[number - 1]
            return scene.book(engine, clinic, who, who, (start, second)[number - 1], provider_id=clinic.provider(provider))

        outcomes = together(3, act)
        assert len(outcomes) == 3
        won = [isinstance(outcome, Booked) for outcome in outcomes]
        assert sum(won) in {1, 2}
        assert_sound(engine)
    in_groups = [row for row in rows(engine, Schedule) if row["group_id"]]
    assert len(in_groups) % 2 == 0
    assert_chained(engine)
