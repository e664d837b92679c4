"""Tables of what a practice offers; only `services.clinic` writes them."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.storage.base import Base


class Account(Base):
    """The practice; `revision` counts the changes of its catalogue, so that a process can tell a stale copy.

    The ages are those of `domain.ages.AgeBands`.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("sign_up IN ('open', 'invitation')", name="sign_up"),
        CheckConstraint("0 < agreement_from AND agreement_from <= ends_from", name="ages"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(40))
    help_hours: Mapped[str] = mapped_column(String(120))
    emergency: Mapped[str] = mapped_column(String(120))
    revision: Mapped[int] = mapped_column(default=1)
    hold_minutes: Mapped[int] = mapped_column(default=10, server_default="10")
    offer_minutes: Mapped[int] = mapped_column(default=120, server_default="120")
    quiet_from_minute: Mapped[int] = mapped_column(default=21 * 60, server_default="1260")
    quiet_until_minute: Mapped[int] = mapped_column(default=8 * 60, server_default="480")
    cancel_notice_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    move_notice_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    coming_visits_max: Mapped[int | None]
    sign_up: Mapped[str] = mapped_column(String(10), default="invitation", server_default="invitation")
    agreement_from: Mapped[int] = mapped_column(default=12, server_default="12")
    ends_from: Mapped[int] = mapped_column(default=18, server_default="18")


class Facility(Base):
    """A place with its own time zone."""

    __tablename__ = "facility"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(250))
    position: Mapped[int]


class Speciality(Base):
    """A field of medicine."""

    __tablename__ = "speciality"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    position: Mapped[int]


class Provider(Base):
    """A clinician. One who leaves is made inactive, never deleted: past schedules name them."""

    __tablename__ = "provider"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facility.id"))
    name: Mapped[str] = mapped_column(String(120))
    default_visit_option_id: Mapped[UUID | None]
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]


class ProviderSpeciality(Base):
    """Which specialities a provider practises, in the order of `position`."""

    __tablename__ = "provider_speciality"

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    speciality_id: Mapped[UUID] = mapped_column(ForeignKey("speciality.id"), primary_key=True)
    position: Mapped[int]


class EncounterType(Base):
    """A kind of visit."""

    __tablename__ = "encounter_type"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    default_visit_option_id: Mapped[UUID | None]
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]


class VisitOption(Base):
    """One way to have an encounter type.

    `by_request`: the practice confirms each visit. `known_patients`: only for those who have been seen before (true), or who have not
    (false); null is anybody. A second visit of the type within `repeat_days` is asked about.
    """

    __tablename__ = "visit_option"
    __table_args__ = (
        CheckConstraint("mode IN (1, 2, 3)", name="mode"),
        CheckConstraint("minutes > 0 AND minutes % 5 = 0", name="minutes"),
        CheckConstraint("grid_minutes > 0 AND grid_minutes % 5 = 0", name="grid_minutes"),
        CheckConstraint("notice_minutes >= 0 AND horizon_days >= 0", name="notice_and_horizon"),
        CheckConstraint("buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name="buffers"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    encounter_type_id: Mapped[UUID] = mapped_column(ForeignKey("encounter_type.id"), index=True)
    mode: Mapped[int]
    minutes: Mapped[int]
    fee: Mapped[Decimal]
    notice_minutes: Mapped[int]
    horizon_days: Mapped[int]
    buffer_before_minutes: Mapped[int]
    buffer_after_minutes: Mapped[int]
    grid_minutes: Mapped[int]
    by_request: Mapped[bool] = mapped_column(default=False, server_default=false())
    age_from: Mapped[int | None]
    age_below: Mapped[int | None]
    known_patients: Mapped[bool | None]
    repeat_days: Mapped[int] = mapped_column(default=0, server_default="0")
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]


class VisitOptionProvider(Base):
    """Which providers offer a visit option."""

    __tablename__ = "visit_option_provider"

    visit_option_id: Mapped[UUID] = mapped_column(ForeignKey("visit_option.id"), primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), primary_key=True)


class Reason(Base):
    """A coded reason for a visit."""

    __tablename__ = "reason"
    __table_args__ = (UniqueConstraint("account_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]


class WorkingHours(Base):
    """A weekly run of wall time in minutes after local midnight; weekday 0 is Monday."""

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens_minute >= 0 AND opens_minute < closes_minute AND closes_minute <= 1440", name="span"),
        CheckConstraint("opens_minute % 5 = 0 AND closes_minute % 5 = 0", name="cells"),
    )

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    opens_minute: Mapped[int] = mapped_column(primary_key=True)
    closes_minute: Mapped[int]


class TimeOff(Base):
    """An exception from working hours, as wall times in the facility's zone; they have no zone of their own."""

    __tablename__ = "time_off"
    __table_args__ = (CheckConstraint("starts_wall < ends_wall", name="span"),)

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    starts_wall: Mapped[datetime] = mapped_column(DateTime(timezone=False), primary_key=True)
    ends_wall: Mapped[datetime] = mapped_column(DateTime(timezone=False))
