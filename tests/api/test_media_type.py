"""Headers: what a Content-Type says, and which type an answer gets."""

import pytest

from portal.api.media_type import media_type
from portal.api.writing import answer_media_type


@pytest.mark.parametrize(
    ("header", "name", "charset"),
    [
        ("application/json", "application/json", ""),
        (" Text / JSON ; a=b ;charset = UTF-16", "Text/JSON", "utf-16"),
        ('a/b;c="d;,\\"";charset="utf-16"', "a/b", '"utf-16"'),
        ("a/b;charset", "a/b", ""),
    ],
)
def test_a_content_type_is_read(header: str, name: str, charset: str) -> None:
    found = media_type(header)
    assert found is not None
    assert (found.name, found.charset) == (name, charset)


@pytest.mark.parametrize("header", [None, "", "json", "a/b;", "a/b;c=", "a/b, a/b", "a/b,", 'a/b;c="d', "a/b c", "/", "é/b"])
def test_a_content_type_that_cannot_be_read_is_none(header: str | None) -> None:
    assert media_type(header) is None


@pytest.mark.parametrize(
    ("accept", "sent", "answer"),
    [
        (None, None, "application/json"),
        (None, "text/json", "text/json"),
        ("text/*", None, "text/json"),
        ("*/*", "text/json", "application/json"),
        ("text/json, application/json", None, "text/json"),
        ("*/*, text/json", None, "text/json"),
        ("text/json;q=0.5, */*;q=0.9", None, "application/json"),
        ("text/json;q=0", None, "application/json"),
        ("text/json;q=x", None, "text/json"),
        ("image/png", "text/json", "text/json"),
        ("text/json, (", None, "application/json"),
        (",, text/json,", None, "text/json"),
    ],
)
def test_the_type_of_an_answer(accept: str | None, sent: str | None, answer: str) -> None:
    assert answer_media_type(accept, sent) == f"{answer}; charset=utf-8"


@pytest.mark.parametrize(
    ("accept_charset", "sent", "charset"),
    [
        (None, "application/json; charset=UTF-16", "utf-16"),
        (None, "application/json; charset=latin-1", "utf-8"),
        ("utf-16", None, "utf-16"),
        ("utf-16;q=0.5, *", None, "utf-8"),
        ("utf-16;q=0", None, "utf-8"),
        ("utf-8", "application/json; charset=utf-16", "utf-8"),
    ],
)
def test_the_charset_of_an_answer(accept_charset: str | None, sent: str | None, charset: str) -> None:
    assert answer_media_type(None, sent, accept_charset) == f"application/json; charset={charset}"
