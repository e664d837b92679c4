import pytest

from portal.web.permissions import Answer
from tests.access.half import HALF_WAY
from tests.access.people import Part
from tests.access.scene import Scene
from tests.access.test_pages import answered
from tests.stored import everything
from tests.web.routes import PRIVATE


@pytest.mark.parametrize("half", HALF_WAY)
def test_past_10_nothing_opens_for_somebody_half_way(half: str, scene: Scene) -> None:
    client, part = HALF_WAY[half](scene), Part("ada")
    before = everything(scene.engine)
    for route in PRIVATE:
        url = route.url(scene.ids(part, route.endpoint))
        assert answered(scene.ask(client, route.method, url, scene.fields(part)), route) is Answer.SIGN_IN, route
    assert everything(scene.engine) == before
