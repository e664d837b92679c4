"""How fast times are shown, beside an answer of Flask alone."""

from tests.bench import load
from tests.bench.asks import fragments, pages
from tests.bench.report import Row
from tests.bench.scene import Scene
from tests.bench.taking import STRETCH_SECONDS, Stretch, figures, in_turns, measured, rates, ratio


def rows(scene: Scene) -> list[Row]:
    """Measure the part with a day's times, and the whole page."""
    portal, bare = scene.portal, scene.bare
    wanted = {
        "bare": (bare, [load.request(bare.url)]),
        "fragment": (portal, fragments(portal.url, scene.practice, scene.looks)),
        "page": (portal, pages(portal.url, scene.looks)),
    }

    def run(name: str) -> Stretch:
        server, requests = wanted[name]
        return measured(server, lambda: load.repeated(server.url, requests, STRETCH_SECONDS))

    found = in_turns({name: lambda name=name: run(name) for name in wanted})  # type: ignore[misc]  # a default binds the name of this turn

    def row(what: str, name: str, must: float, aim: float) -> Row:
        return Row(what, ratio(rates(found[name]), rates(found["bare"])), must, aim, figures(found[name], found["bare"]))

    return [
        row("times fragment of a provider and day ÷ bare Flask answer", "fragment", 0.35, 0.50),
        row("whole time page (ten days with counts, times) ÷ bare Flask answer", "page", 0.20, 0.30),
    ]
