"""A client that knows the OpenAPI document alone, and tries at the running server what it allows and what it does not: it finds nothing."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.engine import events, from_schema

from portal.api.door import CALLS
from portal.api.model import Kind
from tests.conftest import ON_CI
from tests.serving.place import Place
from tests.serving.running import phone_call

EXAMPLES = 40
# A body of no length at all is refused with 411, which the client does not expect by itself.
REFUSED = ["400", "401", "403", "404", "405", "409", "411", "415", "422", "429"]
# JSON Schema counts 1.0 among the integers, as the recorded server does not.
MODELS = [model for call in CALLS for method in call.methods.values() for model in (method.query, method.body) if model]
INTEGERS = {member.name for model in MODELS for member in model.members if member.kind is Kind.INTEGER}
# Views that refuse some of what their models read, as too many at once.
STRICTER = ("PatientAppointments", "AvailableTimes", "Payment")
NOT_JUDGED = {"enabled": False}
# For people who are known the rules of booking refuse what is well formed, and the binder reads more than the document promises.
KNOWN = {"positive_data_acceptance": NOT_JUDGED, "negative_data_rejection": NOT_JUDGED}
# Nothing was there to send to when the answers were recorded.
AS_RECORDED = "Unsupported method POST returned 404", "/api/Calendar/PatientAppointment?"
OFFSET_MINUTES_MAX = 14 * 60
Change = Callable[[dict[str, Any]], None]


def moment(wall: datetime, offset: int | None) -> str:
    """Return a date-time of RFC 3339, but with an offset that a clock on this earth can have: the recorded server reads no others."""
    return f"{wall.isoformat()}Z" if offset is None else wall.replace(tzinfo=timezone(timedelta(minutes=offset))).isoformat()


OFFSETS = st.none() | st.integers(-OFFSET_MINUTES_MAX, OFFSET_MINUTES_MAX)
schemathesis.openapi.format("date-time", st.builds(moment, st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31)), OFFSETS))  # noqa: DTZ001 - walls


def tried(place: Place, change: Change, checks: dict[str, Any]) -> Iterator[events.ScenarioFinished]:
    """Try every call with Ada's key, each body as it is after a change, and give what came of it."""
    schema = schemathesis.openapi.from_url(f"{place.server.base_url}/api/openapi.json", config=config(place.bearer, checks))

    @schema.hook
    def filter_case(_context: object, case: Case[Any]) -> bool:
        parts = [part for part in (case.body, case.query) if isinstance(part, dict)]
        return not any(isinstance(part.get(name), float) for part in parts for name in INTEGERS)

    @schema.hook
    def map_case(_context: object, case: Case[Any]) -> Case[Any]:
        if isinstance(case.body, dict):
            change(case.body)
        return case

    for event in from_schema(schema).execute():
        assert not isinstance(event, events.NonFatalError | events.FatalError), vars(event)
        if isinstance(event, events.ScenarioFinished):
            yield event


def config(key: str, checks: dict[str, Any]) -> schemathesis.Config:
    return schemathesis.Config.from_dict(
        {
            **({"seed": 1} if ON_CI else {}),
            "headers": {"Authorization": f"Bearer {key}"},
            "continue-on-failure": True,
            "generation": {"max-examples": EXAMPLES, "deterministic": ON_CI, "no-shrink": True},
            "phases": {"stateful": {"enabled": False}},
            "operations": [{"include-path-regex": f"/({'|'.join(STRICTER)})$", "checks": {"positive_data_acceptance": NOT_JUDGED}}],
            "checks": {"negative_data_rejection": {"expected-statuses": REFUSED}, **checks},
        }
    )


def judged(finished: Iterator[events.ScenarioFinished]) -> tuple[list[str], Counter[int]]:
    """Return what the client found, and how many answers had which status."""
    found, statuses = [], Counter[int]()
    for event in finished:
        statuses.update(each.response.status_code for each in event.recorder.interactions.values() if each.response)
        failed = [check.failure_info for checks in event.recorder.checks.values() for check in checks if check.failure_info]
        failed = [info for info in failed if not (AS_RECORDED[0] in info.failure.message and AS_RECORDED[1] in info.code_sample)]
        found += [f"{info.failure.title}: {info.failure.message}\n{info.code_sample}" for info in failed]
    return found, statuses


@pytest.mark.usefixtures("nothing_stored")
def test_a_client_that_knows_nobody_finds_nothing(place: Place) -> None:
    found, statuses = judged(tried(place, lambda _: None, {}))
    assert found == [], "\n".join(found)
    assert {400, 401, 403, 405, 415} <= set(statuses)
    assert statuses.total() > EXAMPLES * len(CALLS)


def test_a_client_that_knows_the_practice_finds_nothing(place: Place) -> None:
    known = phone_call(place.clinic, "ada", "chen", place.soon)

    def plant(body: dict[str, Any]) -> None:
        body.update({name: value for name, value in known.items() if name in body and name != "Reason"})

    found, statuses = judged(tried(place, plant, KNOWN))
    assert found == [], "\n".join(found)
    assert {200, 400} <= set(statuses)
