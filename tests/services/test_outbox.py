"""The outbox on both databases: written with what it tells of, taken by one sender at a time."""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.domain.mail import TRIES_MAX, Kind, UnfitLetterError
from portal.services import outbox
from portal.services.outbox import LEASE, Claim
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import is_any_due
from tests.clinic import Clinic
from tests.mail.post import facts, letter, put, stored
from tests.racing import together

SOON = timedelta(seconds=1)


def claim(engine: Engine, now: datetime) -> Claim | None:
    with sessions(engine).begin() as session:
        begin_write(session)
        return outbox.claim(session, now)


def claimed(engine: Engine, now: datetime) -> Claim:
    found = claim(engine, now)
    assert found is not None
    return found


def fail(engine: Engine, one: Claim, now: datetime, *, for_good: bool = False) -> bool:
    with sessions(engine).begin() as session:
        begin_write(session)
        return outbox.failed(session, one, "450 not now", now, for_good=for_good)


def send(engine: Engine, one: Claim, now: datetime) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        outbox.sent(session, one, now)


def test_integrity_12_mail_of_a_transaction_that_is_undone_is_never_there(session: Session, engine: Engine, clinic: Clinic, now: datetime) -> None:
    outbox.put(session, letter(clinic), now)
    session.rollback()
    assert claim(engine, now) is None


def test_a_letter_without_a_fact_of_its_kind_is_not_written(session: Session, clinic: Clinic, now: datetime) -> None:
    with pytest.raises(UnfitLetterError):
        outbox.put(session, letter(clinic, reason="asthma"), now)


def test_a_claimed_mail_tells_all_there_is_to_send(engine: Engine, clinic: Clinic, now: datetime) -> None:
    [mail_id] = put(engine, [letter(clinic, Kind.JOINED, "maya@example.org", "es")], now)
    mail = claimed(engine, now + SOON).mail
    assert (mail.id, mail.kind, mail.to, mail.language) == (mail_id, "joined", "maya@example.org", "es")
    assert json.loads(mail.facts) == facts(Kind.JOINED)
    assert (mail.created_at, mail.try_at, mail.tries) == (now, now, 0)
    assert (mail.practice.name, mail.practice.phone, mail.practice.time_zone) == ("Riverside", "555 0100", "America/New_York")


def test_what_has_been_due_for_longest_goes_first(engine: Engine, clinic: Clinic, now: datetime) -> None:
    ids = [put(engine, [letter(clinic)], now + timedelta(minutes=minute))[0] for minute in (2, 0, 1)]
    later = now + timedelta(hours=1)
    assert [claimed(engine, later).mail.id for _ in ids] == [ids[1], ids[2], ids[0]]
    assert claim(engine, later) is None


def test_a_mail_waits_until_it_is_due(session: Session, engine: Engine, clinic: Clinic, now: datetime) -> None:
    put(engine, [letter(clinic)], now)
    assert claim(engine, now - SOON) is None
    assert not is_any_due(session, now - SOON)
    assert is_any_due(session, now)


def test_who_died_with_a_mail_in_hand_loses_it_to_others_when_the_lease_is_over(engine: Engine, clinic: Clinic, now: datetime) -> None:
    put(engine, [letter(clinic)], now)
    first = claimed(engine, now)
    assert claim(engine, now + LEASE - SOON) is None
    assert claimed(engine, now + LEASE).mail.id == first.mail.id


def test_many_who_come_at_once_get_different_mail(engine: Engine, clinic: Clinic, now: datetime) -> None:
    put(engine, [letter(clinic) for _ in range(12)], now)
    found = together(4, lambda _number: [one.mail.id for _ in range(3) if (one := claim(engine, now))])
    assert len({mail_id for ids in found for mail_id in ids}) == sum(map(len, found))
    rest = iter(lambda: claim(engine, now), None)
    assert sum(map(len, found)) + sum(1 for _ in rest) == 12


def test_what_was_sent_is_not_sent_again_and_forgets_its_link(engine: Engine, clinic: Clinic, now: datetime) -> None:
    [mail_id] = put(engine, [letter(clinic)], now)
    send(engine, claimed(engine, now), now + SOON)
    row = stored(engine)[mail_id]
    assert (row["sent_at"], row["try_at"], row["facts"], row["tries"], row["failure"]) == (now + SOON, None, "{}", 1, None)
    assert claim(engine, now + timedelta(days=1)) is None


def test_what_failed_is_due_again_later(engine: Engine, clinic: Clinic, now: datetime) -> None:
    [mail_id] = put(engine, [letter(clinic)], now)
    assert fail(engine, claimed(engine, now), now)
    row = stored(engine)[mail_id]
    assert (row["try_at"], row["tries"], row["failure"]) == (now + timedelta(minutes=1), 1, "450 not now")
    assert json.loads(row["facts"]) == facts(Kind.RESET)


def test_what_was_refused_for_good_is_given_up_and_forgets_its_link(engine: Engine, clinic: Clinic, now: datetime) -> None:
    [mail_id] = put(engine, [letter(clinic)], now)
    assert not fail(engine, claimed(engine, now), now, for_good=True)
    row = stored(engine)[mail_id]
    assert (row["sent_at"], row["try_at"], row["facts"], row["failure"]) == (None, None, "{}", "450 not now")


def test_after_so_many_tries_it_is_given_up(engine: Engine, clinic: Clinic, now: datetime) -> None:
    put(engine, [letter(clinic)], now)
    later = [now + timedelta(days=day) for day in range(TRIES_MAX)]
    assert [fail(engine, claimed(engine, at), at) for at in later] == [True] * (TRIES_MAX - 1) + [False]
    assert claim(engine, now + timedelta(days=365)) is None


def test_a_sender_that_took_too_long_says_nothing_about_what_another_has_in_hand(engine: Engine, clinic: Clinic, now: datetime) -> None:
    [mail_id] = put(engine, [letter(clinic)], now)
    slow = claimed(engine, now)
    other = claimed(engine, now + LEASE)
    fail(engine, slow, now + LEASE + SOON, for_good=True)
    assert stored(engine)[mail_id]["try_at"] == other.until


def test_a_failure_after_a_sender_that_succeeded_changes_nothing(engine: Engine, clinic: Clinic, now: datetime) -> None:
    [mail_id] = put(engine, [letter(clinic)], now)
    slow, other = claimed(engine, now), claimed(engine, now + LEASE)
    send(engine, other, now + LEASE + SOON)
    fail(engine, slow, now + LEASE + 2 * SOON)
    assert stored(engine)[mail_id]["sent_at"] == now + LEASE + SOON
    assert stored(engine)[mail_id]["try_at"] is None


def test_a_long_failure_is_kept_as_far_as_it_fits(engine: Engine, clinic: Clinic, now: datetime) -> None:
    [mail_id] = put(engine, [letter(clinic)], now)
    one = claimed(engine, now)
    with sessions(engine).begin() as session:
        begin_write(session)
        outbox.failed(session, one, "x" * 1000, now, for_good=False)
    assert stored(engine)[mail_id]["failure"] == "x" * 250
