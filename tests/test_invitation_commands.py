"""The commands by which the practice finds a patient and hands out a code."""

import re
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from portal.cli import main
from portal.domain.invitations import digest
from portal.storage.audit import Audit
from portal.storage.proofs import Invitation
from tests.clinic import Clinic
from tests.databases import Databases
from tests.stored import rows


@pytest.fixture
def databases(sqlite: Databases) -> Databases:
    return sqlite


@pytest.fixture(autouse=True)
def address(database_url: str, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - the practice must be there first
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)


def portal(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.mark.parametrize(("words", "role"), [([], "self"), (["--guardian"], "guardian")])
def test_a_code_is_shown_once_and_kept_as_a_digest(words: list[str], role: str, clinic: Clinic, engine: Engine) -> None:
    told = portal("invitation", "issue", "--patient", str(clinic.patient("leo")), "--by", " Iris  at the desk ", *words)
    code = told.stdout.strip()
    assert re.fullmatch(r"([2-9B-Z]{4}-){3}[2-9B-Z]{4}", code)
    [row] = rows(engine, Invitation)
    assert (row["code_hash"], row["role"], row["created_by"], row["tries"]) == (digest(code), role, "Iris at the desk", 0)
    [entry] = rows(engine, Audit)
    assert (entry["deed"], entry["door"], entry["name"], entry["actor_id"]) == ("invited", "command", "Iris at the desk", None)


def test_nobody_is_invited_to_a_patient_who_is_not_there(engine: Engine) -> None:
    unknown = uuid4()
    told = portal("invitation", "issue", "--patient", str(unknown), "--by", "Iris")
    assert (told.exit_code, told.stderr) == (1, f"portal: there is no patient with the id {unknown}\n")
    assert rows(engine, Invitation) == []


@pytest.mark.parametrize("words", [[], ["--by", " "]])
def test_a_code_is_handed_out_by_somebody(words: list[str], clinic: Clinic, engine: Engine) -> None:
    assert portal("invitation", "issue", "--patient", str(clinic.patient("leo")), *words).exit_code == 2
    assert rows(engine, Invitation) == []


def test_patients_are_found_by_a_part_of_their_name(clinic: Clinic) -> None:
    told = portal("patient", "list", "aDa b").stdout.splitlines()
    assert told[1:] == [f"{clinic.patient('ada')}  1988-05-02  {'Ada Berg':30}  ada@example.org"]
    assert len(portal("patient", "list").stdout.splitlines()) == 7
    assert portal("patient", "list", "%").stdout.splitlines()[1:] == []
