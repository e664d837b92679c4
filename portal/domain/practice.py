"""The rules that a practice sets for its bookings, with defaults that suit most."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PracticeRules:
    """Rules of the whole practice, in minutes.

    A chosen time is held for `hold_minutes`, a time offered to somebody who waits for `offer_minutes`, no mail of an offer leaves from
    `quiet_from_minute` to `quiet_until_minute` of the account's day. Visits can be cancelled and moved up to so long before them.
    A patient has at most `coming_visits_max` visits ahead, None without a limit.
    """

    hold_minutes: int = 10
    offer_minutes: int = 120
    quiet_from_minute: int = 21 * 60
    quiet_until_minute: int = 8 * 60
    cancel_notice_minutes: int = 0
    move_notice_minutes: int = 0
    coming_visits_max: int | None = None


@dataclass(frozen=True, slots=True)
class VisitRules:
    """Rules of one visit option.

    `by_request`: the practice confirms each visit. It is for ages in [age_from, age_below), None without a bound; for patients seen
    before (`known_patients` true), for those who were not (false), or for both. Another visit of the type within `repeat_days` is
    asked about.
    """

    by_request: bool = False
    age_from: int | None = None
    age_below: int | None = None
    known_patients: bool | None = None
    repeat_days: int = 0
