"""The watch over pages sees what it is there to see; without this the other tests would prove nothing."""

import pytest

from tests.browser.browsing import Browsing
from tests.browser.everywhere import axe_findings
from tests.browser.states import STATES


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        ("document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }))", "Content Security Policy"),
        ("document.body.setAttribute('style', 'color: red')", "Content Security Policy"),
        ("setTimeout(() => { throw new Error('broken'); })", "broken"),
        ("console.error('oh no')", "oh no"),
        ("fetch('/nothing')", "404"),
        ("document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.2:9/x.png' }))", "another host"),
    ],
)
def test_a_fault_on_a_page_is_heard(browsing: Browsing, fault: str, heard: str) -> None:
    page = browsing.page()
    page.goto("/sign-in")
    with page.expect_event("console", predicate=None) if "Error" not in fault else page.expect_event("pageerror"):
        page.evaluate(f"() => {{ {fault} }}")
    assert any(heard in complaint for complaint in browsing.watch.complaints)
    browsing.watch.expect("")


def test_axe_finds_a_fault(browsing: Browsing) -> None:
    page = browsing.page()
    page.goto("/sign-in")
    page.locator("label").first.evaluate("label => label.remove()")
    assert "label" in {finding.partition(":")[0] for finding in axe_findings(page)}


def test_states_have_names_of_their_own() -> None:
    assert len({state.name for state in STATES}) == len(STATES)
