from datetime import timedelta

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from portal.domain.throttle import Limit
from portal.services.throttle import draw
from portal.storage.calls import CallCount
from portal.storage.core import transaction_of
from portal.storage.engine import open_writing
from tests.clinic import NOW
from tests.serving.running import together
from tests.stored import rows

MINUTE = timedelta(minutes=1)


def drawn(session: Session, limit: Limit, seconds: int = 0) -> int:
    return draw(session, "asked:x", limit, NOW + timedelta(seconds=seconds)).calls


def test_packs_are_drawn_until_the_limit(session: Session) -> None:
    assert [drawn(session, Limit(7, MINUTE, pack=3)) for _ in range(3)] == [3, 3, 0]


def test_a_new_span_begins_when_the_old_one_is_over(session: Session) -> None:
    assert [drawn(session, Limit(1, MINUTE), seconds) for seconds in (0, 59, 60, 61, 120)] == [1, 0, 1, 0, 1]


def test_subjects_are_counted_apart(session: Session) -> None:
    limit = Limit(1, MINUTE)
    assert [draw(session, subject, limit, NOW).calls for subject in ("a", "b", "a")] == [1, 1, 0]


def test_an_empty_pack_says_when_to_try_again(session: Session) -> None:
    limit = Limit(1, MINUTE)
    drawn(session, limit)
    assert draw(session, "asked:x", limit, NOW + timedelta(seconds=20)).ends_at == NOW + MINUTE


@pytest.mark.parametrize("prepared", [True, False])
def test_writers_who_come_together_stay_within_the_limit(engine: Engine, *, prepared: bool) -> None:
    if not prepared:
        # A listener makes every statement take the longer way through SQLAlchemy.
        event.listen(engine, "before_cursor_execute", lambda *_: None)

    def write() -> int:
        session = open_writing(engine)
        calls = draw(session, "asked:x", Limit(5, MINUTE), NOW).calls
        transaction_of(session).commit()
        session.close()
        return calls

    assert sorted(together([write] * 8)) == [0, 0, 0, 1, 1, 1, 1, 1]
    assert [row["used"] for row in rows(engine, CallCount)] == [5]
