import json
import logging

import pytest

from portal.services.events import TEXT_MAX, Event, note
from tests.clinic import NOW
from tests.domain.samples import name


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "portal.events")
    return caplog


def test_16_2_1_an_event_says_what_when_who_and_from_where(lines: pytest.LogCaptureFixture) -> None:
    note(Event.SIGN_IN, NOW, actor=name("ada"), address="192.0.2.1")
    [line] = lines.messages
    told = {"at": "2027-03-01T08:00:00+00:00", "event": "sign_in", "outcome": "done", "actor": str(name("ada")), "address": "192.0.2.1"}
    assert json.loads(line) == told


@pytest.mark.parametrize("text", ["a\r\nb", "a\nb", "a\u2028b", "a\x1b[2Jb", "a\x00b"])
def test_16_4_1_no_text_makes_a_second_line(text: str, lines: pytest.LogCaptureFixture) -> None:
    note(Event.SIGN_IN_FAILED, NOW, "refused", subject=text)
    [line] = lines.messages
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["subject"] == text


def test_a_long_text_is_cut_and_what_is_not_known_is_left_out(lines: pytest.LogCaptureFixture) -> None:
    note(Event.SIGN_OUT, NOW, actor=None, subject="x" * 1000)
    [line] = lines.messages
    assert json.loads(line) | {"subject": "x" * TEXT_MAX} == json.loads(line)
    assert "actor" not in line
