from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.throttle import Limit, network, seconds_left

NOW = datetime(2027, 3, 1, 8, 0, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_span_that_is_counted_call_by_call_begins_with_the_first() -> None:
    assert Limit(5, MINUTE).span_end(NOW) == NOW + MINUTE


def test_a_span_of_packs_ends_at_the_same_instant_for_every_process() -> None:
    ends = {Limit(5, MINUTE, pack=2).span_end(NOW.replace(second=second)) for second in (0, 20, 59)}
    assert ends == {NOW.replace(minute=1, second=0)}


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("x" * 500, "x" * 32),
    ],
)
def test_an_address_counts_with_its_network(address: str, counted: str) -> None:
    assert network(address) == counted


@pytest.mark.parametrize(("left", "seconds"), [(60, 60), (59.2, 60), (0.001, 1), (0, 1), (-5, 1)])
def test_a_program_waits_whole_seconds(left: float, seconds: int) -> None:
    assert seconds_left(NOW + timedelta(seconds=left), NOW) == seconds
