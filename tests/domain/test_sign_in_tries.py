from datetime import timedelta

import pytest

from portal.domain.sessions import browser_and_system, is_proved
from portal.domain.sign_in_tries import LOCKED_AFTER, Throttled, Tries, is_unusual, refusal, wait_after
from tests.clinic import NOW


def test_6_3_1_five_fast_failures_and_then_waits_that_double_up_to_a_quarter_of_an_hour() -> None:
    assert [wait_after(failures).total_seconds() for failures in range(1, 18)] == [0] * 4 + [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert wait_after(10**6) == timedelta(seconds=900)


def test_6_3_1_in_a_quarter_of_an_hour_no_account_is_tried_more_than_twenty_times() -> None:
    tries, made = Tries(0, NOW), 0
    for second in range(900):
        moment = NOW + timedelta(seconds=second)
        while refusal(tries, moment) is None:
            tries, made = tries.after_failure(moment), made + 1
    assert 5 <= made <= 20


def test_6_3_1_after_a_hundred_failures_in_a_row_waiting_is_no_help() -> None:
    assert refusal(Tries(LOCKED_AFTER - 1, NOW), NOW) is None
    assert refusal(Tries(LOCKED_AFTER, NOW), NOW + timedelta(days=30)) == Throttled(900, locked=True)


def test_a_refusal_says_how_long_to_wait() -> None:
    assert refusal(Tries(6, NOW + timedelta(seconds=1.5)), NOW) == Throttled(2)


@pytest.mark.parametrize(("recent", "before", "unusual"), [(19, 0, False), (20, 0, True), (20, 120, True), (20, 121, False), (999, 6000, False)])
def test_ten_times_as_many_failures_as_in_the_hour_before_are_unusual(recent: int, before: int, unusual: object) -> None:
    assert is_unusual(recent, before) is unusual


@pytest.mark.parametrize(
    ("description", "named"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", ("Firefox", "Windows")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", ("Safari", "Mac")),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            ("Safari", "iPhone"),
        ),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36", ("Chrome", "Android")),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0",
            ("Edge", "Windows"),
        ),
        ("curl/8.5.0", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_browser_is_named_in_plain_words(description: str, named: tuple[str, str]) -> None:
    assert browser_and_system(description) == named


def test_somebody_is_proved_for_five_minutes() -> None:
    assert is_proved(NOW - timedelta(minutes=4, seconds=59), NOW)
    assert not is_proved(NOW - timedelta(minutes=5), NOW)
    assert not is_proved(None, NOW)
