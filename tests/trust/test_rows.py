"""Every row of the security checklist and of the failures of comparable systems is the name of a test."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
# Rows of the checklist by the id of the standard (OWASP ASVS 5.0), and what went wrong elsewhere by its number.
ROWS = (
    *("1.2.1", "1.2.4", "1.2.10", "1.3.12", "1.5.2", "1.5.3", "2.2.1", "2.3.1", "2.3.3", "2.3.4", "2.4.1", "3.2.1"),
    *("3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.4.1", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.4.8", "3.5.1", "3.5.2", "3.5.3", "3.6.1", "3.7.2"),
    *("4.1.1", "4.1.3", "4.1.4", "4.2.1", "7.4.1", "7.4.2", "8.1.1", "8.2.1", "8.2.2", "8.2.3", "8.3.2", "8.4.1", "10.4.4", "11.4.2", "11.5.1"),
    *("13.4.1", "13.4.2", "13.4.4", "13.4.5", "13.4.6", "14.2.1", "14.3.1", "14.3.2", "14.3.3", "15.2.1", "15.2.2", "15.3.1", "15.3.3"),
    *("15.3.4", "15.3.5", "15.3.7", "15.4.2", "16.2.1", "16.2.5", "16.3.1", "16.4.1", "16.4.2", "16.5.1", "16.5.3", "1.3.11"),
    *("6.2.1", "6.2.2", "6.2.4", "6.2.5", "6.2.6", "6.2.9", "6.2.12", "6.3.1", "6.3.2", "6.3.3", "6.3.7", "6.3.8", "6.4.1", "6.4.3"),
    *("6.5.1", "6.5.3", "6.5.5", "6.6.3", "7.2.1", "7.2.4", "7.3.1", "7.4.3", "7.5.1", "8.3.1"),
)
FAILURES = (*range(1, 8), *range(9, 37))


def _names() -> list[str]:
    trees = (ast.parse(path.read_text()) for path in TESTS.rglob("test_*.py"))
    found = (node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return [f"{name}_" for name in found if name.startswith("test_")]


NAMES = _names()


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_checklist_has_a_test(row: str) -> None:
    assert [name for name in NAMES if f"_{row.replace('.', '_')}_" in name]


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_of_others_has_a_test(failure: int) -> None:
    assert [name for name in NAMES if f"past_{failure}_" in name.replace("past_1_2_", "past_1_past_2_").replace("past_4_26_", "past_4_past_26_")]
