"""Using a page by keyboard alone: Tab, arrows, Space and Enter, and at every stop the focus can be seen."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

STOPS_MAX = 60
# Where the focus is: whether a ring is drawn on the control or on the face that its label gives it, and whether that is on
# top at its middle, on the screen.
FOCUS = """() => {
  const on = document.activeElement;
  const faces = [on, on.nextElementSibling, ...(on.labels || [])].filter(Boolean);
  // Within a date field the browser gives the focus to a calendar button of its own, draws its ring, and says the field has none.
  const own = on.type === 'date' && !on.matches(':focus');
  const ringed = own || faces.some(face => {
    const style = getComputedStyle(face);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
  const box = on.getClientRects()[0];
  const top = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const clear = Boolean(top) && faces.some(face => face.contains(top));
  return { name: on.outerHTML.slice(0, 120), ringed, clear };
}"""


@dataclass
class Keys:
    """The keyboard on a page; counts what is pressed."""

    page: Page
    presses: int = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.presses += 1

    def tab_to(self, target: Locator) -> None:
        """Tab forward until a control has the focus."""
        target.wait_for()
        for _stop in range(STOPS_MAX):
            self.press("Tab")
            self.expect_focus_seen()
            if target.evaluate("control => control === document.activeElement"):
                return
        raise AssertionError(f"Tab never reached {target}")

    def expect_focus_seen(self) -> None:
        focus = self.page.evaluate(FOCUS)
        assert focus["ringed"], f"no ring on {focus['name']}"
        assert focus["clear"], f"something covers {focus['name']}"

    def use_link(self, name: str, address: str) -> None:
        self._use(self.page.get_by_role("link", name=name, exact=True), address)

    def use_button(self, name: str, address: str) -> None:
        self._use(self.page.get_by_role("button", name=name, exact=True), address)

    def _use(self, target: Locator, address: str) -> None:
        self.tab_to(target)
        self.press("Enter")
        self.page.wait_for_url(address)

    def choose(self, name: str, from_first: str = "") -> None:
        """Choose a radio: Tab enters the group at its first one, arrows move on from there."""
        radio = self.page.get_by_role("radio", name=name)
        if from_first:
            self.tab_to(self.page.get_by_role("radio", name=from_first))
            while not radio.is_checked():
                self.press("ArrowDown")
                self.expect_focus_seen()
        else:
            self.tab_to(radio)
            self.press("Space")
        expect(radio).to_be_checked()

    def select(self, label: str, option: str) -> None:
        """Move down a select until it shows an option."""
        control = self.page.get_by_label(label)
        self.tab_to(control)
        for _option in range(STOPS_MAX):
            if control.evaluate("select => select.selectedOptions[0].label") == option:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{label} never showed {option}")
