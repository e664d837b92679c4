"""Requests, approvals, proxies and birthdays: what is written, who is told, and what is refused."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.domain.audit import Door, Origin
from portal.domain.guardianship import Act, Basis, LinkState
from portal.domain.links import OPEN_REQUESTS_MAX, By, LinkCode
from portal.services import guardians, links, proxies
from portal.services.guardians import Approval, Requested, Wanted
from portal.services.links import Changed, Changer, NotPossible, Unknown
from portal.services.proxies import OFFER_PATH, Offer
from portal.storage.audit import Audit
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.people import GuardianLink, GuardianLinkChange, GuardianRequest, Patient
from portal.storage.proofs import Proof
from tests.clinic import NOW, Clinic
from tests.links import change_link, is_born, link
from tests.stored import rows

DESK = Origin(Door.COMMAND, name="Dr Chen")
KIM = Wanted("Nia Berg", date(2021, 11, 5), "aunt", Basis.LEGAL_GUARDIAN, "Papers of the court")
UNTIL = date(2027, 12, 31)
Write = Callable[[Callable[[Session], Any]], Any]


@pytest.fixture
def write(engine: Engine, clinic: Clinic) -> Write:  # noqa: ARG001 - the practice must be there first
    """Does something in a transaction of its own, and undoes it when it is refused, as a door would."""

    def run(act: Callable[[Session], Any]) -> Any:  # noqa: ANN401 - whatever the service answers
        with sessions(engine)() as session:
            begin_write(session)
            outcome = act(session)
            if not isinstance(outcome, NotPossible | Unknown):
                session.commit()
            return outcome

    return run


@pytest.fixture
def asked(write: Write, clinic: Clinic) -> UUID:
    """A request of Ada's to care for Nia."""
    outcome = write(lambda session: guardians.request(session, clinic.actor("ada"), KIM, "America/New_York", NOW))
    assert isinstance(outcome, Requested)
    return outcome.request_id


def approved(clinic: Clinic, **changes: Any) -> Approval:  # noqa: ANN401 - any member
    members = {"by": "Dr Chen", "evidence": "Seen the papers", "patient_id": clinic.patient("nia"), **changes}
    return Approval(**members)


def mails(engine: Engine) -> list[tuple[str, str]]:
    return sorted((row["kind"], row["to"]) for row in rows(engine, Mail))


def link_between(engine: Engine, clinic: Clinic, guardian: str, patient: str) -> dict[str, Any]:
    with sessions(engine)() as session:
        wanted = select(GuardianLink.__table__).where(
            GuardianLink.user_id == clinic.user(guardian), GuardianLink.patient_id == clinic.patient(patient)
        )
        return dict(session.execute(wanted).mappings().one())


def test_a_request_gives_nothing_until_it_is_approved(asked: UUID, engine: Engine) -> None:
    assert [(row["id"], row["state"]) for row in rows(engine, GuardianRequest)] == [(asked, "requested")]
    assert mails(engine) == [("link_requested", "ada@example.org")]


def test_an_approval_is_written_with_evidence_history_audit_and_mail(asked: UUID, write: Write, clinic: Clinic, engine: Engine) -> None:
    outcome = write(lambda session: guardians.approve(session, asked, approved(clinic, scopes=frozenset({Act.SEE})), DESK, NOW))
    assert isinstance(outcome, Changed)
    made = link_between(engine, clinic, "ada", "nia")
    assert [made[name] for name in ("state", "scopes", "evidence", "checked_by", "checked_at")] == [
        "active",
        "see",
        "Seen the papers",
        "Dr Chen",
        NOW,
    ]
    [change] = rows(engine, GuardianLinkChange)
    assert [change[name] for name in ("state_before", "state", "changed_by", "name", "reason")] == [
        None,
        "active",
        None,
        "Dr Chen",
        "Seen the papers",
    ]
    [row] = rows(engine, Audit)
    assert [row[name] for name in ("deed", "link_id", "door", "name")] == ["link_approved", outcome.link_id, "command", "Dr Chen"]
    assert mails(engine) == [("link_changed", "ada@example.org"), ("link_changed", "maya@example.org"), ("link_requested", "ada@example.org")]


