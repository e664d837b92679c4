"""Named queries about practices as people who join them need to know them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.domain.ages import AgeBands
from portal.storage.clinic import Account
from portal.storage.core import run


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice: its name, the zone by which ages are counted, those ages, and whether people may join it without a code."""

    id: UUID
    name: str
    time_zone: str
    is_open: bool
    bands: AgeBands


_PRACTICES: Select[*tuple[Any, ...]] = select(Account.id, Account.name, Account.time_zone, Account.sign_up, Account.agreement_from, Account.ends_from)


def practice(session: Session, account_id: UUID) -> Practice:
    """Return the practice with an id that is known to be one."""
    return _practice(*run(session, _PRACTICES.where(Account.id == account_id)).one())


def only(session: Session) -> Practice | None:
    """Return the only practice of the database, or None when there are several, or none."""
    found = run(session, _PRACTICES.limit(2)).all()
    return _practice(*found[0]) if len(found) == 1 else None


def first(session: Session) -> Practice | None:
    """Return the first practice by key, in whose name people are told who belong to none."""
    row = run(session, _PRACTICES.order_by(Account.key).limit(1)).one_or_none()
    return None if row is None else _practice(*row)


def _practice(*row: Any) -> Practice:  # noqa: ANN401 - the columns of the query
    account_id, name, time_zone, sign_up, agreement_from, ends_from = row
    return Practice(account_id, name, time_zone, sign_up == "open", AgeBands(agreement_from, ends_from))
