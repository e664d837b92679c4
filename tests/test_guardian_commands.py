"""The commands by which the practice reviews who may act for whom."""

import re
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from portal.cli import main
from portal.domain.guardianship import Basis
from portal.services import guardians
from portal.services.guardians import Requested, Wanted
from portal.storage.audit import Audit
from portal.storage.engine import begin_write, open_engine, sessions
from portal.storage.people import GuardianLink, GuardianRequest
from tests.clinic import Clinic, build
from tests.databases import Databases
from tests.links import is_born
from tests.stored import rows


@pytest.fixture
def engine(sqlite: Databases, monkeypatch: pytest.MonkeyPatch) -> Engine:
    url = sqlite.migrated()
    monkeypatch.setenv("PORTAL_DATABASE_URL", url)
    return open_engine(url)


@pytest.fixture
def clinic(engine: Engine) -> Clinic:
    with sessions(engine).begin() as session:
        begin_write(session)
        return build(session)


@pytest.fixture
def asked(engine: Engine, clinic: Clinic) -> str:
    """The id of a request of Ada's to care for Nia."""
    wanted = Wanted("Nia Berg", date(2021, 11, 5), "aunt", Basis.LEGAL_GUARDIAN, "Papers")
    with sessions(engine).begin() as session:
        begin_write(session)
        outcome = guardians.request(session, clinic.actor("ada"), wanted, "UTC", datetime.now(UTC))
    assert isinstance(outcome, Requested)
    return str(outcome.request_id)


def guardian(*words: object) -> Result:
    return CliRunner().invoke(main, ["guardian", *map(str, words)])


def test_requests_and_links_are_listed(asked: str, clinic: Clinic) -> None:
    lines = guardian("list").stdout.splitlines()
    assert lines[1].startswith(f"{asked}  requested  legal_guardian  Ada Berg <ada@example.org>, aunt of Nia Berg, born 2021-11-05: Papers")
    assert len(lines) == 5
    assert len(guardian("list", "--patient", clinic.patient("leo")).stdout.splitlines()) == 3
    assert len(guardian("list", "--state", "ended").stdout.splitlines()) == 1


def test_a_request_is_approved_for_a_patient(asked: str, clinic: Clinic, engine: Engine) -> None:
    words = ("--by", "Dr Chen", "--evidence", "Seen", "--patient", clinic.patient("nia"), "--scopes", "booking", "--until", "2030-01-31")
    said = guardian("approve", asked, *words).stdout
    assert re.fullmatch(r"The link [0-9a-f-]{36} is active\.\n", said)
    made = next(row for row in rows(engine, GuardianLink) if row["user_id"] == clinic.user("ada"))
    assert [made[name] for name in ("scopes", "checked_by", "ends_at")] == ["see book cancel", "Dr Chen", datetime(2030, 2, 1, 5, tzinfo=UTC)]
    assert [(row["door"], row["name"]) for row in rows(engine, Audit)] == [("command", "Dr Chen")]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--evidence", "Seen"), "this change is not possible for it; for a request name --patient ID or --new-patient"),
        (("--evidence", " ", "--new-patient"), "a reason, or what the evidence is, must be given"),
        (("--evidence", "Seen", "--new-patient", "--scopes", "book"), "the scopes must include see"),
        (("--evidence", "Seen", "--new-patient", "--agreed"), "the patient is not of the age to be asked for agreement"),
    ],
)
def test_an_approval_that_cannot_be_says_why_and_changes_nothing(words: tuple[str, ...], says: str, asked: str, engine: Engine) -> None:
    before = rows(engine, GuardianLink)
    result = guardian("approve", asked, "--by", "Dr Chen", *words)
    assert (result.exit_code, result.stderr) == (1, f"portal: {says}\n")
    assert (rows(engine, GuardianLink), rows(engine, Audit)) == (before, [])


def test_a_request_is_refused_with_a_reason(asked: str, engine: Engine) -> None:
    assert guardian("refuse", asked, "--by", "Dr Chen", "--reason", "No papers").stdout == f"The request {asked} is refused.\n"
    assert [(row["state"], row["reason"], row["decided_by"]) for row in rows(engine, GuardianRequest)] == [("refused", "No papers", "Dr Chen")]
    assert guardian("refuse", asked, "--by", "Dr Chen", "--reason", "No papers").exit_code == 1


def test_a_link_is_suspended_approved_again_and_ended(clinic: Clinic) -> None:
    link_id, why = clinic.link("maya", "leo"), ("--by", "Dr Chen", "--reason", "A dispute")
    said = [
        guardian("suspend", link_id, *why),
        guardian("approve", link_id, "--by", "Dr Chen", "--evidence", "Settled"),
        guardian("end", link_id, *why),
        guardian("suspend", link_id, *why),
    ]
    assert [result.stdout.rpartition(" is ")[2] for result in said] == ["suspended.\n", "active.\n", "ended.\n", ""]


def test_an_agreement_is_written_down_at_the_desk(clinic: Clinic, engine: Engine) -> None:
    is_born(engine, clinic, "leo", date(datetime.now(UTC).year - 14, 1, 1))
    words = ("--by", "Dr Chen", "--evidence", "Leo was here", "--agreed")
    assert guardian("approve", clinic.link("maya", "leo"), *words).exit_code == 0
    assert [row["deed"] for row in rows(engine, Audit)] == ["agreed"]


@pytest.mark.usefixtures("clinic")
@pytest.mark.parametrize(
    "words", ["suspend {id} --by x", "end {id} --reason x", "approve {id} --by x", "approve x --by x --evidence x", "list --state x"]
)
def test_what_is_left_out_or_is_no_id_is_a_usage_error(words: str) -> None:
    assert guardian(*words.format(id="00000000-0000-4000-8000-000000000000").split()).exit_code == 2


@pytest.mark.usefixtures("clinic")
def test_an_unknown_id_is_told_in_one_line() -> None:
    result = guardian("end", "00000000-0000-4000-8000-000000000000", "--by", "Dr Chen", "--reason", "x")
    assert (result.exit_code, result.stderr) == (1, "portal: there is no such request, link or patient\n")


@pytest.mark.usefixtures("clinic")
def test_a_sweep_says_what_it_did() -> None:
    assert guardian("sweep").stdout == "Links that have ended: 0. Birthdays of which people were told: 0.\n"


@pytest.mark.usefixtures("clinic")
def test_housekeeping_sweeps_too() -> None:
    assert CliRunner().invoke(main, ["housekeeping"]).stdout.splitlines() == [
        "Links that have ended: 0. Birthdays of which people were told: 0.",
        "Offers and holds that have passed: 0. Who waits no more: 0.",
    ]
