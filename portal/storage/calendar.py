"""The table of private calendar addresses."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.storage.base import Base


class CalendarFeed(Base):
    """An address under which a calendar program reads a person's appointments; known by its token's digest, and ended by the person."""

    __tablename__ = "calendar_feed"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
