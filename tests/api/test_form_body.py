"""Form bodies: names in either bracket style, and the order of what is wrong."""

from uuid import UUID

import pytest

from portal.api.form_body import dotted, read_form
from portal.api.model import APPOINTMENT

ID = "41f6b1e8-a80f-406b-8f79-1b774e4306a2"


def filled(body: str) -> tuple[dict[str, object], list[tuple[str, str]]]:
    errors: list[tuple[str, str]] = []
    values = read_form(body.encode(), APPOINTMENT, lambda path, text: errors.append((path, text)))
    return values or {}, errors


@pytest.mark.parametrize(
    ("name", "normal"),
    [("a[0][b]", "a[0].b"), ("a[][b]", "a.b"), ("a[]", "a"), ("[a]", ".a"), ("a[b][c]d", "a.b.cd"), ("a", "a"), ("a]", "a]")],
)
def test_brackets_become_dots(name: str, normal: str) -> None:
    assert dotted(name) == normal


def test_an_open_bracket_spoils_the_whole_form() -> None:
    assert filled("a[0=1")[1] == [("", "An error has occurred.")]


def test_errors_of_reading_come_first_then_absence_then_emptiness() -> None:
    _, errors = filled("PaidAmount=&AccountId=&MethodId=x&UserId=y")
    assert [path for path, _ in errors] == ["UserId", "MethodId", "UserId", "AppointmentOn", "PaidAmount", "AccountId"]


@pytest.mark.parametrize("body", ["Note=", "Note=+", "Note", "%4Eote=%C2%A0"])
def test_a_blank_text_is_null(body: str) -> None:
    assert filled(body)[0]["Note"] is None


def test_the_first_of_repeated_fields_wins() -> None:
    assert filled("Note=a&note=b")[0]["Note"] == "a"


@pytest.mark.parametrize("body", ["PaidAmount=1e29", "MethodId=2147483648"])
def test_a_number_too_big_is_not_shown(body: str) -> None:
    assert filled(body)[1][0][1] == "An error has occurred."


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        (f"reasons[0].reasonid={ID}", [UUID(ID)]),
        (f"Reasons[1].ReasonId={ID}", []),
        (f"Reasons.index=7&Reasons.index=8&Reasons[7].ReasonId={ID}", [UUID(ID), UUID(int=0)]),
        (f"Reasons=x&Reasons=&Reasons.ReasonId={ID}", [UUID(ID)] * 2),
        ("Reasons[0]=x", [UUID(int=0)]),
        ("ReasonsOther=x", None),
        ("Reasons%5B0%5D.a-b=x&Reasons-=x", [UUID(int=0)]),
    ],
)
def test_lists(body: str, reasons: list[UUID] | None) -> None:
    assert filled(body)[0]["Reasons"] == reasons


def test_an_empty_id_in_an_item_is_no_id() -> None:
    assert ("Reasons[0].ReasonId", "A value is required.") in filled("Reasons[0].ReasonId=")[1]
