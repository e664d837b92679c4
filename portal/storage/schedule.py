"""Tables of bookings: the Schedule, the cells it holds, and the draft it grows from."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.booking import NOTE_MAX, REASON_MAX
from portal.domain.schedule import CANCEL_REASON_MAX
from portal.storage.base import Base


class Schedule(Base):
    """The saved record of one booked appointment.

    `starts_at` is the time given, `other_choice_at` the choice not given; a choice's form says how the program that
    sent it wrote it (utc, local or unspecified), so that it reads back the same way. The `old` ones are those before the last move.
    What is `private` no guardian sees. `sequence` counts what calendars must be told of; visits booked together share a `group_id`.
    """

    __tablename__ = "schedule"
    __table_args__ = (
        UniqueConstraint("account_id", "reference"),
        CheckConstraint("starts_at < ends_at", name="span"),
        CheckConstraint("status BETWEEN 1 AND 7", name="status"),
        Index(None, "patient_id", "starts_at"),
        Index(None, "provider_id", "starts_at"),
        Index(None, "fingerprint"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reference: Mapped[str] = mapped_column(String(8))
    status: Mapped[int]
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    guardian_link_id: Mapped[UUID | None] = mapped_column(ForeignKey("guardian_link.id"))
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"))
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facility.id"))
    speciality_id: Mapped[UUID] = mapped_column(ForeignKey("speciality.id"))
    visit_option_id: Mapped[UUID] = mapped_column(ForeignKey("visit_option.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    other_choice_at: Mapped[datetime | None]
    first_choice_given: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(REASON_MAX))
    note: Mapped[str | None] = mapped_column(String(NOTE_MAX))
    paid_amount: Mapped[Decimal]
    paid_at: Mapped[datetime | None]
    parent_id: Mapped[UUID | None]
    referred_parent_id: Mapped[UUID | None]
    service_id: Mapped[UUID | None]
    method_id: Mapped[int | None]
    is_custom_form_flow: Mapped[str | None]
    doc_ids: Mapped[str | None]
    first_choice_form: Mapped[str] = mapped_column(String(12))
    second_choice_form: Mapped[str] = mapped_column(String(12))
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]
    modified_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    cancel_reason: Mapped[str | None] = mapped_column(String(CANCEL_REASON_MAX))
    cancelled_at: Mapped[datetime | None]
    old_starts_at: Mapped[datetime | None]
    old_other_choice_at: Mapped[datetime | None]
    old_form: Mapped[str | None] = mapped_column(String(12))
    private: Mapped[bool] = mapped_column(default=False, server_default=false())
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    group_id: Mapped[UUID | None] = mapped_column(index=True)


class ScheduleChange(Base):
    """One change of a schedule, its booking included: who made it, acting by which link, when and why. `changed_by` null is the practice."""

    __tablename__ = "schedule_change"

    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedule.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    change: Mapped[str] = mapped_column(String(12))
    status: Mapped[int]
    starts_at: Mapped[datetime]
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("guardian_link.id"))
    name: Mapped[str] = mapped_column(String(160), default="")
    reason: Mapped[str | None] = mapped_column(String(CANCEL_REASON_MAX))


class ScheduleReason(Base):
    """The coded reasons of a schedule, in the order given."""

    __tablename__ = "schedule_reason"

    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedule.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("reason.id"))


class Occupancy(Base):
    """One five-minute cell of one provider or patient, held by one schedule, or for a while by one draft. The primary key refuses a second holder.

    `cell` counts from 1970-01-01T00:00Z. The key leads with the resource, so a day of a resource is one range of it. A draft's cell
    is free again at `expires_at`, whether or not somebody has taken the row away.
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        CheckConstraint("(schedule_id IS NULL) <> (draft_id IS NULL)", name="one_holder"),
        CheckConstraint("(draft_id IS NULL) = (expires_at IS NULL)", name="expiry"),
        Index(None, "expires_at", sqlite_where=text("expires_at IS NOT NULL"), postgresql_where=text("expires_at IS NOT NULL")),
        {"sqlite_with_rowid": False},
    )

    resource_id: Mapped[UUID] = mapped_column(primary_key=True)
    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    schedule_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedule.id"))
    draft_id: Mapped[UUID | None] = mapped_column(ForeignKey("draft.id"))
    expires_at: Mapped[datetime | None]


# What is offered from the wait list is held beside what a person chose.
_IS_HELD = text("held_until IS NOT NULL AND NOT is_offer")


class Draft(Base):
    """A booking being made in the browser. It outlives the session, and remembers the schedule it became.

    While `held_until` is set it holds its first choice with `held_provider_id`: one draft of a user at a time does, and each that
    `is_offer` of the wait list. `repeated` is what is to become of a visit of the same kind that is near; `arrangement` is how the
    visits of companions lie: one after the other, or at the same time.
    """

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint("(held_until IS NULL) = (held_provider_id IS NULL)", name="held"),
        CheckConstraint("repeated IN ('keep', 'replace')", name="repeated"),
        CheckConstraint("arrangement IN ('in_turn', 'at_once')", name="arrangement"),
        Index("uq_draft_holding", "user_id", unique=True, sqlite_where=_IS_HELD, postgresql_where=_IS_HELD),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    created_at: Mapped[datetime]
    speciality_id: Mapped[UUID | None]
    facility_id: Mapped[UUID | None]
    provider_id: Mapped[UUID | None]
    visit_option_id: Mapped[UUID | None]
    reason_ids: Mapped[str] = mapped_column(default="")
    reason: Mapped[str | None] = mapped_column(String(REASON_MAX))
    note: Mapped[str | None] = mapped_column(String(NOTE_MAX))
    first_choice_at: Mapped[datetime | None]
    second_choice_at: Mapped[datetime | None]
    schedule_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedule.id"))
    held_until: Mapped[datetime | None]
    held_provider_id: Mapped[UUID | None]
    is_offer: Mapped[bool] = mapped_column(default=False, server_default=false())
    repeated: Mapped[str | None] = mapped_column(String(8))
    arrangement: Mapped[str | None] = mapped_column(String(12))
    private: Mapped[bool] = mapped_column(default=False, server_default=false())


class Companion(Base):
    """Somebody of the family whose visit is booked together with a draft's, all or none of them; while it holds a time, with whom."""

    __tablename__ = "companion"

    draft_id: Mapped[UUID] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    visit_option_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(String(REASON_MAX))
    held_provider_id: Mapped[UUID | None]
