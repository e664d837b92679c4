"""The access matrix of the pages: what each kind of caller gets from each kind of page. Tests compare it with every address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask.typing import ResponseReturnValue

from portal.domain.guardianship import Act

View = Callable[..., ResponseReturnValue]


class Kind(StrEnum):
    """What a page is about, and so what decides who may call it.

    What holds for a link in mail holds for the private address of a calendar. A private schedule is found on the pages of schedules;
    it is a kind because guardians get another answer. Of the links between people, one may be given up by the guardian, a proxy is
    changed by the patient, and an agreement is the young person's.
    """

    PUBLIC = "public"
    SIGN_IN_HELD = "held by a right password"
    MAIL_HELD = "held by a link in mail"
    SIGNED_IN = "signed in"
    OWN_RECORD = "own record"
    ADULT_RECORD = "own record of an adult"
    SOMEBODY = "somebody to act for"
    PATIENT = "patient"
    DRAFT = "draft"
    SCHEDULE = "schedule"
    PRIVATE_SCHEDULE = "private schedule"
    GUARDIAN_LINK = "link of a guardian"
    PROXY = "proxy"
    AGREEMENT = "agreement"
    OFFER = "offer to an address"
    WAIT_OFFER = "offer of the wait list"


class Caller(StrEnum):
    """Who calls, as seen from the patient whom a page is about."""

    STRANGER = "a stranger"
    SIGNED_OUT = "who has signed out"
    SHUT_OUT = "a user who was shut out"
    USER_KEY = "a program with the patient's key"
    ACCOUNT_KEY = "a program with the practice's key"
    EXPIRED_KEY = "a program with an expired key"
    REVOKED_KEY = "a program with a revoked key"
    PATIENT = "the patient"
    YOUNG_PERSON = "the young person"
    GUARDIAN = "a guardian"
    AGREED = "a guardian to whom the young person agreed"
    NOT_AGREED = "a guardian to whom the young person did not agree"
    WITHOUT_SCOPE = "a guardian without the scope"
    REQUESTED = "a guardian whom nobody approved yet"
    SUSPENDED = "a suspended guardian"
    ENDED = "a guardian whose link was ended"
    RUN_OUT = "a guardian whose link has run out"
    OTHER_PATIENT = "another patient"
    NEWCOMER = "a user without any patient"
    STAFF = "a member of the staff"
    ELSEWHERE = "a patient of another practice"


class Answer(StrEnum):
    """What a caller gets: the page, the way to sign in, or the answer to an unknown address."""

    LET_IN = "let in"
    SIGN_IN = "asked to sign in"
    NOT_FOUND = "not found"


_IN, _ASK, _NO = Answer.LET_IN, Answer.SIGN_IN, Answer.NOT_FOUND
# In the order of Kind. What a right password or a link in mail holds is nobody's without it, whoever asks: it is not said here who has one.
_ROWS: Mapping[Caller, tuple[Answer, ...]] = {
    Caller.STRANGER: (_IN, _ASK, _NO, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK),
    Caller.SIGNED_OUT: (_IN, _ASK, _NO, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK),
    Caller.SHUT_OUT: (_IN, _ASK, _NO, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK),
    # pages know no keys: a program is a stranger here
    Caller.USER_KEY: (_IN, _ASK, _NO, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK),
    Caller.ACCOUNT_KEY: (_IN, _ASK, _NO, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK),
    Caller.EXPIRED_KEY: (_IN, _ASK, _NO, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK),
    Caller.REVOKED_KEY: (_IN, _ASK, _NO, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK, _ASK),
    Caller.PATIENT: (_IN, _ASK, _NO, _IN, _IN, _IN, _IN, _IN, _IN, _IN, _IN, _NO, _IN, _NO, _NO, _IN),
    Caller.YOUNG_PERSON: (_IN, _ASK, _NO, _IN, _IN, _NO, _IN, _IN, _IN, _IN, _IN, _NO, _NO, _IN, _NO, _IN),
    Caller.GUARDIAN: (_IN, _ASK, _NO, _IN, _NO, _NO, _IN, _IN, _IN, _IN, _NO, _IN, _NO, _NO, _NO, _IN),
    Caller.AGREED: (_IN, _ASK, _NO, _IN, _NO, _NO, _IN, _IN, _IN, _IN, _NO, _IN, _NO, _NO, _NO, _IN),
    Caller.NOT_AGREED: (_IN, _ASK, _NO, _IN, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _IN, _NO, _NO, _NO, _NO),
    Caller.WITHOUT_SCOPE: (_IN, _ASK, _NO, _IN, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _IN, _NO, _NO, _NO, _NO),
    Caller.REQUESTED: (_IN, _ASK, _NO, _IN, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _IN, _NO, _NO, _NO, _NO),
    Caller.SUSPENDED: (_IN, _ASK, _NO, _IN, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _IN, _NO, _NO, _NO, _NO),
    Caller.ENDED: (_IN, _ASK, _NO, _IN, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO),
    # what has run out can still be given up, until it is written that it has ended
    Caller.RUN_OUT: (_IN, _ASK, _NO, _IN, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _IN, _NO, _NO, _NO, _NO),
    # somebody with a record of their own has themselves to act for; this one has been made an offer by another
    Caller.OTHER_PATIENT: (_IN, _ASK, _NO, _IN, _IN, _IN, _IN, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _IN, _NO),
    Caller.NEWCOMER: (_IN, _ASK, _NO, _IN, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO),
    Caller.STAFF: (_IN, _ASK, _NO, _IN, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO),
    Caller.ELSEWHERE: (_IN, _ASK, _NO, _IN, _IN, _IN, _IN, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO, _NO),
}
MATRIX: Mapping[Caller, Mapping[Kind, Answer]] = {caller: dict(zip(Kind, row, strict=True)) for caller, row in _ROWS.items()}


@dataclass(frozen=True, slots=True)
class Permission:
    """What a caller of a page needs, by the kind of the page: for a public one with the reason why, for others with the act they are for."""

    kind: Kind
    reason: str = ""
    act: Act | None = None


def marked(permission: Permission) -> Callable[[View], View]:
    """Return a decorator that writes a permission on a view, for the tests that walk every address."""

    def mark(view: View) -> View:
        vars(view)["permission"] = permission
        return view

    return mark


def permission_of(view: Callable[..., Any]) -> Permission | None:
    """Return what a view is marked with."""
    found: Permission | None = vars(view).get("permission")
    return found