def test_a_request_is_approved_once(asked: UUID, write: Write, clinic: Clinic) -> None:
    first, second = (write(lambda session: guardians.approve(session, asked, approved(clinic), DESK, NOW)) for _ in range(2))
    assert isinstance(first, Changed)
    assert second == NotPossible((LinkCode.NOT_ALLOWED,))


def test_a_request_for_an_unknown_child_makes_a_record(asked: UUID, write: Write, clinic: Clinic, engine: Engine) -> None:
    outcome = write(lambda session: guardians.approve(session, asked, approved(clinic, patient_id=None, new_patient=True), DESK, NOW))
    assert isinstance(outcome, Changed)
    [made] = [row for row in rows(engine, Patient) if row["id"] == outcome.patient_id]
    assert [made[name] for name in ("given_name", "family_name", "born_on")] == ["Nia", "Berg", date(2021, 11, 5)]


def test_nobody_is_approved_whose_birthday_is_unknown_or_who_is_too_young(write: Write, clinic: Clinic, engine: Engine) -> None:
    def ask() -> Any:  # noqa: ANN401 - whatever the service answers
        return write(lambda session: guardians.request(session, clinic.actor("grace"), KIM, "America/New_York", NOW))

    assert ask() == NotPossible((LinkCode.BIRTHDAY_UNKNOWN,))
    is_born(engine, clinic, "grace", date(2009, 3, 2))
    assert ask() == NotPossible((LinkCode.TOO_YOUNG,))
    is_born(engine, clinic, "grace", date(2009, 3, 1))
    assert isinstance(ask(), Requested)


def test_only_some_requests_can_wait(write: Write, clinic: Clinic) -> None:
    outcomes = [write(lambda session: guardians.request(session, clinic.actor("ada"), KIM, "UTC", NOW)) for _ in range(OPEN_REQUESTS_MAX + 1)]
    assert outcomes[-1] == NotPossible((LinkCode.TOO_MANY,))
    assert all(isinstance(outcome, Requested) for outcome in outcomes[:-1])


def test_a_refused_approval_leaves_nothing(asked: UUID, write: Write, clinic: Clinic, engine: Engine) -> None:
    before = rows(engine, Patient)
    for changes in ({"evidence": " "}, {"patient_id": clinic.patient("zoe")}, {"patient_id": clinic.patient("ada")}, {"agreed": True}):
        assert isinstance(write(partial(guardians.approve, wanted_id=asked, approval=approved(clinic, **changes), origin=DESK, now=NOW)), NotPossible)
    assert write(lambda session: guardians.approve(session, uuid4(), approved(clinic), DESK, NOW)) == Unknown()
    assert (rows(engine, Patient), rows(engine, Audit)) == (before, [])


def test_the_practice_suspends_and_approves_again_and_ends(write: Write, clinic: Clinic, engine: Engine) -> None:
    link_id, desk = clinic.link("maya", "leo"), Changer(By.PRACTICE, DESK, "Dr Chen", "A dispute")
    states = []
    for state in (LinkState.SUSPENDED, LinkState.ACTIVE, LinkState.ENDED):
        approval = approved(clinic, patient_id=None)
        if state is LinkState.ACTIVE:
            outcome = write(partial(guardians.approve, wanted_id=link_id, approval=approval, origin=DESK, now=NOW))
        else:
            outcome = write(partial(guardians.set_state, link_id=link_id, state=state, changer=desk, now=NOW))
        assert isinstance(outcome, Changed)
        states.append(link_between(engine, clinic, "maya", "leo")["state"])
    assert states == ["suspended", "active", "ended"]
    assert [row["deed"] for row in rows(engine, Audit)] == ["link_suspended", "link_approved", "link_ended"]
    assert write(lambda session: guardians.set_state(session, link_id, LinkState.ACTIVE, desk, NOW)) == NotPossible((LinkCode.NOT_ALLOWED,))


