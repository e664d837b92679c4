"""What tests of booked appointments share: the addresses, and short ways to ask."""

from typing import Any

import pytest

from tests.api.caller import Caller, members, told
from tests.clinic import Clinic
from tests.conftest import ENGINES
from tests.web.page import Answer

CALENDAR = "/api/Calendar/"
LIST, ONE = f"{CALENDAR}PatientAppointments", f"{CALENDAR}PatientAppointment"
CANCEL, MOVE = f"{CALENDAR}PatientAppointmentCancel", f"{CALENDAR}PatientAppointmentReschedule"
ELEVEN = "2027-03-02T16:00:00Z"
WEDNESDAY = "2027-03-03T15:00:00Z"
FORBIDDEN = (403, {"Message": "Authorization has been denied for this request."})
ON_BOTH = pytest.mark.parametrize("databases", ENGINES, indirect=True)


def booked(caller: Caller, clinic: Clinic, user: str = "ada", /, **changes: object) -> str:
    answer = caller.post(members(clinic, user, **changes))
    assert answer.status == 200
    return str(told(answer)["ID"])


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200
    found: Any = told(answer)
    return [one["ID"] for one in found]


def refused(answer: Answer) -> tuple[int, dict[str, list[str]]]:
    return answer.status, told(answer)["ModelState"]


def everything(caller: Caller, schedule_id: object, **who: object) -> list[tuple[int, object]]:
    """Return what reading, cancelling and moving one appointment come to."""
    answers = [
        caller.get(ONE, {"ID": schedule_id, **who}),
        caller.post({"ID": schedule_id, "AppointmentOn": ELEVEN, **who}, MOVE),
        caller.post({"ID": schedule_id, **who}, CANCEL),
    ]
    return [(answer.status, told(answer)) for answer in answers]
