from uuid import UUID

import pytest

from portal.domain.repeats import is_well_formed, repeat_id, request_digest

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize("key", ["a", "x" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "a b", "~!"])
def test_a_key_may_be(key: str) -> None:
    assert is_well_formed(key)


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\tb", "a\x00", "a\x7f", "a\r\nb", "\u00e9", "\u2028"], ids=ascii)
def test_a_key_may_not_be(key: str) -> None:
    assert not is_well_formed(key)


def test_a_key_belongs_to_its_holder() -> None:
    assert repeat_id(ONE, "k") != repeat_id(OTHER, "k") != repeat_id(OTHER, "K")


def test_a_request_is_its_call_and_its_body() -> None:
    digests = {request_digest(call, body) for call in ("a", "ab") for body in (b"", b"b", b"B")}
    assert len(digests) == 6
