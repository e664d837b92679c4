"""Chapter 1: what people type is a text wherever it goes."""

import ast
import importlib
import re
import time
from collections.abc import Iterator

import pytest

from tests.house.source import calls, modules

LONG = 50_000
SECONDS_MAX = 0.05
PIECES = ("a", " ", "\t", "0", "-", ".", "/", "\\", '"', ",", ";", "=", "_", "%", "\u0661", "a ", "a.", "00:", "-1", "a=b&", "pap_")
FROM_OUTSIDE = ("pickle.", "marshal.", "shelve.", "yaml.", "eval", "exec")


def _patterns() -> Iterator[tuple[str, "re.Pattern[str]"]]:
    for name, tree in modules().items():
        if any(isinstance(node, ast.Attribute) and ast.unparse(node) == "re.compile" for node in ast.walk(tree)):
            found = vars(importlib.import_module(name)).items()
            yield from ((f"{name}.{word}", value) for word, value in found if isinstance(value, re.Pattern) and isinstance(value.pattern, str))


PATTERNS = dict(_patterns())


def _sql_of(node: ast.Call) -> bool:
    return ast.unparse(node.func).rpartition(".")[2] in ("text", "execute", "exec_driver_sql")


@pytest.mark.parametrize("name", modules())
def test_1_2_4_no_statement_is_put_together_from_texts(name: str) -> None:
    sent = [node for node in ast.walk(modules()[name]) if isinstance(node, ast.Call) and _sql_of(node) and node.args]
    assert [ast.unparse(node) for node in sent if isinstance(node.args[0], ast.JoinedStr | ast.BinOp) and name != "portal.storage.engine"] == []


@pytest.mark.parametrize("name", modules())
def test_1_5_2_nothing_from_outside_becomes_code_or_objects(name: str) -> None:
    assert [call for call in calls(name) if call[1].startswith(FROM_OUTSIDE[:-2]) or call[1] in FROM_OUTSIDE] == []


def test_there_are_patterns_to_try() -> None:
    assert len(PATTERNS) > 5


@pytest.mark.parametrize("name", PATTERNS)
def test_1_3_12_no_pattern_takes_long_on_a_long_text(name: str) -> None:
    for piece in PIECES:
        text = (piece * LONG)[:LONG]
        for ending in ("", "!", "\n"):
            started = time.process_time()
            PATTERNS[name].match(text + ending)
            PATTERNS[name].fullmatch(text + ending)
            assert time.process_time() - started < 2 * SECONDS_MAX, (piece, ending)
