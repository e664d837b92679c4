"""Reading and taking cells: the statements by which the database itself refuses a second holder."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, String, Uuid, bindparam, cast, func, insert, literal_column, select, union_all
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.openings import Window
from portal.storage.prepared import Prepared
from portal.storage.schedule import Occupancy


def held(session: Session, resource_ids: Iterable[UUID], window: Window) -> dict[UUID, str]:
    """Return the held cells of each resource that has any in the window, their numbers joined by commas: one query, one row a resource."""
    resources = {f"resource{place}": resource_id for place, resource_id in enumerate(resource_ids)}
    if not resources:
        return {}
    rows = _held(len(resources)).rows(session, {**resources, "first": window.base, "last": window.base + window.length})
    return {resource_id: cells for resource_id, cells in rows}  # noqa: C416 - dict() would not take rows of any length


@lru_cache(maxsize=512)
def _held(count: int) -> Prepared:
    wanted = [bindparam(f"resource{place}", type_=Uuid()) for place in range(count)]
    # A separator as SQL text: the function's own would stay an open parameter until the statement runs.
    comma: Any = literal_column("','")
    return Prepared(
        select(Occupancy.resource_id, func.aggregate_strings(cast(Occupancy.cell, String), comma))
        .where(Occupancy.resource_id.in_(wanted), Occupancy.cell >= bindparam("first"), Occupancy.cell < bindparam("last"))
        .group_by(Occupancy.resource_id)
    )


def take(session: Session, schedule_id: UUID, spans: Mapping[UUID, range]) -> None:
    """Hold spans of resources for a schedule; raises IntegrityError when any cell has a holder.

    One statement in ascending key order, so that two writers meet at their first common cell and never deadlock.
    """
    cells = [(resource_id, cell) for resource_id in sorted(spans, key=lambda resource: resource.bytes) for cell in spans[resource_id]]
    values: dict[str, object] = {"schedule": schedule_id}
    for place, (resource_id, cell) in enumerate(cells):
        values[f"resource{place}"], values[f"cell{place}"] = resource_id, cell
    _taking(len(cells)).write(session, values)


@lru_cache(maxsize=512)
def _taking(count: int) -> Prepared:
    """Return the statement that takes a number of cells. Kept, because a statement of many rows costs more to build than to run."""
    rows = [
        select(bindparam(f"resource{place}", type_=Uuid()), bindparam(f"cell{place}", type_=BigInteger()), bindparam("schedule", type_=Uuid()))
        for place in range(count)
    ]
    return Prepared(insert(Occupancy).from_select(["resource_id", "cell", "schedule_id"], union_all(*rows)))


def is_taken(error: IntegrityError) -> bool:
    """Tell whether a violated constraint is the one that keeps a cell to one holder."""
    return "pk_occupancy" in str(error.orig) or "occupancy.resource_id" in str(error.orig)
