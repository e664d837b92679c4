"""What the portal costs beside Flask alone before it does anything: start, memory, and signing in."""

import time
from statistics import median
from urllib.parse import urlencode

from portal.services import passwords
from tests.bench import load, serving
from tests.bench.practice import PASSWORD, email
from tests.bench.report import Row
from tests.bench.scene import Scene
from tests.bench.taking import ratio
from tests.bench.visitors import BROWSER, FORM, Browser

STARTS = 3
SIGN_INS = 60
_MIB = 1024 * 1024


def start(scene: Scene) -> Row:
    """Measure the time from the command to the first answer: the sign-in page, and the bare answer."""
    portal, bare = [], []
    for _ in range(STARTS):
        with serving.portal(scene.practice.url) as server:
            portal.append(server.seconds_to_answer)
        with serving.bare(scene.folder / "bare.db") as server:
            bare.append(server.seconds_to_answer)
    detail = f"{median(portal):.2f} s against {median(bare):.2f} s"
    return Row("cold start ÷ bare Flask's", ratio(portal, bare), 3.5, 2.5, detail)


def memory(scene: Scene) -> Row:
    """Measure the memory of both servers, after the load that went before."""
    portal, bare = scene.portal.memory(), scene.bare.memory()
    detail = f"{portal / _MIB:.0f} MiB against {bare / _MIB:.0f} MiB, {serving.WORKERS} workers and their parent, after load"
    return Row("memory (PSS) ÷ bare Flask's", portal / bare, 2.0, 1.6, detail)


def sign_in(scene: Scene) -> Row:
    """Measure a sign-in over HTTP against one verification of its password, in turns."""
    form = Browser(scene.portal.url).form("/sign-in")
    stored = passwords.hash_password(PASSWORD)
    signed_in, verified = [], []
    for number in range(SIGN_INS):
        fields = {"csrf_token": form.token, "email": email(number), "password": PASSWORD}
        headers = {**BROWSER, **FORM, "Cookie": form.cookies}
        answers = load.together(scene.portal.url, [load.request(f"{scene.portal.url}/sign-in", headers, urlencode(fields).encode())])
        if answers[0].status != 303:
            raise ValueError(f"a sign-in was answered with {answers[0].status}")
        signed_in.append(answers[0].seconds)
        started = time.perf_counter()
        passwords.verify(stored, PASSWORD)
        verified.append(time.perf_counter() - started)
    detail = f"{1000 * median(signed_in):.1f} ms against {1000 * median(verified):.1f} ms"
    return Row("sign-in p50 ÷ one argon2id verify", median(signed_in) / median(verified), 1.5, 1.2, detail)
