"""Pages of people who join or change what they sign in with, with made-up contents: a part of samples.py."""

from collections.abc import Callable
from datetime import date

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import InputRequired

Sample = tuple[str, Callable[[], dict[str, object]]]
_RULES = "At least 15 characters."
_BORN = date(1991, 4, 9)


class SignUpForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    name = StringField("Full name", [InputRequired("Enter a name")])
    birth_month = StringField("Month", [InputRequired("Enter the date of birth")])
    birth_day = StringField("Day")
    birth_year = StringField("Year")
    email = EmailField("Email address", [InputRequired("Enter your email address")])
    password = PasswordField("Password", [InputRequired("Enter a password")])
    code = StringField("Code from the practice")


class EmailForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    email = EmailField("Email address", [InputRequired("Enter your email address")])


class PasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    present = PasswordField("Present password", [InputRequired("Enter your present password")])
    password = PasswordField("New password", [InputRequired("Enter a password")])


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    code = StringField("Code", [InputRequired("Enter the code")])
    birth_month = StringField("Month", [InputRequired("Enter the date of birth")])
    birth_day = StringField("Day")
    birth_year = StringField("Year")


class NewPatientForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    given_name = StringField("Given name")
    family_name = StringField("Family name")


def samples(made: Callable[..., FlaskForm]) -> dict[str, Sample]:
    """Return what people see who make an account, or change what they sign in with; `made` makes a form."""
    return {
        "sign-in-sign-up": ("sign_up/sign_up.html", lambda: {"form": made(SignUpForm), "rules": _RULES, "code_needed": False}),
        "sign-in-sign-up-failed": (
            "sign_up/sign_up.html",
            lambda: {"form": made(SignUpForm, failed=True), "rules": _RULES, "code_needed": True, "failed": True},
        ),
        "sign-in-sign-up-sent": ("sign_up/sent.html", dict),
        "sign-in-confirm": ("sign_up/confirm.html", lambda: {"name": "Noa Lind", "email": "noa@example.org"}),
        "sign-in-made": ("sign_up/done.html", lambda: {"sign_in_url": "/sign-in"}),
        "sign-in-reset": ("reset/reset.html", lambda: {"form": made(EmailForm)}),
        "sign-in-reset-failed": ("reset/reset.html", lambda: {"form": made(EmailForm, failed=True), "failed": True}),
        "sign-in-reset-sent": ("reset/sent.html", dict),
        "sign-in-reset-new": ("reset/new.html", lambda: {"form": made(PasswordForm), "rules": _RULES, "email": "noa@example.org"}),
        "sign-in-reset-done": ("reset/done.html", dict),
        "sign-in-link-ended": ("links/ended.html", lambda: {"again_url": "/reset"}),
        "password": ("account/password.html", lambda: {"form": made(PasswordForm), "rules": _RULES, "email": "noa@example.org"}),
        "password-failed": (
            "account/password.html",
            lambda: {"form": made(PasswordForm, failed=True), "rules": _RULES, "email": "noa@example.org", "failed": True},
        ),
        "password-changed": ("account/password_changed.html", dict),
        "email": ("account/email.html", lambda: {"form": made(EmailForm), "email": "noa@example.org"}),
        "email-sent": ("account/email_sent.html", lambda: {"email": "noa@example.org"}),
        "email-confirm": ("account/confirm_email.html", lambda: {"email": "noa@example.org"}),
        "email-changed": ("account/email_changed.html", dict),
        "code": ("invitations/code.html", lambda: {"form": made(CodeForm), "may_be_new": True}),
        "code-failed": ("invitations/code.html", lambda: {"form": made(CodeForm, failed=True), "may_be_new": False, "failed": True}),
        "code-joined": ("invitations/joined.html", lambda: {"waits": False}),
        "code-waits": ("invitations/joined.html", lambda: {"waits": True}),
        "new-patient": ("invitations/new.html", lambda: {"form": made(NewPatientForm), "born_on": _BORN}),
    }
