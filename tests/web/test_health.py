from flask import Flask
from sqlalchemy import Engine, text

from tests.web.client import InspectingClient, visitor
from tests.web.visitor import Visitor


def test_a_process_that_answers_is_alive(stranger: Visitor) -> None:
    assert (stranger.get("/health").status, stranger.get("/health").body) == (200, "ok\n")


def test_a_portal_with_its_database_is_ready(stranger: Visitor) -> None:
    assert (stranger.get("/ready").status, stranger.get("/ready").body) == (200, "ready\n")


def test_a_portal_on_an_older_schema_is_not_ready(app: Flask, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))

    class Client(InspectingClient):
        faults_expected = True

    app.test_client_class = Client
    answer = visitor(app.test_client()).get("/ready")
    assert (answer.status, answer.body) == (503, "the database is not at this version's schema\n")
