"""Made-up second factors, and the pages about them with these contents."""

from collections.abc import Callable
from datetime import timedelta

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from portal.domain.second_factor import CODE_BYTES, recovery_code
from portal.domain.second_factor import CODES as CODES_MADE
from portal.services.second_factor import Factors
from portal.storage.factors import App, PasskeyEntry
from tests.web.sample_facts import CREATED, made, uid

RULES = {
    "second_step.page": "/sign-in/second",
    "second_step.by_passkey": "/sign-in/second/passkey",
    "second_step.passkey": "/sign-in/passkey",
    "second_step.options": "/sign-in/passkey/options",
    "two_step.page": "/account/two-step",
    "two_step.begin": "/account/two-step",
    "two_step.confirm": "/account/two-step/app",
    "two_step.ask_to_remove_app": "/account/two-step/app/remove",
    "two_step.remove_app": "/account/two-step/app/remove",
    "two_step.passkey": "/account/two-step/passkeys",
    "two_step.add_passkey": "/account/two-step/passkeys",
    "two_step.options": "/account/two-step/passkeys/options",
    "two_step.ask_to_remove_passkey": "/account/two-step/passkeys/remove",
    "two_step.remove_passkey": "/account/two-step/passkeys/remove",
    "two_step.ask_for_codes": "/account/two-step/codes",
    "two_step.make_codes": "/account/two-step/codes",
}


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    code = StringField("Code from your app", [InputRequired("The code is not right, or it was used before")])
    recovery = StringField("Recovery code")
    next = HiddenField()


class AddPasskeyForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    name = StringField("Name of this passkey")


PASSKEYS = [
    PasskeyEntry(uid("phone"), uid("sofia"), "a", b"", "My phone", CREATED, CREATED + timedelta(days=3)),
    PasskeyEntry(uid("laptop"), uid("sofia"), "b", b"", "Laptop", CREATED, None),
]
FACTORS = Factors(App("JBSW" * 8, CREATED, CREATED, 1), PASSKEYS, 9)
NO_FACTORS = Factors(None, [], 0)
CODES = [recovery_code(bytes([number] * CODE_BYTES)) for number in range(CODES_MADE)]


def _second(form: FlaskForm) -> dict[str, object]:
    return {"form": form, "has_app": True, "options": '{"rpId": "localhost"}', "passkey_host": "localhost", "problems": []}


def _app(form: FlaskForm) -> dict[str, object]:
    return {"form": form, "secret": "JBSW Y3DP", "path": "M4 4h7v1h-7z", "size": 41}


SAMPLES: dict[str, tuple[str, Callable[[], dict[str, object]]]] = {
    "sign-in-second": ("sign_in/second.html", lambda: _second(made(CodeForm))),
    "sign-in-second-failed": ("sign_in/second.html", lambda: {**_second(made(CodeForm, failed=True)), "failed": True}),
    "two-step": ("two_step/two_step.html", lambda: {"found": FACTORS, "must_begin": False, "passkeys_work": True}),
    "two-step-to-begin": ("two_step/two_step.html", lambda: {"found": NO_FACTORS, "must_begin": True, "passkeys_work": False}),
    "two-step-app": ("two_step/app.html", lambda: _app(made(CodeForm))),
    "two-step-app-failed": ("two_step/app.html", lambda: {**_app(made(CodeForm, failed=True)), "failed": True}),
    "two-step-app-remove": ("two_step/remove_app.html", lambda: {"form": made(FlaskForm), "problems": []}),
    "two-step-app-needed": ("two_step/remove_app.html", lambda: {"form": made(FlaskForm), "problems": ["You need it."], "failed": True}),
    "two-step-passkey": ("two_step/passkey.html", lambda: {"form": made(AddPasskeyForm), "passkey_host": "localhost", "problems": []}),
    "two-step-passkey-nowhere": ("two_step/passkey.html", lambda: {"form": made(AddPasskeyForm), "passkey_host": "", "problems": []}),
    "two-step-passkey-remove": ("two_step/remove_passkey.html", lambda: {"form": made(FlaskForm), "entry": PASSKEYS[0], "problems": []}),
    "two-step-codes": ("two_step/codes.html", lambda: {"codes": CODES}),
    "two-step-new-codes": ("two_step/new_codes.html", dict),
}
