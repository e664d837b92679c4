from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from portal.domain.guardianship import Act, Actor, Basis, Link, LinkState, link_for, may
from tests.domain.samples import at, name, subject

START, END = at("2027-01-01"), at("2028-01-01")
NOW = at("2027-03-01T08:00")
MAYA = Actor(name("maya"), name("riverside"), name("maya's record"))
LEO = subject(name("leo"), name("riverside"))
LINK = Link(name("link"), MAYA.user_id, LEO, Basis.PARENT, LinkState.ACTIVE, frozenset({Act.SEE, Act.BOOK}), START, END)
TICK = timedelta(microseconds=1)


def test_a_person_may_do_everything_for_themselves() -> None:
    own = subject(name("maya's record"), name("riverside"))
    assert all(may(MAYA, act, own, [], NOW) for act in Act)


def test_a_person_without_a_patient_record_is_nobodys_patient() -> None:
    staff = replace(MAYA, own_patient_id=None)
    assert not may(staff, Act.SEE, LEO, [], NOW)


@pytest.mark.parametrize("act", Act)
def test_a_link_gives_its_scopes_and_no_more(act: Act) -> None:
    assert may(MAYA, act, LEO, [LINK], NOW) is (act in LINK.scopes)


@pytest.mark.parametrize("state", LinkState)
def test_only_an_active_link_gives_anything(state: LinkState) -> None:
    assert may(MAYA, Act.BOOK, LEO, [replace(LINK, state=state)], NOW) is (state is LinkState.ACTIVE)


@pytest.mark.parametrize(("now", "allowed"), [(START - TICK, False), (START, True), (END - TICK, True), (END, False)])
def test_a_link_holds_from_its_start_up_to_its_end(now: datetime, allowed: bool) -> None:  # noqa: FBT001 - a column of the table
    assert may(MAYA, Act.BOOK, LEO, [LINK], now) is allowed


def test_a_link_without_an_end_goes_on() -> None:
    assert may(MAYA, Act.BOOK, LEO, [replace(LINK, basis=Basis.COURT, ends_at=None)], at("2099-01-01"))


def test_somebody_elses_link_gives_nothing() -> None:
    others = [replace(LINK, user_id=name("grace")), replace(LINK, subject=replace(LEO, patient_id=name("nia")))]
    assert not may(MAYA, Act.BOOK, LEO, others, NOW)


def test_no_link_and_no_record_reach_into_another_practice() -> None:
    assert not may(MAYA, Act.BOOK, replace(LEO, account_id=name("elsewhere")), [LINK], NOW)
    assert not may(replace(MAYA, account_id=name("elsewhere")), Act.SEE, subject(name("maya's record"), name("riverside")), [], NOW)


def test_the_link_that_gives_the_right_is_named() -> None:
    ended = replace(LINK, id=name("ended"), state=LinkState.ENDED)
    narrow = replace(LINK, id=name("narrow"), scopes=frozenset({Act.SEE}))
    assert link_for(MAYA, Act.BOOK, LEO, [ended, narrow, LINK], NOW) == LINK
    assert link_for(MAYA, Act.CANCEL, LEO, [ended, narrow, LINK], NOW) is None
