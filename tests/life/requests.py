"""What a practice decides about requests, each step in the services and in the model."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from portal.domain.audit import Door, Origin
from portal.services import deciding
from portal.services.booking import Refused
from portal.services.deciding import Decided
from tests.life.visits import Visits
from tests.life.waits import Waits

# What nobody asks for.
NEVER = (datetime.max.replace(tzinfo=UTC), None)
DESK = Origin(Door.COMMAND, name="Rosa")


class Life(Waits):
    """All that people and the practice do with appointments."""

    @rule(visit_id=Visits.visits, second=st.booleans())
    def confirm(self, visit_id: UUID | None, second: bool) -> None:  # noqa: FBT001 - hypothesis calls it by name
        if visit_id is None:
            return
        model, visit = self.model, self.model.visits[visit_id]
        outcome = self._done(lambda: deciding.confirm(self.session, visit_id, DESK, model.now, second=second))
        start = visit.other if second else visit.starts_at
        if not (visit.live and visit.requested) or start is None or start <= model.now:
            assert isinstance(outcome, Refused)
            return
        assert outcome == Decided(visit_id)
        # Of a request that was moved the time alone was kept.
        moved_to = None if visit.moved_to is None else (start, None) if start == visit.moved_to[0] else NEVER
        model.visits[visit_id] = replace(visit, starts_at=start, requested=False, other=None, moved_to=moved_to)
        self._freed(visit)

    @rule(visit_id=Visits.visits)
    def turn_down(self, visit_id: UUID | None) -> None:
        if visit_id is None:
            return
        visit = self.model.visits[visit_id]
        outcome = self._done(lambda: deciding.decline(self.session, visit_id, DESK, "Away", self.model.now))
        if not (visit.live and visit.requested):
            assert isinstance(outcome, Refused)
            return
        assert outcome == Decided(visit_id)
        self.model.visits[visit_id] = replace(visit, live=False, declined=True)
        self._freed(visit)
