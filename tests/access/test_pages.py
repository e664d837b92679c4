"""Every address of the pages, with every method, for every kind of caller: the answer that `portal.web.permissions` says."""

import re
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from portal.web.permissions import MATRIX, Answer, Caller, Kind
from tests.access import people
from tests.access.people import CAST
from tests.access.scene import Scene, unknown
from tests.stored import everything
from tests.web.routes import PRIVATE, ROUTES, Route

# What an address names that is nobody's: a help page.
NAMES = {"root": "Help", "branch": "Api", "slug": "POST-api-Calendar-PatientAppointmentPost"}
PEOPLES_IDS = {"patient_id", "draft_id", "schedule_id", "link_id", "token", "offer_id"}
# Whoever opens a page of a link without the link is led there, which tells as little as an unknown address.
WHERE_LINKS_ARE_ASKED_FOR = ("/sign-up", "/reset", "/account/email")
# Fields without which a public form is no form.
PUBLIC_FIELDS = {"language.change": {"language": "es"}}


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix."""

    route: Route
    caller: Caller
    kind: Kind

    @property
    def expected(self) -> Answer:
        return MATRIX[self.caller][self.kind]

    def __str__(self) -> str:
        return f"{self.route}-{self.kind}-{self.caller}"


def _kinds(route: Route) -> tuple[Kind, ...]:
    assert route.permission is not None, f"{route} has no permission"
    return (Kind.SCHEDULE, Kind.PRIVATE_SCHEDULE) if route.permission.kind is Kind.SCHEDULE else (Kind(route.permission.kind),)


CELLS = [Cell(route, caller, kind) for route in ROUTES for kind in _kinds(route) for caller in Caller]
REFUSED = [cell for cell in CELLS if cell.expected is not Answer.LET_IN]


def ask(scene: Scene, cell: Cell, **headers: str) -> TestResponse:
    part = people.part(cell.caller, cell.route.permission.act if cell.route.permission else None)
    url = cell.route.url({**NAMES, **scene.ids(part, cell.route.endpoint, private=cell.kind is Kind.PRIVATE_SCHEDULE)})
    fields = scene.fields(part) if cell.route.rule.arguments else scene.own(part)
    return scene.ask(scene.client(cell.caller, part), cell.route.method, url, fields | PUBLIC_FIELDS.get(cell.route.endpoint, {}), **headers)


def answered(response: TestResponse, route: Route) -> Answer:
    """Return which of the answers of the matrix this is; any other is a failure."""
    told = response.status_code, response.headers.get("Location", "")
    held = route.permission is not None and route.permission.kind is Kind.MAIL_HELD
    if told[0] == 404 or (held and told in [(303, address) for address in WHERE_LINKS_ARE_ASKED_FOR]):
        return Answer.NOT_FOUND
    if told[0] == 401 or (told[0] == 303 and told[1].startswith("/sign-in") and route.endpoint != "sign_in.out"):
        return Answer.SIGN_IN
    assert told[0] in (200, 303, 422), told
    return Answer.LET_IN


def plain(response: TestResponse) -> tuple[int, str]:
    """Return status and body without the tokens, which differ with every page."""
    return response.status_code, re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", response.get_data(as_text=True))


def test_8_1_1_every_kind_of_page_has_an_answer_for_every_caller() -> None:
    assert set(MATRIX) == set(CAST) == set(Caller)
    assert all(set(row) == set(Kind) for row in MATRIX.values())


@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_8_1_1_every_address_with_an_id_is_of_a_kind_that_says_whose_it_is(route: Route) -> None:
    assert route.permission is not None
    assert route.rule.arguments <= PEOPLES_IDS, "give the scene an id of this name"
    by_kind = {
        Kind.PATIENT: "patient_id",
        Kind.DRAFT: "draft_id",
        Kind.SCHEDULE: "schedule_id",
        Kind.OFFER: "token",
        Kind.WAIT_OFFER: "offer_id",
        **dict.fromkeys((Kind.GUARDIAN_LINK, Kind.PROXY, Kind.AGREEMENT), "link_id"),
    }
    assert not route.rule.arguments or by_kind[route.permission.kind] in route.rule.arguments


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.expected is Answer.LET_IN], ids=str)
def test_8_2_1_who_may_call_is_let_in(cell: Cell, scene: Scene) -> None:
    assert answered(ask(scene, cell), cell.route) is Answer.LET_IN


@pytest.mark.parametrize("route", [route for route in ROUTES if any(cell.route is route for cell in REFUSED)], ids=str)
def test_8_2_1_past_23_who_is_refused_leaves_everything_as_it_was(route: Route, scene: Scene) -> None:
    refused = [cell for cell in REFUSED if cell.route is route]
    before = everything(scene.engine, besides=("user_session",))
    assert {str(cell): answered(ask(scene, cell), route) for cell in refused} == {str(cell): cell.expected for cell in refused}
    assert everything(scene.engine, besides=("user_session",)) == before


@pytest.mark.parametrize("cell", [cell for cell in REFUSED if cell.route.method == "GET" and cell.route in PRIVATE], ids=str)
def test_past_6_a_fragment_is_refused_like_its_page(cell: Cell, scene: Scene) -> None:
    response = ask(scene, cell, HX_Request="true")
    assert answered(response, cell.route) is cell.expected
    assert (response.status_code == 401) == (cell.expected is Answer.SIGN_IN)
    assert response.headers.get("HX-Redirect", "/sign-in?next=").startswith("/sign-in?next=")


@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_past_20_a_stranger_is_led_to_sign_in_and_back(route: Route, scene: Scene) -> None:
    stranger = CAST[Caller.STRANGER]
    url = route.url(scene.ids(stranger, route.endpoint))
    response = scene.ask(scene.client(Caller.STRANGER, stranger), route.method, url, {})
    assert (response.status_code, response.headers["Location"]) == (303, f"/sign-in?next={url}")


@pytest.mark.parametrize("cell", [cell for cell in REFUSED if cell.expected is Answer.NOT_FOUND and cell.route.rule.arguments], ids=str)
def test_8_2_2_past_13_past_28_past_29_past_30_what_is_forbidden_looks_like_what_is_unknown(cell: Cell, scene: Scene) -> None:
    part = people.part(cell.caller, cell.route.permission.act if cell.route.permission else None)
    client, ids = scene.client(cell.caller, part), scene.ids(part, cell.route.endpoint, private=cell.kind is Kind.PRIVATE_SCHEDULE)
    answers = [scene.ask(client, cell.route.method, cell.route.url(found), {}) for found in (ids, unknown(ids))]
    assert plain(answers[0]) == plain(answers[1])
    assert answers[0].status_code == 404
