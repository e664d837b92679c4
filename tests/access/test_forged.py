"""Ids of other people's things in forms and queries of people who may call: they change nothing, and look like unknown ones."""

from collections.abc import Mapping
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from portal.web.permissions import Caller
from tests.access.people import CAST, Part
from tests.access.scene import Scene
from tests.access.test_pages import plain
from tests.stored import Row, everything
from tests.web.routes import PRIVATE, Route

# Whose things Ada's forms carry: a child's, another patient's, and somebody's of another practice.
OTHERS = (Part("maya", "leo"), Part("kit", "kit"), Part("zoe", "zoe"))
# What only the server may decide: forms that carry it change nothing by it.
ROLES = {
    "role": "staff",
    "user_id": "x",
    "is_guardian": "1",
    "IsGuardian": "true",
    "scopes": "see book cancel",
    "level": "2",
    "state": "active",
    "active": "1",
    "status": "2",
    "private": "1",
    "provider_id": "x",
    "skip_timeout_reset": "1",
    "next": "//evil.example",
}


# What a page writes about the visitor's own things when it is sent nothing but what it does not read.
_SEES = ("audit",)
_ANSWERS = ("waiting", "offer", "draft", "occupancy", "schedule", "schedule_reason", "schedule_change", "mail", "audit")
OWN_WRITES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("appointments.coming", "appointments.one", "seen.page", "booking.booked", "people.person"), _SEES),
    **dict.fromkeys(
        ("past.page", "cancelling.page", "moving.page", "moving.choose", "calendars.download", "waiting.earlier", "waiting.wait_earlier"), _SEES
    ),
    # an offer in the path is the visitor's own: answering it asks for nothing else
    **dict.fromkeys(("waiting.accept", "waiting.decline"), _ANSWERS),
    **dict.fromkeys(("two_step.begin", "two_step.remove_app"), ("authenticator",)),
    "two_step.options": ("challenge",),
    "two_step.make_codes": ("recovery_code", "mail"),
    "keys.issue": ("api_key",),
    # No ticks are a choice.
    "reminders.change": ("user", "mail", "audit"),
    **dict.fromkeys(("calendars.make", "calendars.revoke"), ("calendar_feed",)),
    "people.narrow": ("guardian_link", "guardian_link_change", "mail", "audit"),
}


# Pages that show something new and secret each time.
SECRETS = ("keys.issue", "calendars.make", "two_step.make_codes", "two_step.options")


def others_fields(scene: Scene, part: Part) -> dict[str, str]:
    return {**scene.fields(part), "id": scene.fields(part)["schedule"], **{f"{name}_id": value for name, value in scene.fields(part).items()}}


def others_things(scene: Scene, route: Route) -> dict[str, list[Row]]:
    return everything(scene.engine, besides=OWN_WRITES.get(route.endpoint, ()))


def sent(scene: Scene, client: FlaskClient, route: Route, fields: Mapping[str, str]) -> tuple[int, str, str]:
    url = route.url(scene.ids(CAST[Caller.PATIENT], route.endpoint))
    response = scene.ask(client, route.method, url, fields)
    status, body = plain(response)
    if route.endpoint in SECRETS and status == 200:
        body = ""
    for value in fields.values():
        body = body.replace(value, "")
    return status, body, response.headers.get("Location", "")


@pytest.mark.parametrize("other", OTHERS, ids=lambda part: part.user)
@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_past_1_2_an_id_of_anothers_in_a_form_or_a_query_does_nothing(route: Route, other: Part, scene: Scene) -> None:
    client = scene.client(Caller.PATIENT, CAST[Caller.PATIENT])
    theirs = others_fields(scene, other)
    nobodys = {name: "unknown1" if name.startswith("key") else str(uuid4()) for name in theirs}
    before = others_things(scene, route)
    assert sent(scene, client, route, theirs) == sent(scene, client, route, nobodys)
    assert others_things(scene, route) == before


@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_past_7_a_role_in_a_form_or_a_query_is_not_read(route: Route, scene: Scene) -> None:
    client = scene.client(Caller.PATIENT, CAST[Caller.PATIENT])
    before = others_things(scene, route)
    assert sent(scene, client, route, ROLES)[::2] == sent(scene, client, route, {})[::2]
    assert others_things(scene, route) == before


@pytest.mark.parametrize("caller", [Caller.NEWCOMER, Caller.STAFF, Caller.ELSEWHERE, Caller.OTHER_PATIENT, Caller.ENDED], ids=str)
def test_past_27_no_page_shows_a_word_of_somebody_elses_patient(caller: Caller, scene: Scene) -> None:
    client, asked = scene.client(caller, CAST[caller]), CAST[caller]
    for route in PRIVATE:
        if route.endpoint == "people.page" and caller is Caller.ENDED:
            # whoever cared for somebody is told there that they do no longer
            continue
        url = route.url(scene.ids(asked, route.endpoint))
        shown = scene.ask(client, route.method, url, scene.fields(asked)).get_data(as_text=True)
        assert not [word for word in ("It hurts", f"{asked.patient.title()} Berg") if word in shown], route
