"""The table of the measurement: each row a goal, what was measured, and whether the goal is met."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One goal and what was measured. Where `aim` is above `must` more is better, else less; `shown` stands for a measure in words."""

    what: str
    measured: float
    must: float
    aim: float
    detail: str
    shown: str = ""
    unit: str = ""

    @property
    def met(self) -> str:
        """Which of the two goals is met."""
        if self._reaches(self.aim):
            return "aim"
        return "must" if self._reaches(self.must) else "**no**"

    def _reaches(self, goal: float) -> bool:
        return self.measured >= goal if self.aim > self.must else self.measured <= goal

    def cells(self) -> list[str]:
        """Return the texts of the row."""
        sign = "≥" if self.aim > self.must else "≤"
        goals = ["as said", "the same"] if self.shown else [f"{sign} {goal:g}{self.unit}" for goal in (self.must, self.aim)]
        return [self.what, self.shown or f"{self.measured:.2f}{self.unit}", *goals, self.met, self.detail]


HEADINGS = ("what", "measured", "must", "aim", "met", "figures of this run")


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [HEADINGS, ["---"] * len(HEADINGS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def progress(text: str) -> None:
    """Say how far the measurement is, apart from the table."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - a program for the terminal
