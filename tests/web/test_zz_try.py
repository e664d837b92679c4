import pytest
@pytest.mark.parametrize("q", ["\xff", "\xe6\x97\xa5", "a=%ff", "step=x", "self=x", "a=%00", "%0d%0aX-Evil:1"])
@pytest.mark.parametrize("u", ["/appointments", "/sign-in", "/nope", "/booking/time","/booking/provider"])
def test_q(stranger, maya, app, leo, q, u):
    if u.startswith("/booking/"): u = f"/booking/{leo['patient_id']}/{leo['draft_id']}/"+u.split("/")[-1]
    import inspect
    for v in (stranger, maya):
        c = inspect.getclosurevars(v.ask).nonlocals["client"]
        r = c.get(u, environ_overrides={"QUERY_STRING": q}); print(r.status, r.location)
        r = c.get(u, environ_overrides={"QUERY_STRING": q}, headers={"HX-Request":"true"}); print(r.status, r.headers.get("HX-Replace-Url"), r.headers.get("HX-Redirect"))
@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_nul(stranger):
    p = stranger.page("/sign-in")
    r = stranger.send(p, "email", email="a\0b@x.org", password="x")
    print(r.status)
