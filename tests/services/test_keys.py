import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.domain.keys import parse_key
from portal.services import keys
from portal.services.keys import UnknownHolderError
from portal.storage.people import ApiKey, User
from tests.clinic import Clinic


def test_a_key_has_the_agreed_form(clinic: Clinic, session: Session, now: datetime) -> None:
    text = keys.issue(session, clinic.account_id, None, 30, now)
    assert re.fullmatch(r"pap_[a-z0-9]{8}_[A-Za-z0-9_-]{43}_[a-z0-9]{6}", text)


def test_11_5_1_only_a_digest_is_stored(clinic: Clinic, session: Session, now: datetime) -> None:
    parsed = parse_key(keys.issue(session, clinic.account_id, None, 30, now))
    assert parsed is not None
    assert session.get_one(ApiKey, parsed.id).secret_hash == parsed.digest != parsed.secret


def test_a_users_key_speaks_for_the_user(clinic: Clinic, session: Session, now: datetime) -> None:
    found = keys.find(session, keys.issue_to_user(session, " Maya@Example.org", 30, now), now)
    assert found is not None
    assert (found.account_id, found.user_id) == (clinic.account_id, clinic.user("maya"))


@pytest.mark.parametrize("name", ["riverside", "Riverside"])
def test_an_accounts_key_speaks_for_no_user_in_particular(clinic: Clinic, session: Session, now: datetime, name: str) -> None:
    found = keys.find(session, keys.issue_to_account(session, name, 30, now), now)
    assert found is not None
    assert (found.account_id, found.user_id) == (clinic.account_id, None)


def test_two_keys_of_a_user_both_live(clinic: Clinic, session: Session, now: datetime) -> None:
    texts = [keys.issue_to_user(session, clinic.email("maya"), 30, now) for _ in range(2)]
    assert all(keys.find(session, text, now) for text in texts)


def test_a_key_ends_after_its_days(clinic: Clinic, session: Session, now: datetime) -> None:
    text = keys.issue_to_user(session, clinic.email("maya"), 30, now)
    end = now + timedelta(days=30)
    assert keys.find(session, text, end - timedelta(microseconds=1)) is not None
    assert keys.find(session, text, end) is None


def test_a_revoked_key_is_dead(clinic: Clinic, session: Session, now: datetime) -> None:
    text = keys.issue_to_user(session, clinic.email("maya"), 30, now)
    session.execute(update(ApiKey).values(revoked_at=now))
    assert keys.find(session, text, now) is None


@pytest.mark.usefixtures("clinic")
@pytest.mark.parametrize("text", ["", "pap_", "pap_abcdefgh_" + "x" * 43 + "_000000", "Bearer", "\0", "pap_abc\ud800"])
def test_a_malformed_key_is_nobodys(session: Session, now: datetime, text: str) -> None:
    assert keys.find(session, text, now) is None


def test_a_key_with_another_secret_is_nobodys(clinic: Clinic, session: Session, now: datetime) -> None:
    mine = parse_key(keys.issue_to_user(session, clinic.email("maya"), 30, now))
    other = parse_key(keys.issue_to_user(session, clinic.email("omar"), 30, now))
    assert mine is not None
    assert other is not None
    assert keys.find(session, str(type(mine)(mine.id, other.secret)), now) is None


@pytest.mark.usefixtures("clinic")
def test_no_key_is_issued_to_an_unknown_address(session: Session, now: datetime) -> None:
    with pytest.raises(UnknownHolderError, match="no active user with the e-mail address nobody"):
        keys.issue_to_user(session, "nobody@example.org", 30, now)
    assert session.scalars(select(ApiKey)).all() == []


def test_no_key_is_issued_to_a_user_who_was_disabled(clinic: Clinic, session: Session, now: datetime) -> None:
    session.execute(update(User).values(active=False))
    with pytest.raises(UnknownHolderError):
        keys.issue_to_user(session, clinic.email("maya"), 30, now)


@pytest.mark.usefixtures("clinic")
def test_no_key_is_issued_to_an_unknown_account(session: Session, now: datetime) -> None:
    with pytest.raises(UnknownHolderError, match="there is no account with the key or the name Nowhere"):
        keys.issue_to_account(session, "Nowhere", 30, now)


def entry_ids(session: Session, account: str) -> set[str]:
    return {entry.id for entry in keys.entries_of_account(session, account)}


def test_an_accounts_list_has_its_users_keys_too(clinic: Clinic, session: Session, now: datetime) -> None:
    texts = [keys.issue_to_account(session, "riverside", 30, now), keys.issue_to_user(session, clinic.email("maya"), 30, now)]
    keys.issue_to_account(session, "elsewhere", 30, now)
    assert entry_ids(session, "Riverside") == {text[4:12] for text in texts}
    [mine] = keys.entries_of_user(session, clinic.email("maya"))
    assert (mine.id, mine.email, mine.is_live(now)) == (texts[1][4:12], clinic.email("maya"), True)


def test_a_list_begins_with_the_newest(clinic: Clinic, session: Session, now: datetime) -> None:
    ids = [keys.issue_to_user(session, clinic.email("maya"), 30, now + timedelta(days=day))[4:12] for day in range(3)]
    assert [entry.id for entry in keys.entries_of_user(session, clinic.email("maya"))] == ids[::-1]


def test_a_key_is_revoked_once(clinic: Clinic, session: Session, now: datetime) -> None:
    text = keys.issue_to_user(session, clinic.email("maya"), 30, now)
    assert keys.revoke(session, text[4:12], now)
    assert not keys.revoke(session, text[4:12], now + timedelta(days=1))
    assert keys.find(session, text, now) is None
    assert session.get_one(ApiKey, text[4:12]).revoked_at == now


@pytest.mark.usefixtures("clinic")
def test_an_unknown_key_cannot_be_revoked(session: Session, now: datetime) -> None:
    with pytest.raises(UnknownHolderError, match="there is no key with the id nothing1"):
        keys.revoke(session, "nothing1", now)


@pytest.mark.usefixtures("clinic")
def test_nobody_has_no_list(session: Session) -> None:
    with pytest.raises(UnknownHolderError, match="no user with the e-mail address"):
        keys.entries_of_user(session, "nobody@example.org")
    with pytest.raises(UnknownHolderError, match="no account with the key or the name"):
        keys.entries_of_account(session, "nowhere")
