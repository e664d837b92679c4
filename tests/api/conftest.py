"""Fixtures of the tests that go through the JSON call: the portal on a small practice, and client programs with their keys."""

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.api.caller import Caller, key_of
from tests.clinic import NOW, Clinic
from tests.web.conftest import app, clock, databases, meanwhile

__all__ = ["app", "clock", "databases", "meanwhile"]


@pytest.fixture
def ada(app: Flask, clinic: Clinic, engine: Engine) -> Caller:
    """A program with Ada's key."""
    return Caller(app, key_of(engine, clinic, "ada", NOW))


@pytest.fixture
def maya(app: Flask, clinic: Clinic, engine: Engine) -> Caller:
    """A program with the key of Maya, the guardian of Leo and Nia."""
    return Caller(app, key_of(engine, clinic, "maya", NOW))


@pytest.fixture
def practice(app: Flask, clinic: Clinic, engine: Engine) -> Caller:
    """A program with a key for every user of the practice."""
    return Caller(app, key_of(engine, clinic, None, NOW))
