from datetime import UTC, datetime
from uuid import UUID

import pytest

from portal.domain.guardianship import Act, Actor, Basis, Link, LinkState, Subject
from portal.domain.programs import Program
from tests.domain.samples import subject as patient

NOW = datetime(2027, 3, 1, tzinfo=UTC)
OURS, THEIRS, USER, OWN, CHILD = (UUID(int=number) for number in range(1, 6))
ACTOR = Actor(USER, OURS, OWN)
LINK = Link(UUID(int=9), USER, patient(CHILD, OURS), Basis.PARENT, LinkState.ACTIVE, frozenset(Act), NOW, None)


@pytest.mark.parametrize(
    ("program", "subject", "links", "allowed"),
    [
        (Program(OURS, ACTOR), patient(OWN, OURS), [], True),
        (Program(OURS, ACTOR), patient(CHILD, OURS), [LINK], True),
        (Program(OURS, ACTOR), patient(CHILD, OURS), [], False),
        (Program(OURS, None), patient(CHILD, OURS), [], True),
        (Program(OURS, None), patient(CHILD, THEIRS), [LINK], False),
        (Program(THEIRS, ACTOR), patient(OWN, OURS), [], False),
    ],
)
def test_a_program_may_what_its_user_may_or_acts_for_its_whole_practice(
    program: Program, subject: Subject, links: list[Link], *, allowed: bool
) -> None:
    assert program.may(Act.BOOK, subject, links, NOW) is allowed
