"""The scene of the access matrix, one for each module of tests: what is let in may write there, what is refused must not."""

from collections.abc import Iterator

import pytest

from tests.access.scene import Scene, scene
from tests.databases import Databases


@pytest.fixture(scope="module", name="scene")
def shared_scene(sqlite: Databases) -> Iterator[Scene]:
    """The practice of the matrix, with everybody in it."""
    with scene(sqlite) as shared:
        yield shared
