"""Who calls: the bearer key of a client program. Cookies never count at this door."""

from http import HTTPStatus
from uuid import UUID

from flask import abort, request

from portal import context
from portal.api import errors
from portal.domain.guardianship import Actor
from portal.domain.programs import Program
from portal.services import keys
from portal.storage import patients
from portal.storage.sign_ins import KeyFacts

SCHEME = "bearer "


def caller() -> KeyFacts:
    """Return the live key that the request carries in its one Authorization header, or answer 401."""
    header = request.headers.get("Authorization", "")
    found = keys.find(context.db(), header[len(SCHEME) :], context.now()) if header[: len(SCHEME)].lower() == SCHEME else None
    return found or abort(errors.denied())


def actor_for(key: KeyFacts, user_id: UUID, account_id: UUID) -> Actor:
    """Return the user in whose name the key may act, or answer 403, the same whether the user exists or not."""
    actor = patients.actor(context.db(), user_id) if key.user_id in (None, user_id) else None
    if actor is None or actor.account_id != key.account_id or account_id != key.account_id:
        abort(errors.denied(HTTPStatus.FORBIDDEN))
    return actor


def program_for(key: KeyFacts, user_id: UUID | None = None, account_id: UUID | None = None) -> Program:
    """Return in whose name the key acts, or answer 403: in its user's, or a key of an account in that of the user named, if any.

    Ids may be left out or empty; the others must be the key's own.
    """
    user, account = given(user_id) or key.user_id, given(account_id) or key.account_id
    if account != key.account_id:
        abort(errors.denied(HTTPStatus.FORBIDDEN))
    return Program(account, actor_for(key, user, account) if user else None)


def given(sent: UUID | None) -> UUID | None:
    """Return an id that was sent; the empty one of programs that cannot leave a member out is none."""
    return sent if sent is not None and sent.int else None
