"""The pages of the wait list with made-up contents."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from flask_wtf import FlaskForm

from portal.web.wait_form import WaitForm
from tests.web.sample_facts import AFTERNOON, FACILITY, MONDAY, MORNING, SCHEDULE, SUMMARY, ZONE, uid

VISIT = "Check-up: in person, 30 minutes"
FACTS = SimpleNamespace(id=uid("waiting"), from_on=MONDAY, until_on=None, booked_at=AFTERNOON[0].start)
PLACE = SimpleNamespace(time_zone=ZONE, place="Austin", name=FACILITY)


def samples(made: Callable[..., Any], journey: Callable[..., dict[str, object]]) -> dict[str, Any]:
    """Return the samples by name."""
    entry = SimpleNamespace(facts=FACTS, patient_name="Maya Lopez", provider_name="Dr. Reyes", offer_id=uid("offer"))
    return {
        "wait": ("booking/wait.html", lambda: journey(form=made(WaitForm), summary=SUMMARY[:3])),
        "wait-failed": ("booking/wait.html", lambda: journey(form=made(WaitForm, failed=True), failed=True, summary=SUMMARY[:3])),
        "wait-earlier": ("waiting/earlier.html", lambda: {"form": made(WaitForm), "schedule": SCHEDULE, "back_url": "/back", "action": "/post"}),
        "waiting": ("waiting/waiting.html", lambda: {"entries": [(entry, VISIT, ZONE)]}),
        "waiting-nothing": ("waiting/waiting.html", lambda: {"entries": []}),
        "offer-kept": ("waiting/offer.html", lambda: _offer(made, is_kept=True)),
        "offer-over": ("waiting/offer.html", lambda: _offer(made, can_accept=False)),
    }


def _offer(made: Callable[..., Any], **values: object) -> dict[str, object]:
    offer = SimpleNamespace(id=uid("offer"), starts_at=MORNING[0].start, expires_at=MORNING[1].start, state="open", waiting=FACTS)
    who = {"provider": SimpleNamespace(name="Dr. Reyes"), "facility": PLACE, "patient_name": "Maya Lopez", "visit": VISIT}
    return {"form": made(FlaskForm), "made": offer, "problems": [], "can_accept": True, "is_kept": False, **who, **values}
