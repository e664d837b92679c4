from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.cells import CELLS_A_DAY, bits_of, cell_of, cells_between, fits, instant_of, run, set_bits
from tests.domain.samples import at

instants = st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
bit_sets = st.integers(min_value=0, max_value=(1 << 300) - 1)


def test_cells_are_counted_from_1970() -> None:
    assert cell_of(at("1970-01-01T00:04:59")) == 0
    assert cell_of(at("1970-01-01T00:05")) == 1
    assert cell_of(at("1969-12-31T23:59")) == -1
    assert instant_of(CELLS_A_DAY) == at("1970-01-02")


def test_a_cell_is_of_the_instant_not_of_the_zone_it_is_written_in() -> None:
    east = timezone(timedelta(hours=5, minutes=45))
    assert cell_of(datetime(2027, 3, 1, 5, 45, tzinfo=east)) == cell_of(at("2027-03-01"))


@given(instants)
def test_an_instant_lies_in_its_cell(instant: datetime) -> None:
    cell = cell_of(instant)
    assert instant_of(cell) <= instant < instant_of(cell + 1)


@given(instants, st.timedeltas(timedelta(microseconds=1), timedelta(days=1)))
def test_a_span_holds_every_cell_that_it_touches_and_no_other(start: datetime, length: timedelta) -> None:
    cells = cells_between(start, start + length)
    assert instant_of(cells.start) <= start < instant_of(cells.start + 1)
    assert instant_of(cells.stop - 1) < start + length <= instant_of(cells.stop)


def test_a_span_that_ends_on_a_boundary_leaves_the_next_cell_free() -> None:
    assert list(cells_between(at("1970-01-01T00:10"), at("1970-01-01T00:20"))) == [2, 3]
    assert list(cells_between(at("1970-01-01T00:11"), at("1970-01-01T00:20:01"))) == [2, 3, 4]


def test_spans_back_to_back_share_no_cell() -> None:
    first, second = cells_between(at("2027-03-01T09:00"), at("2027-03-01T09:20")), cells_between(at("2027-03-01T09:20"), at("2027-03-01T09:40"))
    assert first.stop == second.start


@given(st.sets(st.integers(-20, 320)), st.integers(-10, 10), st.integers(0, 300))
def test_bits_stand_for_the_cells_inside(cells: set[int], base: int, length: int) -> None:
    assert set_bits(bits_of(cells, base, length)) == sorted(cell - base for cell in cells if base <= cell < base + length)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_run_has_its_bits_and_no_others(first: int, last: int) -> None:
    assert set_bits(run(first, last)) == list(range(first, last))


@given(bit_sets, st.integers(1, 40))
def test_a_visit_fits_where_each_of_its_cells_is_free(free: int, length: int) -> None:
    assert set_bits(fits(free, length)) == [start for start in range(300) if all(free >> start + step & 1 for step in range(length))]


@given(bit_sets)
def test_set_bits_rebuild_the_number(bits: int) -> None:
    assert sum(1 << place for place in set_bits(bits)) == bits
