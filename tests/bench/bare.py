"""The rivals: a bare Flask answer, and a Flask route with one guarded durable insert, under the portal's server settings.

Nothing of the portal is imported here, so that start and memory are those of Flask and the server alone.
"""

import json
import os
import sqlite3
import sys
import threading
from typing import Any

import pysqlite3
from flask import Flask, request
from flask.typing import ResponseReturnValue
from gunicorn.app.base import BaseApplication

SCHEMA = "CREATE TABLE IF NOT EXISTS booking (provider TEXT, start TEXT, patient TEXT, reason TEXT, PRIMARY KEY (provider, start)) WITHOUT ROWID"
_INSERT = "INSERT INTO booking (provider, start, patient, reason) VALUES (:provider, :start, :patient, :reason)"


def create_app(database: str) -> Flask:
    """Return the application; the insert goes into an SQLite file."""
    app = Flask("bare")
    held = threading.local()

    @app.get("/")
    def hello() -> str:
        return "Hello, world"

    @app.post("/insert")
    def insert() -> ResponseReturnValue:
        booking = request.get_json()
        if not hasattr(held, "connection"):
            held.connection = connect(database)
        try:
            held.connection.execute("BEGIN IMMEDIATE")
            held.connection.execute(_INSERT, booking)
            held.connection.execute("COMMIT")
        except pysqlite3.IntegrityError:
            held.connection.execute("ROLLBACK")
            return {"booked": False}, 409
        return {"booked": True, **booking}

    return app


def connect(database: str) -> sqlite3.Connection:
    """Open the file as the portal opens its own: a write-ahead log, and every commit on disk before it is acknowledged."""
    connection: sqlite3.Connection = pysqlite3.connect(database, timeout=5, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=1"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, settings: dict[str, Any], database: str) -> None:
        self._settings = settings
        self._database = database
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self._database)


if __name__ == "__main__":
    _Server(json.loads(os.environ["BENCH_SETTINGS"]), sys.argv[1]).run()
