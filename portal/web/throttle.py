"""Keeping people to their limits: what one of them writes is counted in the transaction that writes it."""

from typing import NoReturn

from flask import Flask, abort, current_app, make_response

from portal import context
from portal.domain.throttle import Limit, seconds_left
from portal.services import throttle
from portal.services.throttle import Pack, Packs
from portal.web.errors import too_many
from portal.web.visitor import visitor

_PACKS = "portal_page_packs"


def init_app(app: Flask) -> None:
    """Give each process of the application its own packs of what programs without a session read."""
    app.extensions[_PACKS] = Packs()


def count(what: str, limit: Limit) -> None:
    """Count one more of what the visitor writes, or answer 429: then nothing is written. What is refused for another reason leaves no count."""
    drawn = throttle.draw(context.db(), f"{what}:{visitor().user_id}", limit, context.now())
    if not drawn.calls:
        _refuse(drawn)


def count_read(subject: str, limit: Limit) -> None:
    """Count one more read of a program, drawn in packs of the limit, or answer 429."""
    packs: Packs = current_app.extensions[_PACKS]
    pack = packs.take(subject, context.now())
    if pack is None:
        pack = throttle.draw(context.begin_write(), subject, limit, context.now())
        context.commit()
        packs.put(pack, context.now())
        packs.take(subject, context.now())
    if not pack.calls:
        _refuse(pack)


def _refuse(spent: Pack) -> NoReturn:
    wait = seconds_left(spent.ends_at, context.now())
    context.release()
    abort(make_response(too_many(wait)))
