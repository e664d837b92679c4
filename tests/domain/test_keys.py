import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.keys import ID_LENGTH, SECRET_LENGTH, KeyText, parse_key

ids = st.text(string.ascii_lowercase + string.digits, min_size=ID_LENGTH, max_size=ID_LENGTH)
secrets = st.text(string.ascii_letters + string.digits + "-_", min_size=SECRET_LENGTH, max_size=SECRET_LENGTH)
KEY = KeyText("a1b2c3d4", "S" * SECRET_LENGTH)
TEXT = str(KEY)


@given(ids, secrets)
def test_a_key_is_read_back_as_it_was_written(key_id: str, secret: str) -> None:
    assert parse_key(str(KeyText(key_id, secret))) == KeyText(key_id, secret)


@given(ids, secrets, st.integers(0, 64), st.sampled_from(string.ascii_letters + string.digits + "-_"))
def test_one_wrong_character_is_noticed(key_id: str, secret: str, place: int, char: str) -> None:
    text = str(KeyText(key_id, secret))
    changed = text[:place] + char + text[place + 1 :]
    assert changed == text or parse_key(changed) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        f"{TEXT}0",
        f" {TEXT}",
        f"{TEXT}\n",
        TEXT.upper(),
        TEXT.replace("pap_", "key_"),
        TEXT.replace("1", "\N{ARABIC-INDIC DIGIT ONE}"),
        TEXT.replace("_S", "_\N{LATIN SMALL LETTER LONG S}"),
    ],
)
def test_what_is_not_quite_a_key_is_none(text: str) -> None:
    assert parse_key(text) is None


@given(st.text(max_size=80))
def test_any_text_gets_an_answer(text: str) -> None:
    assert parse_key(text) is None


def test_the_digest_is_of_the_secret_alone() -> None:
    assert KEY.digest == KeyText("zzzzzzzz", KEY.secret).digest
    assert len(KEY.digest) == 64
    assert KEY.secret not in KEY.digest