def test_a_guardian_leaves_and_the_other_stays(write: Write, clinic: Clinic, engine: Engine) -> None:
    outcome = write(lambda session: links.leave(session, clinic.actor("maya"), clinic.link("maya", "leo"), "We part", NOW))
    assert isinstance(outcome, Changed)
    assert [link_between(engine, clinic, name, "leo")["state"] for name in ("maya", "grace")] == ["ended", "active"]
    assert mails(engine) == [("link_changed", "grace@example.org"), ("link_changed", "maya@example.org")]


def test_nobody_changes_anothers_link(write: Write, clinic: Clinic) -> None:
    link_id = clinic.link("maya", "leo")
    for name in ("grace", "ada", "zoe"):
        assert write(partial(links.leave, actor=clinic.actor(name), link_id=link_id, reason="x", now=NOW)) == Unknown()
        assert write(partial(links.end, actor=clinic.actor(name), link_id=link_id, reason="x", now=NOW)) == Unknown()


def test_a_young_person_agrees_and_takes_it_back(write: Write, clinic: Clinic, engine: Engine) -> None:
    is_born(engine, clinic, "ada", date(2013, 1, 1))
    link_id = link(engine, clinic, "omar", "ada", basis="parent", ends_at=None)
    acts = [write(lambda session: links.agree(session, clinic.actor("ada"), link_id, NOW)), link_between(engine, clinic, "omar", "ada")["agreed_at"]]
    acts += [
        write(lambda session: links.disagree(session, clinic.actor("ada"), link_id, NOW)),
        link_between(engine, clinic, "omar", "ada")["agreed_at"],
    ]
    assert [acts[1], acts[3]] == [NOW, None]
    assert [row["deed"] for row in rows(engine, Audit)] == ["agreed", "disagreed"]
    assert write(lambda session: links.end(session, clinic.actor("ada"), link_id, "x", NOW)) == NotPossible((LinkCode.NOT_ALLOWED,))


def offered(write: Write, clinic: Clinic, engine: Engine, email: str = "Omar@example.org ") -> str:
    wanted = Offer(email, "friend", frozenset({Act.SEE, Act.BOOK}), UNTIL)
    write(lambda session: proxies.offer(session, clinic.actor("ada"), wanted, "en", NOW))
    [mail] = [row for row in rows(engine, Mail) if row["kind"] == "proxy_offered"]
    return str(json.loads(mail["facts"])["path"]).removeprefix(OFFER_PATH)


def test_past_21_a_proxy_needs_the_patients_offer_and_the_others_own_address(write: Write, clinic: Clinic, engine: Engine) -> None:
    token = offered(write, clinic, engine)
    for name in ("maya", "ada", "zoe"):
        assert write(partial(proxies.accept, actor=clinic.actor(name), token=token, now=NOW)) == Unknown()
    assert write(lambda session: proxies.accept(session, clinic.actor("omar"), token + "x", NOW)) == Unknown()
    assert isinstance(write(lambda session: proxies.accept(session, clinic.actor("omar"), token, NOW)), Changed)
    made = link_between(engine, clinic, "omar", "ada")
    assert [made[name] for name in ("basis", "state", "scopes", "ends_at")] == ["consent", "active", "see book", datetime(2028, 1, 1, 5, tzinfo=UTC)]


def test_past_18_an_offers_link_works_once_for_a_week_and_is_not_stored(write: Write, clinic: Clinic, engine: Engine) -> None:
    token = offered(write, clinic, engine)
    assert len(token) >= 43
    assert token not in str(rows(engine, Proof))
    late = NOW + timedelta(days=7)
    assert write(lambda session: proxies.accept(session, clinic.actor("omar"), token, late)) == Unknown()
    assert isinstance(write(lambda session: proxies.accept(session, clinic.actor("omar"), token, late - timedelta(microseconds=1))), Changed)
    assert write(lambda session: proxies.accept(session, clinic.actor("omar"), token, NOW)) == Unknown()


