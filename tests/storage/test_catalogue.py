from decimal import Decimal

import pytest
from sqlalchemy import Engine, event, update
from sqlalchemy.orm import Session

from portal.domain.catalogue import Mode, WorkingHours
from portal.storage.catalogue import account_ids, catalogue, current_catalogue
from portal.storage.clinic import Account, EncounterType, Provider, Reason, VisitOption
from tests.clinic import Clinic, key


def test_the_catalogue_holds_what_the_practice_offers_in_order(session: Session, clinic: Clinic) -> None:
    offer = current_catalogue(session, clinic.account_id)
    assert [provider.name for provider in offer.providers.values()] == ["Dr Chen", "Dr Novak", "Dr Rao", "Dr Byrne"]
    assert [facility.place for facility in offer.facilities.values()] == ["Boston", "Pune", "Galway"]
    assert [reason.code for reason in offer.reasons.values()] == ["R1", "R2", "R3"]
    rao = offer.providers[clinic.provider("rao")]
    assert rao.time_zone == "Asia/Kolkata"
    assert rao.hours[:2] == (WorkingHours(0, 540, 720), WorkingHours(0, 780, 1020))
    check_up = offer.visit_options[clinic.option("check-up")]
    assert (check_up.mode, check_up.fee, check_up.minutes) == (Mode.IN_PERSON, Decimal("40.00"), 30)
    assert check_up.provider_ids == set(offer.providers)


def test_specialities_of_a_provider_keep_their_order(session: Session, clinic: Clinic) -> None:
    offer = current_catalogue(session, clinic.account_id)
    assert offer.providers[clinic.provider("novak")].speciality_ids == (clinic.speciality("paediatrics"), clinic.speciality("family medicine"))
    names = [provider.name for provider in offer.providers_of(clinic.speciality("paediatrics"))]
    assert names == ["Dr Novak", "Dr Byrne"]


def test_another_practice_has_a_catalogue_of_its_own(session: Session, clinic: Clinic) -> None:
    elsewhere = current_catalogue(session, key("account", "elsewhere"))
    assert [*elsewhere.providers, *elsewhere.visit_options, *elsewhere.reasons, *elsewhere.facilities] == []
    assert set(account_ids(session)) == {clinic.account_id, key("account", "elsewhere")}


def test_an_unknown_practice_has_none(session: Session) -> None:
    with pytest.raises(LookupError):
        current_catalogue(session, key("account", "nowhere"))


def test_what_is_no_longer_offered_is_left_out(session: Session, clinic: Clinic) -> None:
    session.execute(update(Provider).where(Provider.id == clinic.provider("rao")).values(active=False))
    session.execute(update(EncounterType).where(EncounterType.id == clinic.encounter_type("advice")).values(active=False))
    session.execute(update(VisitOption).where(VisitOption.id == clinic.option("video")).values(active=False))
    session.execute(update(Reason).where(Reason.id == clinic.reason("rash")).values(active=False))
    offer = current_catalogue(session, clinic.account_id)
    assert clinic.provider("rao") not in offer.providers
    assert set(offer.encounter_types) == {clinic.encounter_type("examination")}
    assert set(offer.visit_options) == {clinic.option("check-up")}
    assert clinic.reason("rash") not in offer.reasons


def test_it_is_read_once_and_again_when_the_revision_has_risen(session: Session, engine: Engine, clinic: Clinic) -> None:
    first = current_catalogue(session, clinic.account_id)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    assert catalogue(session, clinic.account_id, 1) is first
    assert asked == []
    session.execute(update(Account).where(Account.id == clinic.account_id).values(revision=2, name="Renamed"))
    assert current_catalogue(session, clinic.account_id).account.name == "Renamed"
