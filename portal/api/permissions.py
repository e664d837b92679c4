"""The access matrix of the calls: what each kind of caller gets from each kind of call. Tests compare it with every call."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from portal.domain.guardianship import Act


class Kind(StrEnum):
    """What a call is about, and so what decides who may make it.

    A private schedule comes up in the calls about schedules; it is a kind because guardians get another answer.
    """

    PUBLIC = "public"
    ACCOUNT = "account"
    PATIENT = "patient"
    PATIENT_ALONE = "patient, without naming a user"
    SCHEDULE = "schedule"
    PRIVATE_SCHEDULE = "private schedule"


class Caller(StrEnum):
    """Which program calls, as seen from the patient whom the call is about."""

    NO_KEY = "a program without a key"
    BROWSER = "a signed-in browser without a key"
    KEY_IN_ADDRESS = "a program with its key in the address"
    TWO_HEADERS = "a program with two Authorization headers"
    EXPIRED = "a program with an expired key"
    REVOKED = "a program with a revoked key"
    SHUT_OUT = "a program of a user who was shut out"
    USER = "a program of the patient"
    YOUNG_PERSON = "a program of the young person"
    GUARDIAN = "a program of a guardian"
    AGREED = "a program of a guardian to whom the young person agreed"
    NOT_AGREED = "a program of a guardian to whom the young person did not agree"
    WITHOUT_SCOPE = "a program of a guardian without the scope"
    SUSPENDED = "a program of a suspended guardian"
    ENDED = "a program of a guardian whose link was ended"
    OTHER_USER = "a program of another patient"
    NEWCOMER = "a program of a user without any patient"
    STAFF = "a program of a member of the staff"
    ACCOUNT = "a program of the practice in the patient's name"
    ACCOUNT_FOR_OTHER = "a program of the practice in another user's name"
    OTHER_ACCOUNT = "a program of another practice"


class Answer(IntEnum):
    """What a caller gets: the answer to the call, or the status of a refusal that is the same for what is unknown."""

    LET_IN = 200
    NO_KEY = 401
    FORBIDDEN = 403


_IN, _WHO, _NO = Answer.LET_IN, Answer.NO_KEY, Answer.FORBIDDEN
# In the order of Kind: public, account, patient, patient without naming a user, schedule, private schedule.
_ROWS: Mapping[Caller, tuple[Answer, ...]] = {
    Caller.NO_KEY: (_IN, _WHO, _WHO, _WHO, _WHO, _WHO),
    # cookies never count at this door
    Caller.BROWSER: (_IN, _WHO, _WHO, _WHO, _WHO, _WHO),
    Caller.KEY_IN_ADDRESS: (_IN, _WHO, _WHO, _WHO, _WHO, _WHO),
    Caller.TWO_HEADERS: (_IN, _WHO, _WHO, _WHO, _WHO, _WHO),
    Caller.EXPIRED: (_IN, _WHO, _WHO, _WHO, _WHO, _WHO),
    Caller.REVOKED: (_IN, _WHO, _WHO, _WHO, _WHO, _WHO),
    Caller.SHUT_OUT: (_IN, _NO, _NO, _NO, _NO, _NO),
    Caller.USER: (_IN, _IN, _IN, _IN, _IN, _IN),
    Caller.YOUNG_PERSON: (_IN, _IN, _IN, _IN, _IN, _IN),
    Caller.GUARDIAN: (_IN, _IN, _IN, _IN, _IN, _NO),
    Caller.AGREED: (_IN, _IN, _IN, _IN, _IN, _NO),
    Caller.NOT_AGREED: (_IN, _IN, _NO, _NO, _NO, _NO),
    Caller.WITHOUT_SCOPE: (_IN, _IN, _NO, _NO, _NO, _NO),
    Caller.SUSPENDED: (_IN, _IN, _NO, _NO, _NO, _NO),
    Caller.ENDED: (_IN, _IN, _NO, _NO, _NO, _NO),
    Caller.OTHER_USER: (_IN, _IN, _NO, _NO, _NO, _NO),
    Caller.NEWCOMER: (_IN, _IN, _NO, _NO, _NO, _NO),
    Caller.STAFF: (_IN, _IN, _NO, _NO, _NO, _NO),
    Caller.ACCOUNT: (_IN, _IN, _IN, _IN, _IN, _IN),
    Caller.ACCOUNT_FOR_OTHER: (_IN, _IN, _NO, _IN, _NO, _NO),
    # its own practice's offer, and nothing of this one's
    Caller.OTHER_ACCOUNT: (_IN, _IN, _NO, _NO, _NO, _NO),
}
MATRIX: Mapping[Caller, Mapping[Kind, Answer]] = {caller: dict(zip(Kind, row, strict=True)) for caller, row in _ROWS.items()}


@dataclass(frozen=True, slots=True)
class Permission:
    """What a caller needs, by the kind of the call: for a public one with the reason why, for others with the act they are for."""

    kind: Kind
    reason: str = ""
    act: Act | None = None

    @property
    def needs_key(self) -> bool:
        """Tell whether a caller needs a live bearer key."""
        return self.kind is not Kind.PUBLIC


OFFER = Permission(Kind.ACCOUNT)
BOOK_FOR_PATIENT = Permission(Kind.PATIENT, act=Act.BOOK)
FOR_PATIENT = Permission(Kind.PATIENT_ALONE, act=Act.BOOK)
SEE_PATIENT = Permission(Kind.PATIENT, act=Act.SEE)
SEE = Permission(Kind.SCHEDULE, act=Act.SEE)
CANCEL = Permission(Kind.SCHEDULE, act=Act.CANCEL)
CHANGE = Permission(Kind.SCHEDULE, act=Act.BOOK)
