"""Somebody at a browser: opens pages, fills in the forms they find there, and walks the booking journey."""

from dataclasses import dataclass
from typing import Any, Protocol

from tests.clinic import PASSWORD, Clinic
from tests.web.page import Answer, Fields, Page

# The Tuesday after the tests' Monday, 10:00 in Boston.
TUESDAY = "2027-03-02T15:00:00Z"
FIELDS = {"who": "patient", "provider": "provider", "visit": "visit_option", "reasons": "reason", "time": "first_choice", "check": "shown"}


class Transport(Protocol):
    """A way to a portal, with a browser's cookies: in this process, or over the network."""

    def __call__(self, method: str, url: str, fields: Fields | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Ask and return what came back; a redirect is not followed."""


@dataclass(frozen=True)
class Wish:
    """What a person means to answer at each step, as the forms carry it."""

    patient: str
    speciality: str
    provider: str
    visit_option: str
    first_choice: str
    second_choice: str = ""
    reasons: tuple[str, ...] = ()
    reason: str = "It hurts"
    note: str = ""

    def answers(self, step: str) -> dict[str, str | tuple[str, ...]]:
        """Return the answers to one step's form."""
        given: dict[str, dict[str, str | tuple[str, ...]]] = {
            "who": {"patient": self.patient},
            "provider": {"provider": self.provider},
            "visit": {"visit_option": self.visit_option},
            "reasons": {"reasons": self.reasons, "reason": self.reason, "note": self.note},
            "time": {"first_choice": self.first_choice, "second_choice": self.second_choice},
        }
        return given.get(step, {})


def wish(clinic: Clinic, patient: str = "ada", **changes: Any) -> Wish:  # noqa: ANN401 - any member of the wish
    """Return complete answers for a check-up with Dr Chen, changed as wanted."""
    plain = {
        "patient": str(clinic.patient(patient)),
        "speciality": str(clinic.speciality("family medicine")),
        "provider": str(clinic.provider("chen")),
        "visit_option": str(clinic.option("check-up")),
        "first_choice": TUESDAY,
    }
    return Wish(**{**plain, **changes})


@dataclass(frozen=True)
class Visitor:
    """A person with a browser."""

    ask: Transport

    def get(self, url: str, **headers: str) -> Answer:
        return self.ask("GET", url, None, {name.replace("_", "-"): value for name, value in headers.items()})

    def page(self, url: str) -> Page:
        """Open a page that must be there."""
        answer = self.get(url)
        assert answer.status == 200, f"{url}: {answer.status} {answer.headers.get('Location')}"
        return answer.page

    def send(self, page: Page, name: str, /, **answers: str | tuple[str, ...]) -> Answer:
        """Fill in the form that has a field of this name, and send it."""
        form = page.form_with(name)
        return self.ask("POST", form.action, form.filled(answers))

    def sign_in(self, email: str, password: str = PASSWORD, goal: str = "/sign-in") -> Answer:
        return self.send(self.page(goal), "email", email=email, password=password)

    def sign_out(self) -> Answer:
        return self.ask("POST", "/sign-out", [("csrf_token", self.token())])

    def token(self) -> str:
        """Return a token of this browser's session, against forged forms."""
        return dict(self.page("/booking").form_with("patient").values)["csrf_token"]

    def walk(self, wish: Wish, until: str = "check") -> Answer:
        """Answer step after step; return the page of the step named, or the first answer that does not lead on."""
        url = "/booking"
        for step, field in FIELDS.items():
            answer = self.get(f"{url}?speciality={wish.speciality}" if step == "provider" else url)
            if step == until or answer.status != 200:
                return answer
            answer = self.send(answer.page, field, **wish.answers(step))
            if answer.status != 303:
                return answer
            url = answer.location
        raise LookupError(until)

    def book(self, wish: Wish) -> Answer:
        """Walk the whole journey and press the last button."""
        answer = self.walk(wish)
        return self.confirm(answer.page) if answer.status == 200 else answer

    def confirm(self, page: Page) -> Answer:
        """Press the button of the check step."""
        return self.send(page, "shown")
