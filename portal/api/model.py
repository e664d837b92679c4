"""The request models as data: one description that the binder reads by and the help page is generated from."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property
from string import ascii_lowercase, ascii_uppercase
from uuid import UUID

from portal.domain import custom_forms
from portal.domain.booking import NOTE_MAX, REASON_MAX

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


class Kind(Enum):
    """The type of a member; the value is the word for it on the help page."""

    GUID = "globally unique identifier"
    DATE = "date"
    DECIMAL = "decimal number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    STRING = "string"
    CHARACTER = "character"
    OBJECT = "object"
    COLLECTION = "collection"


_PLAIN: dict[Kind, object] = {
    Kind.GUID: UUID(int=0),
    Kind.DATE: datetime.min,  # noqa: DTZ901  a date without zone stays without
    Kind.DECIMAL: Decimal(0),
    Kind.INTEGER: 0,
    Kind.BOOLEAN: False,
}


@dataclass(frozen=True)
class Member:
    """One member by its wire name; `max_length` counts UTF-16 units, `model` describes an object or the items of a collection."""

    name: str
    kind: Kind
    nullable: bool = True
    required: bool = False
    max_length: int | None = None
    model: "Model | None" = None

    @property
    def default(self) -> object:
        """What the member holds when the request leaves it out."""
        return None if self.nullable else _PLAIN[self.kind]

    @property
    def type_name(self) -> str:
        """The type as the help page names it."""
        if self.model is None:
            return self.kind.value
        return f"Collection of {self.model.name}" if self.kind is Kind.COLLECTION else self.model.name


@dataclass(frozen=True)
class Model:
    """A named list of members in the page's order."""

    name: str
    members: tuple[Member, ...]

    @cached_property
    def _by_folded_name(self) -> dict[str, Member]:
        return {fold(member.name): member for member in self.members}

    def find(self, name: str) -> Member | None:
        """Return the member of that name in any case, or None."""
        return self._by_folded_name.get(fold(name))

    def defaults(self) -> dict[str, object]:
        """Return every member by wire name as an empty request leaves it."""
        return {member.name: member.default for member in self.members}

    def item(self, values: dict[str, object]) -> object:
        """Return the form in which a collection holds one item: the bare value when the model has a single member."""
        return values if len(self.members) != 1 else values[self.members[0].name]

    @property
    def missing_item(self) -> object:
        """What stands in a collection for a null item, so that it keeps its place."""
        return self.item(self.defaults())


def fold(name: str) -> str:
    """Return a name for comparison without regard to ASCII case; other letters are told apart, as the old server did."""
    return name.lower() if name.isascii() else name.translate(_LOWER)


def _guid(name: str, *, nullable: bool = True, required: bool = False) -> Member:
    return Member(name, Kind.GUID, nullable=nullable, required=required)


def _text(name: str, max_length: int | None = None, *, required: bool = False) -> Member:
    return Member(name, Kind.STRING, required=required, max_length=max_length)


def _required(name: str, kind: Kind) -> Member:
    return Member(name, kind, nullable=False, required=True)


REASONS = Model("Reasons", (_guid("ReasonId", nullable=False),))

APPOINTMENT = Model(
    "AppointmentModel",
    (
        _guid("EncounterTypeId"),
        _guid("EncounterTypeModeDurationId"),
        _guid("ProviderId"),
        _required("UserId", Kind.GUID),
        _guid("PatientId"),
        _guid("SpecialityId"),
        _required("AppointmentOn", Kind.DATE),
        Member("SecondaryAppointmentOn", Kind.DATE),
        _text("Reason", REASON_MAX, required=True),
        _text("Note", NOTE_MAX),
        _guid("ParentId"),
        _guid("ReferredParentId"),
        Member("PaidAmount", Kind.DECIMAL, nullable=False),
        _required("AccountId", Kind.GUID),
        _guid("ServiceId"),
        Member("MethodId", Kind.INTEGER),
        _text("IsCustomFormFlow"),
        _text("DocIds"),
        Member("Reasons", Kind.COLLECTION, model=REASONS),
    ),
)

CUSTOM_FORM_INPUT_DETAIL = Model(
    "CustomFormInputDetail",
    (_guid("CustomFormFieldsId", nullable=False), _text("Value"), Member("Ismultientry", Kind.BOOLEAN, nullable=False)),
)

CUSTOM_FORM = Model(
    "CustomFormBindingModel",
    (
        _required("CustomFormId", Kind.GUID),
        _required("PatientId", Kind.GUID),
        _guid("EncounterId"),
        _guid("Id"),
        Member("CustomFormInputDetails", Kind.COLLECTION, model=CUSTOM_FORM_INPUT_DETAIL),
        _text("Note", custom_forms.NOTE_MAX),
        Member("StatusId", Kind.INTEGER),
        _guid("ModifiedBy"),
        Member("ModifiedOn", Kind.DATE),
        _guid("EncounterTypeId"),
        _required("ModuleId", Kind.INTEGER),
        _text("ModuleName"),
        _required("RecordId", Kind.GUID),
        _required("RecordTypeId", Kind.INTEGER),
        Member("areaid", Kind.INTEGER, nullable=False),
        _guid("AccountId"),
    ),
)

CONFORM_PAYMENT = Model(
    "ConformPayment",
    (
        _guid("PaymentId"),
        _text("AppointmentId", required=True),
        _guid("TransactionId"),
        _text("TransactionNo"),
        Member("Amount", Kind.DECIMAL),
        _text("Currency", required=True),
        _text("Status", required=True),
        _text("Type", required=True),
        _guid("AccountId"),
        _text("PaymentStatus"),
        _text("PayMethod"),
        _text("Last4Digit"),
        _guid("DiscountId"),
        Member("DiscountAmount", Kind.DECIMAL),
        _guid("MemberShipEnrollmentDetailId"),
        _guid("PlanId"),
        Member("NextBillDate", Kind.DATE),
        Member("EffectiveDate", Kind.DATE),
        Member("TotalBillCycle", Kind.INTEGER),
        Member("CurrentBillCycle", Kind.INTEGER),
        _guid("ModifiedBy"),
        Member("ModifiedOn", Kind.DATE),
        Member("Modified", Kind.OBJECT, model=Model("Member", ())),
    ),
)
