"""Reading and taking cells: the statements by which the database itself refuses a second holder."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, String, Uuid, bindparam, cast, delete, func, insert, literal_column, null, or_, select, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.openings import Window
from portal.storage.core import run
from portal.storage.prepared import Prepared
from portal.storage.schedule import Occupancy
from portal.storage.types import UtcDateTime

_HELD_BY = (
    select(Occupancy.resource_id, Occupancy.cell)
    .where(
        Occupancy.resource_id.in_(bindparam("resources", expanding=True)),
        Occupancy.cell >= bindparam("first"),
        Occupancy.cell < bindparam("last"),
        Occupancy.schedule_id == bindparam("schedule"),
    )
    .order_by(Occupancy.resource_id, Occupancy.cell)
)
# SQLite puts no more than 500 parts of a statement together.
_AT_ONCE = 480
_NOW = bindparam("now", type_=UtcDateTime())
# What a draft holds counts until its time is over.
_HOLDS = or_(Occupancy.expires_at.is_(None), Occupancy.expires_at > _NOW)
_HOLDER = (bindparam("schedule", type_=Uuid()), bindparam("draft", type_=Uuid()), bindparam("expires_at", type_=UtcDateTime()))
_RANGE = (Occupancy.resource_id == bindparam("resource"), Occupancy.cell >= bindparam("first"), Occupancy.cell < bindparam("last"))
_EITHER = Occupancy.resource_id.in_([bindparam("provider", type_=Uuid()), bindparam("patient", type_=Uuid())])
_LET_GO = Prepared(delete(Occupancy).where(_EITHER, *_RANGE[1:], Occupancy.draft_id == bindparam("draft")))
# By the index of what expires: all that a draft holds for several people ends at one instant.
_LET_GO_ALL = Prepared(
    delete(Occupancy).where(Occupancy.expires_at == bindparam("until", type_=UtcDateTime()), Occupancy.draft_id == bindparam("draft"))
)
_BECOME = Prepared(
    update(Occupancy)
    .where(*_RANGE, Occupancy.draft_id == bindparam("draft"))
    .values(schedule_id=bindparam("schedule"), draft_id=null(), expires_at=null())
)
_CLEAR = Prepared(delete(Occupancy).where(*_RANGE, Occupancy.expires_at <= _NOW))
# By the key's own columns: there is no index by schedule, and each would cost every booking another page of writing.
_RELEASE = delete(Occupancy).where(
    Occupancy.resource_id == bindparam("resource"),
    Occupancy.cell.in_(bindparam("cells", expanding=True)),
    Occupancy.schedule_id == bindparam("schedule"),
)


def held(
    session: Session, resource_ids: Iterable[UUID], window: Window, now: datetime, besides: tuple[UUID | None, UUID | None] = (None, None)
) -> dict[UUID, str]:
    """Return the cells of each resource held now in the window, their numbers joined by commas: one query, one row a resource that has any.

    Those of the schedules or drafts `besides` are left out, two at most.
    """
    resources = {f"resource{place}": resource_id for place, resource_id in enumerate(resource_ids)}
    if not resources:
        return {}
    values = {**resources, "first": window.base, "last": window.base + window.length, "now": now}
    left_out = [one for one in besides if one is not None]
    if not left_out:
        rows = _held(len(resources)).rows(session, values)
    else:
        rows = _held_by_others(len(resources)).rows(session, {**values, "besides": left_out[0], "also": left_out[-1]})
    return {resource_id: cells for resource_id, cells in rows}  # noqa: C416 - dict() would not take rows of any length


@lru_cache(maxsize=512)
def _held(count: int) -> Prepared:
    return Prepared(_holding(count))


@lru_cache(maxsize=512)
def _held_by_others(count: int) -> Prepared:
    holder = func.coalesce(Occupancy.schedule_id, Occupancy.draft_id)
    return Prepared(_holding(count).where(holder != bindparam("besides", type_=Uuid()), holder != bindparam("also", type_=Uuid())))


def _holding(count: int) -> Select[*tuple[Any, ...]]:
    wanted = [bindparam(f"resource{place}", type_=Uuid()) for place in range(count)]
    # A separator as SQL text: the function's own would stay an open parameter until the statement runs.
    comma: Any = literal_column("','")
    return (
        select(Occupancy.resource_id, func.aggregate_strings(cast(Occupancy.cell, String), comma))
        .where(Occupancy.resource_id.in_(wanted), Occupancy.cell >= bindparam("first"), Occupancy.cell < bindparam("last"), _HOLDS)
        .group_by(Occupancy.resource_id)
    )


def take(session: Session, schedule_id: UUID, spans: Mapping[UUID, Sequence[int]]) -> None:
    """Hold spans of resources for a schedule; raises IntegrityError when any cell has a holder, even one whose time is over."""
    _take(session, {"schedule": schedule_id, "draft": None, "expires_at": None}, spans)


def hold(session: Session, draft_id: UUID, until: datetime, spans: Mapping[UUID, Sequence[int]]) -> None:
    """Hold spans of resources for a draft up to an instant; raises IntegrityError like `take`."""
    _take(session, {"schedule": None, "draft": draft_id, "expires_at": until}, spans)


def _take(session: Session, holder: Mapping[str, object], spans: Mapping[UUID, Sequence[int]]) -> None:
    """Write all cells in ascending key order, in one statement where it holds so many, so that two writers meet at their first common cell.

    They never deadlock.
    """
    cells = [(resource_id, cell) for resource_id in sorted(spans, key=lambda resource: resource.bytes) for cell in spans[resource_id]]
    for first in range(0, len(cells), _AT_ONCE):
        some = cells[first : first + _AT_ONCE]
        values = dict(holder)
        for place, (resource_id, cell) in enumerate(some):
            values[f"resource{place}"], values[f"cell{place}"] = resource_id, cell
        _taking(len(some)).write(session, values)


@lru_cache(maxsize=512)
def _taking(count: int) -> Prepared:
    """Return the statement that takes a number of cells. Kept, because a statement of many rows costs more to build than to run."""
    rows = [select(bindparam(f"resource{place}", type_=Uuid()), bindparam(f"cell{place}", type_=BigInteger()), *_HOLDER) for place in range(count)]
    return Prepared(insert(Occupancy).from_select(["resource_id", "cell", "schedule_id", "draft_id", "expires_at"], union_all(*rows)))


def held_by(session: Session, schedule_id: UUID, resource_ids: Iterable[UUID], window: Window) -> dict[UUID, list[int]]:
    """Return the cells of some resources that a schedule holds in a window, ascending."""
    found: dict[UUID, list[int]] = {resource_id: [] for resource_id in resource_ids}
    values = {"schedule": schedule_id, "resources": list(found), "first": window.base, "last": window.base + window.length}
    for resource_id, cell in run(session, _HELD_BY, values):
        found[resource_id].append(cell)
    return found


def move(session: Session, schedule_id: UUID, held: Mapping[UUID, Sequence[int]], spans: Mapping[UUID, range]) -> None:
    """Hold other spans for a schedule than those it holds; raises IntegrityError when any cell has another holder.

    What it holds already is kept, and the rest let go only once all is taken: so a move never waits while another waits for it.
    """
    wanted = {resource_id: [cell for cell in span if cell not in held[resource_id]] for resource_id, span in spans.items()}
    if any(wanted.values()):
        take(session, schedule_id, wanted)
    release(session, schedule_id, {resource_id: [cell for cell in cells if cell not in spans[resource_id]] for resource_id, cells in held.items()})


def release(session: Session, schedule_id: UUID, held: Mapping[UUID, Sequence[int]]) -> None:
    """Let go of cells that a schedule holds."""
    for resource_id, cells in held.items():
        if cells:
            run(session, _RELEASE, {"schedule": schedule_id, "resource": resource_id, "cells": list(cells)})


def let_go(session: Session, draft_id: UUID, provider_id: UUID, patient_id: UUID, window: Window) -> None:
    """Let go of what a draft holds of a provider and of a patient in a window."""
    values = {"first": window.base, "last": window.base + window.length, "draft": draft_id}
    _LET_GO.write(session, {**values, "provider": provider_id, "patient": patient_id})


def let_go_all(session: Session, draft_id: UUID, until: datetime) -> None:
    """Let go of all that a draft holds up to an instant, whoever's it is."""
    _LET_GO_ALL.write(session, {"draft": draft_id, "until": until})


def become(session: Session, draft_id: UUID, schedule_id: UUID, spans: Mapping[UUID, Sequence[int]]) -> None:
    """Make what a draft holds within some spans the schedule's."""
    for resource_id, cells in spans.items():
        values = {"resource": resource_id, "first": min(cells), "last": max(cells) + 1}
        _BECOME.write(session, {**values, "draft": draft_id, "schedule": schedule_id})


def clear_expired(session: Session, spans: Mapping[UUID, Sequence[int]], now: datetime) -> bool:
    """Take away the rows of drafts whose time is over within some spans; tell whether there were any."""
    found = 0
    for resource_id in sorted(spans, key=lambda resource: resource.bytes):
        cells = spans[resource_id]
        found += _CLEAR.write(session, {"resource": resource_id, "first": min(cells), "last": max(cells) + 1, "now": now})
    return found > 0


def is_taken(error: IntegrityError) -> bool:
    """Tell whether a violated constraint is the one that keeps a cell to one holder."""
    return "pk_occupancy" in str(error.orig) or "occupancy.resource_id" in str(error.orig)