def test_an_offer_answers_alike_whether_the_address_is_known(write: Write, clinic: Clinic, engine: Engine) -> None:
    for email in ("omar@example.org", "nobody@example.org"):
        wanted = Offer(email, "friend", frozenset({Act.SEE}), UNTIL)
        assert write(partial(proxies.offer, actor=clinic.actor("ada"), wanted=wanted, language="en", now=NOW)) == proxies.Offered()
    assert mails(engine) == [("proxy_offered", "nobody@example.org"), ("proxy_offered", "omar@example.org")]


def test_only_an_adult_lets_others_act(write: Write, clinic: Clinic, engine: Engine) -> None:
    is_born(engine, clinic, "ada", date(2010, 1, 1))
    wanted = Offer("omar@example.org", "friend", frozenset({Act.SEE}), UNTIL)
    assert write(lambda session: proxies.offer(session, clinic.actor("ada"), wanted, "en", NOW)) == NotPossible((LinkCode.PATIENT_TOO_YOUNG,))


def test_only_the_patient_renews_narrows_and_both_end_a_proxy(write: Write, clinic: Clinic, engine: Engine) -> None:
    link_id = link(engine, clinic, "omar", "ada")
    assert write(lambda session: proxies.renew(session, clinic.actor("omar"), link_id, UNTIL, NOW)) == Unknown()
    approval = approved(clinic, patient_id=None, until=UNTIL)
    assert write(lambda session: guardians.approve(session, link_id, approval, DESK, NOW)) == NotPossible((LinkCode.NOT_ALLOWED,))
    assert write(lambda session: proxies.renew(session, clinic.actor("ada"), link_id, date(2028, 9, 2), NOW)) == NotPossible((LinkCode.TOO_LONG,))
    assert isinstance(write(lambda session: proxies.renew(session, clinic.actor("ada"), link_id, date(2028, 9, 1), NOW)), Changed)
    assert isinstance(write(lambda session: links.narrow(session, clinic.actor("ada"), link_id, frozenset({Act.SEE}), NOW)), Changed)
    wider = write(lambda session: links.narrow(session, clinic.actor("ada"), link_id, frozenset({Act.SEE, Act.BOOK}), NOW))
    assert wider == NotPossible((LinkCode.WIDER,))
    made = link_between(engine, clinic, "omar", "ada")
    assert (made["scopes"], made["ends_at"]) == ("see", datetime(2028, 9, 2, 4, tzinfo=UTC))
    assert isinstance(write(lambda session: links.end(session, clinic.actor("ada"), link_id, "No need", NOW)), Changed)


def test_a_sweep_ends_what_is_over_and_a_second_one_changes_nothing(write: Write, clinic: Clinic, engine: Engine) -> None:
    grown = datetime(2036, 2, 28, 5, tzinfo=UTC)
    change_link(engine, clinic.link("grace", "leo"), basis="court", ends_at=grown)
    assert write(lambda session: links.sweep(session, grown - timedelta(microseconds=1))) == (0, 2)
    assert write(lambda session: links.sweep(session, grown)) == (2, 0)
    assert write(lambda session: links.sweep(session, grown)) == (0, 0)
    reasons = {row["reason"] for row in rows(engine, GuardianLinkChange)}
    assert reasons == {"The patient is of the age at which the rights of guardians end", "The agreed time is over"}


def test_a_link_that_is_over_does_not_stand_in_the_way_of_a_new_one(write: Write, clinic: Clinic, engine: Engine) -> None:
    link(engine, clinic, "omar", "ada", ends_at=NOW)
    token = offered(write, clinic, engine)
    assert isinstance(write(lambda session: proxies.accept(session, clinic.actor("omar"), token, NOW)), Changed)
    assert sorted(row["state"] for row in rows(engine, GuardianLink) if row["basis"] == "consent") == ["active", "ended"]
