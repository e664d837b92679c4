"""Fixtures of the tests that go through the pages: the portal on a small practice, and people at their browsers."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, Executable
from sqlalchemy.orm import Session

from portal.services import booking
from portal.storage.engine import begin_write, open_writing, sessions
from portal.storage.schedule import Draft
from portal.storage.waiting import Offer, Waiting
from tests.clinic import NOW, Clinic
from tests.databases import Databases
from tests.web.client import Clock, running, signed_in, visitor
from tests.web.visitor import TUESDAY, Visitor

Ids = dict[str, UUID]


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> Databases:
    """SQLite: pages ask nothing of it that PostgreSQL would answer otherwise. A test can be parametrized with both."""
    chosen: Databases = request.getfixturevalue(getattr(request, "param", "sqlite"))
    return chosen


@pytest.fixture
def clock() -> Clock:
    """The clock of the portal under test."""
    return Clock()


@pytest.fixture
def app(database_url: str, clinic: Clinic, clock: Clock) -> Iterator[Flask]:  # noqa: ARG001 - the practice must be there first
    """The portal on the small practice."""
    with running(database_url, clock) as app:
        yield app


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return visitor(app.test_client())


@pytest.fixture
def ada(app: Flask, clinic: Clinic) -> Visitor:
    """A patient without dependants, signed in."""
    return signed_in(app, clinic, "ada")


@pytest.fixture
def maya(app: Flask, clinic: Clinic) -> Visitor:
    """A patient who is the guardian of Leo and Nia, signed in."""
    return signed_in(app, clinic, "maya")


@pytest.fixture
def leo(clinic: Clinic, engine: Engine) -> Ids:
    """An appointment of Leo's, made by Maya, and a draft of hers for him that waits for its last step."""
    first = datetime.fromisoformat(TUESDAY)
    request = clinic.request("maya", "leo", first)
    answers = {"speciality_id": request.speciality_id, "provider_id": request.provider_id, "visit_option_id": request.visit_option_id}
    said = {"reason": "It hurts", "first_choice_at": first + timedelta(days=1)}
    with sessions(engine).begin() as session:
        begin_write(session)
        booked = booking.book(session, clinic.actor("maya"), request, NOW)
        assert isinstance(booked, booking.Booked)
        draft = Draft(id=uuid4(), user_id=clinic.user("maya"), patient_id=clinic.patient("leo"), created_at=NOW, **answers, **said)
        entry = Waiting(
            id=uuid4(),
            user_id=draft.user_id,
            patient_id=draft.patient_id,
            created_at=NOW,
            state="offered",
            from_on=NOW.date(),
            reason="It hurts",
            **answers,
        )
        session.add_all([draft, entry])
        session.flush()
        times = {"starts_at": draft.first_choice_at, "offered_at": NOW, "expires_at": NOW + timedelta(hours=2)}
        made = Offer(id=uuid4(), waiting_id=entry.id, draft_id=draft.id, provider_id=request.provider_id, state="open", **times)
        session.add(made)
    ids = {"patient_id": clinic.patient("leo"), "draft_id": draft.id, "schedule_id": booked.schedule_id}
    return {**ids, "link_id": clinic.link("maya", "leo"), "token": uuid4(), "offer_id": made.id}


@pytest.fixture
def meanwhile(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[[Executable], None]:
    """Lets somebody else commit a change after the next request has read, and right before it begins to write."""

    def arrange(change: Executable) -> None:
        def open_later(database: Engine) -> Session:
            with sessions(engine).begin() as other:
                begin_write(other)
                other.execute(change)
            return open_writing(database)

        monkeypatch.setattr("portal.context.open_writing", open_later)

    return arrange
