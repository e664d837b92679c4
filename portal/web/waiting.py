"""What somebody waits for: the list, leaving it, and the offers of times that became free."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import DateField
from wtforms.validators import InputRequired, Optional

from portal import context
from portal.domain.guardianship import Act
from portal.domain.schedule import ScheduleView
from portal.domain.waiting import Days, OfferState, WaitCode
from portal.domain.walltime import local_day
from portal.services import waiting as service
from portal.services.booking import Booked, Forbidden, Refused
from portal.services.waiting import NotPossible
from portal.storage import patients, schedules, waits
from portal.storage.waits import OfferFacts
from portal.web.access import acting_for, actor_here, ask_to_sign_in, begin_write, for_schedule, is_signed_in, permitted, signed_in, visitor
from portal.web.booking.journey import STEP, Journey, onward, reading, require, step_page, writing
from portal.web.booking.journey import blueprint as booking
from portal.web.booking.summary import option_words
from portal.web.booking.words import words_for
from portal.web.language import TranslatedForm, lazy
from portal.web.pages import page as render
from portal.web.people.fields import DayField
from portal.web.permissions import Kind, Permission, View, marked

blueprint = Blueprint("waiting", __name__, url_prefix="/waiting")
EARLIER = "/appointments/<uuid:schedule_id>/earlier"
_WORDS = {
    WaitCode.ENDS_BEFORE: lazy("The last day is before the first"),
    WaitCode.IN_PAST: lazy("The last day is over"),
    WaitCode.NOT_EARLIER: lazy("The first day is after the appointment you have"),
}
