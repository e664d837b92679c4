"""Keeping callers to their limits: by key, and by the address that they call from."""

from http import HTTPStatus

from flask import Flask, Response, abort, current_app, g, request

from portal import context
from portal.api import errors
from portal.domain import throttle as limits
from portal.domain.throttle import Limit, network, seconds_left
from portal.services import events, keys, throttle
from portal.services.events import Event
from portal.services.throttle import Pack, Packs
from portal.storage.engine import UNAVAILABLE
from portal.storage.sign_ins import KeyFacts

EXTENSION = "portal_api_packs"


def init_app(app: Flask) -> None:
    """Give each process of the application its own packs of calls."""
    app.extensions[EXTENSION] = Packs()


def refuse_stranger(presented: str) -> Response:
    """Return 401; after too many wrong keys from an address 429, whoever sends them. To send no key at all is no try."""
    if not presented:
        return errors.denied()
    subject, now = f"failed:{_network()}", context.now()
    events.note(Event.KEY_REFUSED, now, "refused", address=_network())
    tried = _packs().peek(subject, now)
    if tried is None:
        tried = throttle.draw(context.begin_write(), subject, limits.FAILED_BY_ADDRESS, now)
        context.commit()
        if not tried.calls:
            _packs().put(tried, now)
    return errors.denied() if tried.calls else _too_many(tried)


def admit(key: KeyFacts) -> None:
    """Let a call through, or answer 429.

    What a person's key writes is counted with what it writes, so only a refusal of it counts here, when it has been refused.
    """
    if request.method == "GET" or key.user_id is None:
        if (spent := _ask(key)) is not None:
            abort(_too_many(spent))
        return
    for subject, _ in _asking(key):
        known = _packs().peek(subject, context.now())
        if known is not None and not known.calls:
            abort(_too_many(known))


def count_stored(key: KeyFacts) -> None:
    """Count a call that writes for a person, in the transaction of what it writes, or answer 429: refused calls leave no count."""
    if key.user_id is None:
        return
    drawn = throttle.draw(context.db(), f"stored:{key.id}", limits.STORED_BY_PERSON, context.now())
    if not drawn.calls:
        abort(_too_many(drawn))


def count_refusal(response: Response) -> Response:
    """Count a call of a person's key that was refused; beyond the limit the refusal becomes 429."""
    key: KeyFacts | None = g.get("key")
    refused = HTTPStatus.BAD_REQUEST <= response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    if key is None or key.user_id is None or request.method == "GET" or not refused or response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return response
    spent = _ask(key)
    return response if spent is None else _too_many(spent)


def _ask(key: KeyFacts) -> Pack | None:
    """Use one call of the key and of the address; return the pack that has none left, or None."""
    now = context.now()
    taken = {subject: _packs().take(subject, now) for subject, _ in _asking(key)}
    wanted = [(subject, limit) for subject, limit in _asking(key) if taken[subject] is None]
    drawn = _draw(key, wanted) if wanted else []
    return next((pack for pack in (*taken.values(), *drawn) if pack is not None and not pack.calls), None)


def _draw(key: KeyFacts, wanted: list[tuple[str, Limit]]) -> list[Pack]:
    """Draw new packs and use a call of each; where nothing can be written at this moment, they are had without a count."""
    now = context.now()
    try:
        session = context.begin_write()
        drawn = [throttle.draw(session, subject, limit, now) for subject, limit in wanted]
        throttle.remove_ended(session, now)
        keys.touch(session, key, now)
        context.commit()
    except UNAVAILABLE:
        context.release()
        drawn = [Pack(subject, limit.pack, limit.span_end(now)) for subject, limit in wanted]
    for pack in drawn:
        _packs().put(pack, now)
        _packs().take(pack.subject, now)
    return drawn


def _asking(key: KeyFacts) -> list[tuple[str, Limit]]:
    by_key = limits.ASKED_BY_ACCOUNT if key.user_id is None else limits.ASKED_BY_PERSON
    return [(f"asked:{key.id}", by_key), (f"asked:{_network()}", limits.ASKED_BY_ADDRESS)]


def _network() -> str:
    return network(request.remote_addr or "")


def _packs() -> Packs:
    held: Packs = current_app.extensions[EXTENSION]
    return held


def _too_many(spent: Pack) -> Response:
    return errors.too_many(seconds_left(spent.ends_at, context.now()))
