"""Cookies that are not ours."""

import pytest
from flask import Flask


@pytest.mark.parametrize("cookie", ["x=\x80", "portal=\xff\xfe", "=;;=", "portal"])
def test_a_cookie_of_any_bytes_keeps_nobody_out(cookie: str, app: Flask) -> None:
    assert app.test_client().get("/sign-in", headers={"Cookie": cookie}).status_code == 200
