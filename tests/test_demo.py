import json
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.config import sqlite_url
from portal.demo import run, seed
from portal.demo.folder import DemoFolder
from portal.demo.people import PEOPLE
from portal.domain.catalogue import Catalogue, Mode
from portal.domain.openings import Asked, DayState
from portal.domain.schedule import LIVE, Status
from portal.domain.walltime import local_day
from portal.services import keys, openings, passwords
from portal.storage import patients
from portal.storage.catalogue import current_catalogue
from portal.storage.engine import begin_write, open_engine, sessions
from portal.storage.people import User
from portal.storage.schedule import Occupancy, Schedule
from tests.clinic import build
from tests.databases import Databases

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
WEEKDAYS_NOW = [NOW + timedelta(days=ahead) for ahead in (0, 1, 6, 40, 400)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DemoFolder:
    return DemoFolder(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def engine(folder: DemoFolder) -> Iterator[Engine]:
    engine = open_engine(sqlite_url(folder.database))
    run.fill(engine, NOW, nullcontext)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def facts(engine: Engine, folder: DemoFolder) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run.tell(engine, folder, "http://127.0.0.1:8000", NOW)[0])
    return told


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with sessions(engine)() as session:
        yield session


@pytest.fixture
def catalogue(session: Session) -> Catalogue:
    return current_catalogue(session, seed.example().id)


def days(session: Session, catalogue: Catalogue, count: int) -> Iterator[openings.DayTimes]:
    for provider in catalogue.providers.values():
        for option in catalogue.visit_options_of(frozenset([provider.id])):
            search = openings.Search((provider,), Asked(option, NOW), None)
            yield from openings.times(session, search, local_day(NOW, provider.time_zone), count)


def test_the_clinic_is_believable(catalogue: Catalogue) -> None:
    zones = {facility.time_zone for facility in catalogue.facilities.values()}
    assert zones == {"America/Chicago", "America/Denver", "Asia/Kolkata"}
    assert len(catalogue.specialities) == 4
    assert len(catalogue.providers) >= 8
    assert len(catalogue.encounter_types) == 6
    assert len(catalogue.reasons) == 20
    assert {option.mode for option in catalogue.visit_options.values()} == set(Mode)


def test_every_provider_has_a_default_that_they_offer(catalogue: Catalogue) -> None:
    for provider in catalogue.providers.values():
        assert provider.default_visit_option_id is not None
        assert provider.id in catalogue.visit_options[provider.default_visit_option_id].provider_ids


def test_a_few_hundred_times_are_booked_each_for_one_holder(session: Session) -> None:
    assert 200 < (session.scalar(select(func.count()).select_from(Schedule)) or 0) < 1000
    held = session.scalar(select(func.count(func.distinct(Occupancy.schedule_id))))
    assert held == session.scalar(select(func.count()).select_from(Schedule))


def test_bookings_lie_in_the_coming_weeks(session: Session) -> None:
    starts = session.scalars(select(Schedule.starts_at).where(Schedule.status.in_(LIVE))).all()
    assert min(starts) > NOW
    assert max(starts) < NOW + timedelta(days=30)


def test_some_days_are_open_some_full_and_some_closed(session: Session, catalogue: Catalogue) -> None:
    states = Counter(day.state for day in days(session, catalogue, 14))
    assert min(states[DayState.OPEN], states[DayState.FULL], states[DayState.CLOSED]) > 5


def test_some_provider_has_nothing_left_on_the_first_working_day(session: Session, catalogue: Catalogue) -> None:
    bell = catalogue.providers[seed.example().id_of("provider", "bell")]
    for option in catalogue.visit_options_of(frozenset([bell.id])):
        search = openings.Search((bell,), Asked(option, NOW), None)
        assert openings.times(session, search, local_day(NOW, bell.time_zone) + timedelta(days=1), 1)[0].state is DayState.FULL


@pytest.mark.parametrize("now", WEEKDAYS_NOW)
def test_absences_move_along_with_the_date(now: datetime) -> None:
    moved = {provider.key: provider.time_off for provider in seed.riverbend(now.date()).providers}
    soon = [absence for absence in moved["bell"] if now.replace(tzinfo=None) < absence.starts_wall < now.replace(tzinfo=None) + timedelta(days=15)]
    assert soon


def test_guardians_and_dependants_are_linked(session: Session, facts: dict[str, Any]) -> None:
    dependants = {user["name"]: [one["name"] for one in user["dependants"]] for user in facts["users"]}
    alone: dict[str, list[str]] = {"Maya Torres": [], "Robert Whitfield": [], "Linh Nguyen": [], "Zoe Nguyen": []}
    assert dependants == {**alone, "Daniel Kim": ["Ava Kim", "Leo Kim"], "Hannah Park": ["Leo Kim"]}
    for user in facts["users"]:
        actor = patients.actor(session, seed.example().id_of("user", user["email"]))
        assert actor is not None
        names = {patient.name for patient in patients.cared_for(session, actor)}
        # Zoe has not agreed to her mother's link yet: it is there, and gives nothing.
        assert names - {"Zoe Nguyen"} == {user["name"], *dependants[user["name"]]} - {"Zoe Nguyen"}


def test_everybody_told_of_can_sign_in_and_nobody_else(session: Session, facts: dict[str, Any]) -> None:
    told = {user["email"]: user["password"] for user in facts["users"]}
    for user in session.scalars(select(User)):
        if user.email in told:
            assert len(told[user.email]) >= 15
            assert passwords.verify(user.password_hash, told[user.email])
        else:
            assert user.password_hash == passwords.NO_PASSWORD


def test_the_patient_has_visits_in_several_states_and_one_dependant_has_one(session: Session, facts: dict[str, Any]) -> None:
    maya, daniel = facts["users"][:2]
    states = defaultdict[str, list[int]](list)
    for patient_id, status in session.execute(select(Schedule.patient_id, Schedule.status).order_by(Schedule.status)):
        states[str(patient_id)].append(status)
    assert states[maya["patient_id"]] == [Status.REQUESTED, Status.BOOKED, Status.FULFILLED, Status.NO_SHOW]
    assert states[daniel["dependants"][1]["patient_id"]] == [Status.BOOKED]
    assert daniel["patient_id"] not in states
    assert daniel["dependants"][0]["patient_id"] not in states


def test_the_facts_have_the_agreed_members(facts: dict[str, Any]) -> None:
    assert {name: set(value[0]) if isinstance(value, list) else None for name, value in facts.items()} == {
        "account_id": None,
        "base_url": None,
        "users": {"name", "email", "password", "user_id", "patient_id", "token", "dependants"},
        "facilities": {"id", "name", "time_zone"},
        "specialities": {"id", "name"},
        "providers": {"id", "name", "speciality_ids", "facility_id"},
        "encounter_types": {"id", "name"},
        "visit_options": {"id", "encounter_type_id", "mode", "minutes", "provider_ids"},
        "reasons": {"id", "name"},
    }


def test_the_keys_in_the_facts_speak_for_their_users(session: Session, facts: dict[str, Any]) -> None:
    for user in facts["users"]:
        found = keys.find(session, user["token"], NOW)
        assert found is not None
        assert str(found.user_id) == user["user_id"]


def test_the_facts_of_a_later_start_are_the_same(engine: Engine, folder: DemoFolder, facts: dict[str, Any]) -> None:
    again, _ = run.tell(engine, folder, "http://127.0.0.1:8000", NOW + timedelta(hours=1))
    assert json.loads(again) == facts


def test_a_key_that_has_ended_is_issued_again(engine: Engine, folder: DemoFolder, facts: dict[str, Any]) -> None:
    kept = folder.bearer_keys()
    again = json.loads(run.tell(engine, folder, "http://127.0.0.1:8000", NOW + timedelta(days=400))[0])
    folder.keep_bearer_keys(kept)
    assert {user["token"] for user in again["users"]}.isdisjoint(user["token"] for user in facts["users"])


def test_the_curl_line_names_a_time_that_is_open(engine: Engine, folder: DemoFolder, session: Session, catalogue: Catalogue) -> None:
    _, line = run.tell(engine, folder, "http://127.0.0.1:8000", NOW)
    found = re.search(r"-d '(\{.*\})'$", line)
    assert found is not None
    body = json.loads(found[1])
    provider = next(one for one in catalogue.providers.values() if str(one.id) == body["ProviderId"])
    option = next(one for one in catalogue.visit_options.values() if str(one.id) == body["EncounterTypeModeDurationId"])
    start = datetime.fromisoformat(body["AppointmentOn"])
    search = openings.Search((provider,), Asked(option, NOW), None)
    assert start in openings.times(session, search, local_day(start, provider.time_zone), 1)[0].starts()


def test_filling_again_adds_nothing(engine: Engine, session: Session) -> None:
    before = session.scalar(select(func.count()).select_from(Schedule))
    run.fill(engine, NOW + timedelta(days=1), nullcontext)
    assert session.scalar(select(func.count()).select_from(Schedule)) == before


def test_secrets_in_the_folder_are_their_owners_alone_and_stay(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path / "new" / "demo")
    secret = folder.secret_key()
    folder.keep_bearer_keys({"a@example.org": "pap"})
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new" / "demo").iterdir()}
    assert modes == {0o600}
    assert DemoFolder(tmp_path / "new" / "demo").secret_key() == secret
    assert folder.bearer_keys() == {"a@example.org": "pap"}


def test_a_fresh_demonstration_has_no_mail_of_the_last_one(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path)
    folder.mail.mkdir()
    (folder.mail / "old.eml").touch()
    run.discard(folder, None)
    assert list(folder.mail.iterdir()) == []


def test_passwords_in_the_demonstration_are_long() -> None:
    assert all(len(person.password) >= 15 for person in PEOPLE)


def test_it_fills_and_discards_either_database(databases: Databases, tmp_path: Path) -> None:
    url = databases.empty()
    engine = open_engine(url)
    run.fill(engine, NOW, nullcontext)
    run.discard(DemoFolder(tmp_path), url)
    run.fill(engine, NOW, nullcontext)
    engine.dispose()
    databases.drop(url)


@pytest.mark.parametrize("step", ["fill", "discard"])
def test_it_leaves_another_clinics_database_alone(sqlite: Databases, tmp_path: Path, step: str) -> None:
    url = sqlite.migrated()
    engine = open_engine(url)
    with sessions(engine).begin() as session:
        begin_write(session)
        build(session)
    with pytest.raises(run.DemoError, match="this database holds another clinic"):
        run.fill(engine, NOW, nullcontext) if step == "fill" else run.discard(DemoFolder(tmp_path), url)
    engine.dispose()
    sqlite.drop(url)
