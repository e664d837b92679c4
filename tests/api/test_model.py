"""The description of the request models."""

import pytest

from portal.api.model import APPOINTMENT, CONFORM_PAYMENT, CUSTOM_FORM, Kind, Model, fold


@pytest.mark.parametrize(("model", "count"), [(APPOINTMENT, 19), (CUSTOM_FORM, 16), (CONFORM_PAYMENT, 23)], ids=lambda value: str(value)[:20])
def test_a_model_has_the_members_of_its_page(model: Model, count: int) -> None:
    assert len({fold(member.name) for member in model.members}) == len(model.members) == count


def test_plain_members_of_a_booking() -> None:
    assert [member.name for member in APPOINTMENT.members if not member.nullable] == ["UserId", "AppointmentOn", "PaidAmount", "AccountId"]


def test_required_members_of_a_booking() -> None:
    assert [member.name for member in APPOINTMENT.members if member.required] == ["UserId", "AppointmentOn", "Reason", "AccountId"]


def test_types_are_named_as_on_the_page() -> None:
    names = {member.name: member.type_name for member in APPOINTMENT.members}
    assert (names["UserId"], names["PaidAmount"], names["Reasons"]) == ("globally unique identifier", "decimal number", "Collection of Reasons")


def test_names_are_found_in_any_ascii_case_only() -> None:
    found = APPOINTMENT.find("USERID")
    assert found is not None
    assert found.kind is Kind.GUID
    assert APPOINTMENT.find("Do\u212aIds") is APPOINTMENT.find("\u017fpecialityId") is None
