"""People who sign up, at the only practice of a database."""

from sqlalchemy import Engine, delete, update

from portal.storage.clinic import Account
from portal.storage.engine import begin_write, sessions
from portal.storage.people import Patient, User
from tests.clinic import key
from tests.web.page import Answer
from tests.web.post import path_in, press
from tests.web.visitor import Visitor

GOOD = {
    "name": "Noa Lind",
    "birth_month": "4",
    "birth_day": "9",
    "birth_year": "1991",
    "email": "noa@example.org",
    "password": "seven green barrels roll",
}
DONE = "/sign-up/done?then="


def alone(engine: Engine, sign_up: str = "open") -> None:
    """Leave one practice in the database."""
    with sessions(engine).begin() as session:
        begin_write(session)
        elsewhere = key("account", "elsewhere")
        for table in (User, Patient):
            session.execute(delete(table).where(table.account_id == elsewhere))
        session.execute(delete(Account).where(Account.id == elsewhere))
        session.execute(update(Account).values(sign_up=sign_up))


def sign_up(person: Visitor, **answers: str) -> Answer:
    return person.send(person.page("/sign-up"), "email", **{**GOOD, **answers})


def made(person: Visitor, engine: Engine, **answers: str) -> Answer:
    """Sign up and press the button behind the link."""
    assert sign_up(person, **answers).location == "/sign-up/sent"
    person.get(path_in(engine, "sign_up"))
    return press(person, "/sign-up/confirm")


def told(answer: Answer) -> tuple[int, str, str]:
    return answer.status, answer.location, answer.body
