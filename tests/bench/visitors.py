"""People who sign in to a running portal as a browser would, so that their requests can be measured."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from itertools import islice
from urllib.parse import urlencode, urlsplit

from portal.domain.guardianship import Actor
from tests.bench.practice import PASSWORD, Practice, email

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Accept": "text/html,*/*;q=0.8"}
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser: whose it is, its cookies, and the token of its forms."""

    actor: Actor
    cookies: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What the browser sends with every request."""
        return {**BROWSER, "Cookie": self.cookies}


@dataclass(frozen=True, slots=True)
class Form:
    """A page with a form: where it is sent, the cookies to send with it, and its token."""

    path: str
    cookies: str
    token: str


class Browser:
    """The few requests that are made before anything is measured."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc)
        self._cookies: dict[str, str] = {}

    def sign_in(self, number: int, actor: Actor) -> Visitor:
        """Sign a person in as they would."""
        form = self.form("/sign-in")
        fields = {"csrf_token": form.token, "email": email(number), "password": PASSWORD}
        self._answer("POST", "/sign-in", urlencode(fields), {**FORM, "Cookie": form.cookies})
        signed_in = self.form("/appointments")
        return Visitor(actor, signed_in.cookies, signed_in.token)

    def form(self, path: str) -> Form:
        """Return the form of a page."""
        token = _TOKEN.search(self._answer("GET", path, None, {"Cookie": self._sent}))
        if token is None:
            raise LookupError(f"there is no form at {path}")
        return Form(path, self._sent, token[1])

    @property
    def _sent(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _answer(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> str:
        self._connection.request(method, path, body, {**BROWSER, **headers})
        with self._connection.getresponse() as answer:
            self._keep(answer)
            return answer.read().decode()

    def _keep(self, answer: HTTPResponse) -> None:
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value


def sign_in(url: str, practice: Practice, number: int) -> list[Visitor]:
    """Return the first people of a practice, signed in."""
    return [Browser(url).sign_in(place, actor) for place, actor in enumerate(islice(practice.people, number))]
