"""What happened to an appointment, as those who may see it read it."""

from dataclasses import dataclass

from portal import context
from portal.domain.schedule import Happened, ScheduleView
from portal.storage import history
from portal.storage.history import ChangeRow
from portal.web import display
from portal.web.language import gettext as _
from portal.web.language import mark

_WORDS = {
    Happened.REQUESTED: mark("Asked for by %(who)s on %(day)s, %(time)s"),
    Happened.BOOKED: mark("Booked by %(who)s on %(day)s, %(time)s"),
    Happened.MOVED: mark("Moved to %(start)s by %(who)s on %(day)s, %(time)s"),
    Happened.CONFIRMED: mark("Confirmed for %(start)s by %(who)s on %(day)s, %(time)s"),
    Happened.DECLINED: mark("Declined by %(who)s on %(day)s, %(time)s"),
    Happened.CANCELLED: mark("Cancelled by %(who)s on %(day)s, %(time)s"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence for each change of an appointment, oldest first; what the last one was; and who made it, told like the sentences."""

    lines: tuple[str, ...] = ()
    last: Happened | None = None
    last_by: str = ""


def told(schedule: ScheduleView, *, with_reasons: bool) -> Told:
    """Return what happened to an appointment, with its times in the zone of the visit; reasons are for those who may read them."""
    rows = history.changes(context.db(), schedule.id)
    if not rows:
        return Told()
    lines = tuple(_line(row, schedule, with_reasons=with_reasons) for row in rows)
    return Told(lines, Happened(rows[-1].change), _who(rows[-1], schedule))


def _line(row: ChangeRow, schedule: ScheduleView, *, with_reasons: bool) -> str:
    locale, zone = display.locale(), schedule.time_zone
    at = {"day": display.day_and_year_at(row.at, zone, locale), "time": display.clock(row.at, zone, locale)}
    start = f"{display.day_and_year_at(row.starts_at, zone, locale)}, {display.clock(row.starts_at, zone, locale)}"
    line = _(_WORDS[Happened(row.change)]) % {"who": _who(row, schedule), "start": start, **at}
    return f"{line}. {_('Reason given: %(reason)s') % {'reason': row.reason}}" if row.reason and with_reasons else line


def _who(row: ChangeRow, schedule: ScheduleView) -> str:
    who = row.user_name or _("the clinic")
    return who if row.link_id is None else _("%(who)s, acting for %(patient)s,") % {"who": who, "patient": schedule.patient_given_name}
