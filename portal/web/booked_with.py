"""What was booked together with an appointment, which stays as it is when that is moved or cancelled."""

from collections.abc import Iterable

from portal import context
from portal.domain.audit import Deed
from portal.domain.guardianship import Act
from portal.domain.schedule import LIVE, ScheduleView
from portal.services.audit import Done
from portal.storage import companions
from portal.web import display
from portal.web.access import reachable
from portal.web.language import gettext as _


def staying(schedule: ScheduleView) -> list[ScheduleView]:
    """Return the visits of others that were booked together with one, may be seen by the visitor, and are still to be.

    Nothing is read for a visit that was booked alone.
    """
    together = companions.of_group(context.db(), schedule.group_id) if schedule.group_id else []
    found = [reachable(one, Act.SEE) for one in together if one != schedule.id]
    return [one for one in found if one is not None and one.status in LIVE and one.ends_at > context.now()]


def stay_words(visits: Iterable[ScheduleView]) -> list[str]:
    """Return a sentence for each visit that stays."""
    locale = display.locale()
    return [
        _("The appointment of %(name)s on %(day)s, %(time)s was booked together with this one and stays as it is.")
        % {
            "name": one.patient_name,
            "day": display.day_at(one.starts_at, one.time_zone, locale),
            "time": display.clock(one.starts_at, one.time_zone, locale),
        }
        for one in visits
    ]


def seen(*visits: ScheduleView) -> list[Done]:
    """Return what a page that shows some visits writes down."""
    return [Done(one.patient_id, Deed.SAW_SCHEDULE, one.id, private=one.private) for one in visits]
