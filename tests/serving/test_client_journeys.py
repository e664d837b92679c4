"""The whole of an appointment by a client program: booked, read, moved and cancelled, by clients that know only their own way to call."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

import pytest
import requests

from tests.api.caller import PATH
from tests.serving.clients import Said, dotnet, dotnet_date, dotted, jquery
from tests.serving.place import Place
from tests.serving.running import WAIT_SECONDS, open_times, phone_call, written

CALENDAR = "/api/Calendar/"
CANCELLED = 5
STYLES: dict[str, tuple[Callable[[Place, str, dict[str, Any]], Said], Callable[[datetime], str]]] = {
    ".NET": (dotnet, dotnet_date),
    "jQuery": (jquery, written),
    "jQuery with dots": (dotted, dotnet_date),
}
TURNS = count()


def read(place: Place, call: str, **query: str) -> Any:  # noqa: ANN401 - any JSON
    """Ask a call that reads."""
    headers = {"Authorization": f"Bearer {place.bearer}", "X-Requested-With": "XMLHttpRequest"}
    found = requests.get(place.server.base_url + CALENDAR + call, params=query, headers=headers, timeout=WAIT_SECONDS)
    assert found.status_code == 200, found.text
    return found.json()


@pytest.mark.parametrize("style", STYLES)
def test_an_appointment_is_booked_read_moved_and_cancelled(style: str, place: Place) -> None:
    post, date = STYLES[style]
    first, later = (open_times()[next(TURNS)] for _ in range(2))

    booked = post(place, PATH, {**phone_call(place.clinic, "ada", "chen", first), "AppointmentOn": date(first)}).told
    assert read(place, "PatientAppointment", ID=booked["ID"]) == booked

    moved = post(place, f"{CALENDAR}PatientAppointmentReschedule", {"ID": booked["ID"], "AppointmentOn": date(later)}).told
    assert {name: moved[name] for name in ("ID", "AppointmentOnUTC", "OldAppointmentOnUTC")} == {
        "ID": booked["ID"],
        "AppointmentOnUTC": written(later),
        "OldAppointmentOnUTC": written(first),
    }
    assert moved in read(place, "PatientAppointments")

    gone = post(place, f"{CALENDAR}PatientAppointmentCancel", {"ID": booked["ID"], "CancelReason": "Ya no hace falta"})
    assert (gone.status, gone.told["StatusId"], gone.told["CancelReason"]) == (200, CANCELLED, "Ya no hace falta")
    assert read(place, "PatientAppointment", ID=booked["ID"]) == gone.told

    again = post(place, PATH, {**phone_call(place.clinic, "ada", "chen", later), "AppointmentOn": date(later)})
    assert (again.status, again.told["ID"] == booked["ID"]) == (200, False)
