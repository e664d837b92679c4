"""Reading and taking cells: the statements by which the database itself refuses a second holder."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import String, bindparam, cast, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.openings import Window
from portal.storage.schedule import Occupancy

_HELD = (
    select(Occupancy.resource_id, func.aggregate_strings(cast(Occupancy.cell, String), ","))
    .where(
        Occupancy.resource_id.in_(bindparam("resource_ids", expanding=True)),
        Occupancy.cell >= bindparam("first"),
        Occupancy.cell < bindparam("last"),
    )
    .group_by(Occupancy.resource_id)
)
_TAKE = insert(Occupancy)


def held(session: Session, resource_ids: Iterable[UUID], window: Window) -> dict[UUID, int]:
    """Return the held cells of each resource as bits of the window: one query, one row a resource."""
    rows = session.execute(_HELD, {"resource_ids": list(resource_ids), "first": window.base, "last": window.base + window.length})
    return {resource_id: window.bits(map(int, cells.split(","))) for resource_id, cells in rows}


def take(session: Session, schedule_id: UUID, spans: Mapping[UUID, range]) -> None:
    """Hold spans of resources for a schedule; raises IntegrityError when any cell has a holder.

    One statement in ascending key order, so that two writers meet at their first common cell and never deadlock.
    """
    cells = [
        {"resource_id": resource_id, "cell": cell, "schedule_id": schedule_id}
        for resource_id in sorted(spans, key=lambda resource: resource.bytes)
        for cell in spans[resource_id]
    ]
    session.execute(_TAKE.values(cells))


def is_taken(error: IntegrityError) -> bool:
    """Tell whether a violated constraint is the one that keeps a cell to one holder."""
    return "pk_occupancy" in str(error.orig) or "occupancy.resource_id" in str(error.orig)
