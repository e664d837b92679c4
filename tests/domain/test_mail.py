from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from portal.domain.guardianship import LinkState
from portal.domain.mail import FACTS, TRIES_MAX, WORDS, Kind, Letter, UnfitLetterError, next_try, one_line, require_fit

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)


def letter(kind: Kind, **facts: str) -> Letter:
    return Letter(kind, UUID(int=1), "ada@example.org", "en", facts)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_says_what_it_tells(kind: Kind) -> None:
    assert kind in FACTS


@pytest.mark.parametrize(
    "fit",
    [
        letter(Kind.PASSWORD_CHANGED),
        letter(Kind.RESET, path="/reset/a-B_9~.?x=%20&y=1", minutes="30"),
        letter(Kind.LINK_CHANGED, patient="Leo", guardian="Maya", state=LinkState.ENDED.value),
    ],
)
def test_a_letter_with_the_facts_of_its_kind_is_fit(fit: Letter) -> None:
    require_fit(fit)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (Kind.RESET, {"path": "/reset/a"}),
        (Kind.RESET, {"path": "/reset/a", "minutes": "30", "reason": "asthma"}),
        (Kind.RESET, {"path": "https://evil.example/", "minutes": "30"}),
        (Kind.RESET, {"path": "//evil.example/", "minutes": "30"}),
        (Kind.RESET, {"path": "reset", "minutes": "30"}),
        (Kind.RESET, {"path": "/a b", "minutes": "30"}),
        (Kind.RESET, {"path": "/a\n", "minutes": "30"}),
        (Kind.RESET, {"path": "/a@evil.example", "minutes": "30"}),
        (Kind.SECOND_FACTOR_CHANGED, {"what": "everything"}),
        (Kind.LINK_CHANGED, {"patient": "Leo", "guardian": "Maya", "state": "gone"}),
    ],
)
def test_other_facts_are_an_error_of_who_wrote_them(kind: Kind, facts: dict[str, Any]) -> None:
    with pytest.raises(UnfitLetterError):
        require_fit(letter(kind, **facts))


def test_every_state_of_a_link_can_be_told() -> None:
    assert WORDS["state"] == {state.value for state in LinkState}


def test_the_waits_double_up_to_hours_and_end() -> None:
    tries = [next_try(number, NOW) for number in range(1, TRIES_MAX + 1)]
    waits = [at - NOW for at in tries if at is not None]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert all(earlier <= later for earlier, later in pairwise(waits))
    assert waits[-1] == timedelta(hours=4)
    assert tries[-1] is None


@pytest.mark.parametrize("text", ["a b", "a\r\nb", "a\tb", "a\u2028b", " a \x00 b ", "a\u200b\u202eb"])
def test_what_cannot_be_seen_becomes_a_blank(text: str) -> None:
    assert one_line(text) == "a b"
