"""The mail of the demonstration, to be read in the browser: its people have no mailboxes. No other portal has these pages."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import UUID

from flask import Blueprint, Flask, abort
from flask.typing import ResponseReturnValue

from portal import context
from portal.web.access import public
from portal.web.pages import page as render

SHOWN_MAX = 200
blueprint = Blueprint("mailbox", __name__, url_prefix="/demo/mail")
_WHY_PUBLIC = "people who sign up for the demonstration read their mail here"


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail as its page shows it. A paragraph is its text, and the path where it is a link into the portal, else nothing."""

    id: UUID
    to: str
    subject: str
    language: str
    sent_at: datetime
    paragraphs: tuple[tuple[str, str | None], ...]


def init_app(app: Flask) -> None:
    """Add the pages, and the way to them at the foot of every page for strangers."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["demo_mail"] = "/demo/mail"


@blueprint.get("")
@public(_WHY_PUBLIC)
def page() -> ResponseReturnValue:
    """List the newest mail, the newest first."""
    files = sorted(_folder().glob("*.eml"), reverse=True)[:SHOWN_MAX]
    return render("demo/mailbox.html", mails=[_read(file) for file in files])


@blueprint.get("/<uuid:mail_id>")
@public(_WHY_PUBLIC)
def one(mail_id: UUID) -> ResponseReturnValue:
    """Show the text of one mail."""
    found = next(_folder().glob(f"*-{mail_id}.eml"), None)
    return abort(404) if found is None else render("demo/mail.html", mail=_read(found))


def _folder() -> Path:
    return context.portal().config.mail.folder or abort(404)


def _read(file: Path) -> ShownMail:
    message = message_from_bytes(file.read_bytes(), _class=EmailMessage, policy=policy.default)
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    return ShownMail(
        id=UUID(file.stem[-36:]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        language=str(message["Content-Language"]),
        sent_at=parsedate_to_datetime(message["Date"]),
        paragraphs=tuple((line, _path(line)) for line in text.splitlines() if line),
    )


def _path(paragraph: str) -> str | None:
    """Return where a paragraph that is a link of this portal leads; links to anywhere else stay text."""
    start = context.portal().config.public_url
    return paragraph.removeprefix(start) if paragraph.startswith(f"{start}/") else None
