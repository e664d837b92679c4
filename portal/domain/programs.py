"""Client programs: in whose name one acts, by a key of one person or of a whole practice, and what it may do so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain.audit import NOWHERE, Origin
from portal.domain.guardianship import Act, Actor, Link, Subject, may


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a key: it acts in the name of a user, or with `actor` None in that of the practice itself."""

    account_id: UUID
    actor: Actor | None
    origin: Origin = NOWHERE

    @property
    def user_id(self) -> UUID | None:
        """The user in whose name it acts, or None."""
        return self.actor.user_id if self.actor else None

    def may(self, act: Act, subject: Subject, links: Iterable[Link], now: datetime) -> bool:
        """Tell whether it may do this for the patient: what its user may, or in the practice's name for any patient of the practice."""
        if self.account_id != subject.account_id:
            return False
        return self.actor is None or may(self.actor, act, subject, links, now)
