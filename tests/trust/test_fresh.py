from sqlalchemy import Engine

from portal.demo.seed import example
from portal.services import clinic as clinics
from portal.storage.engine import begin_write, sessions
from portal.storage.people import ApiKey, User
from tests.stored import rows


def test_6_3_2_a_fresh_practice_has_nobody_who_can_sign_in(engine: Engine) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        clinics.apply(session, example())
    assert rows(engine, User) == rows(engine, ApiKey) == []
