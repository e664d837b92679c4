"""What happened to an appointment, as those who may see it read it."""

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


def lines(schedule: ScheduleView) -> list[str]:
    """Return a sentence for each change of an appointment, oldest first, with its times in the zone of the visit."""
    return [_line(row, schedule) for row in history.changes(context.db(), schedule.id)]


def _line(row: ChangeRow, schedule: ScheduleView) -> str:
    who = row.user_name or _("the clinic")
    if row.link_id is not None:
        who = _("%(who)s, acting for %(patient)s,") % {"who": who, "patient": schedule.patient_given_name}
    locale, zone = display.locale(), schedule.time_zone
    at = {"day": display.day_at(row.at, zone, locale), "time": display.clock(row.at, zone, locale)}
    start = f"{display.day_at(row.starts_at, zone, locale)}, {display.clock(row.starts_at, zone, locale)}"
    return _(_WORDS[Happened(row.change)]) % {"who": who, "start": start, **at}
