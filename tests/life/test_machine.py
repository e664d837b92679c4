"""Random lives of appointments against a model of them, on both databases: whatever people do and in whatever order, the two agree."""

import os
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Engine, update

from portal.storage.clinic import Account, VisitOption
from portal.storage.engine import begin_write, sessions
from portal.storage.people import User
from tests.clinic import Clinic
from tests.life.families import Families
from tests.life.model import OFFER
from tests.life.requests import Life
from tests.life.visits import MOST

RUNS, STEPS = int(os.environ.get("PORTAL_MACHINE_RUNS", "60")), 40


class WholeLife(Families, Life):
    """All that people do: with visits, the wait list, and families."""


@pytest.mark.parametrize("asks", [False, True], ids=["without rules", "with rules"])
def test_the_life_of_appointments_is_that_of_the_model(asks: bool, engine: Engine, clinic: Clinic) -> None:  # noqa: FBT001 - a parameter of the test
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(VisitOption).where(VisitOption.id == clinic.option("check-up")).values(repeat_days=int(asks)))
        session.execute(update(VisitOption).where(VisitOption.id == clinic.option("phone")).values(by_request=asks))
        at_any_hour = {"quiet_from_minute": 0, "quiet_until_minute": 0, "offer_minutes": OFFER // timedelta(minutes=1)}
        session.execute(update(Account).values(coming_visits_max=MOST if asks else None, **at_any_hour))
        session.execute(update(User).values(reminder_hours="2"))

    lives = count()

    def made() -> WholeLife:
        # What was rolled back lies about in PostgreSQL until it is swept up, and slows the rest down.
        if next(lives) % 10 == 0 and engine.dialect.name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")
        session = sessions(engine)()
        begin_write(session)
        return WholeLife(session, clinic, asks=asks)

    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(max_examples=RUNS, stateful_step_count=STEPS, deadline=None, suppress_health_check=checks)
    # What makes machines stands for their class: each is in a transaction of its own that nobody commits.
    run_state_machine_as_test(made, settings=chosen)  # type: ignore[arg-type]
