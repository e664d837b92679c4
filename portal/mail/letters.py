"""From a row of the outbox to a message: the words of a kind of mail in the reader's language, as text and as plain HTML."""

import json
import re
from dataclasses import replace
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from importlib import import_module
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal.config import Config
from portal.domain.mail import Kind, is_path, one_line
from portal.domain.schedule import ScheduleView
from portal.storage.outbox import DueMail
from portal.web.language import DEFAULT, LANGUAGES
from portal.web.rendering import environment_in

_TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
_BLANK_LINES = re.compile(r"\n\s*\n")


class UnfitAddressError(Exception):
    """No mail can be sent to such an address."""


def message(mail: DueMail, config: Config) -> EmailMessage:
    """Return a mail as it travels. Each try of one row has the same Message-ID; raises UnfitAddressError, and what a template may."""
    language = mail.language if mail.language in LANGUAGES else DEFAULT
    subject, paragraphs, links = _words(mail, language, config.public_url)
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(one_line(mail.practice.name), addr_spec=config.sender_address)
    made["To"] = _address(mail.to)
    made["Subject"] = subject
    made["Date"] = format_datetime(mail.try_at)
    made["Message-ID"] = f"<{mail.id}@{config.mail_host}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content("\n\n".join(paragraphs) + "\n", cte="quoted-printable")
    html = _environment(language).get_template("mail/base.html").render(subject=subject, paragraphs=paragraphs, links=links)
    made.add_alternative(html, subtype="html", cte="quoted-printable")
    if mail.visits and mail.kind != Kind.REMINDER:
        import_module("portal.mail.attaching").attach(made, mail, language, config)
    # Last, since what is said of a message's content moves into its parts.
    made["Content-Language"] = language
    return made


def _words(mail: DueMail, language: str, public_url: str) -> tuple[str, list[str], set[str]]:
    """Return the subject, the paragraphs, and which of them are links."""
    facts = {name: one_line(text) for name, text in json.loads(mail.facts).items()}
    links = {name: public_url + path for name, path in facts.items() if is_path(name)}
    dates = {"on": date.fromisoformat(facts["on"])} if "on" in facts else {}
    instants = {"held_until": datetime.fromisoformat(facts["held_until"])} if "held_until" in facts else {}
    practice = {"clinic": one_line(mail.practice.name), "phone": one_line(mail.practice.phone), "time_zone": mail.practice.time_zone}
    template = _environment(language).get_template(f"mail/{mail.kind}.txt")
    about = {"kind": mail.kind, "visits": [_cleaned(view) for view in mail.visits], "own_patient_id": mail.own_patient_id}
    text = template.render({**facts, **links, **dates, **instants, **practice, **about, "at": mail.created_at})
    subject, *paragraphs = (" ".join(part.split()) for part in _BLANK_LINES.split(text.strip()))
    return subject, paragraphs, set(links.values())


def _cleaned(view: ScheduleView) -> ScheduleView:
    """Return a visit whose texts that mail shows are of one line each."""
    return replace(
        view,
        patient_given_name=one_line(view.patient_given_name),
        facility_name=one_line(view.facility_name),
        facility_address=one_line(view.facility_address),
        place=one_line(view.place),
    )


@cache
def _environment(language: str) -> Environment:
    """Return the pages' environment of a language, for mail: only HTML is escaped."""
    base = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment_in(base, language, str)


def _address(text: str) -> Address:
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError) as error:
        raise UnfitAddressError("the address is none that mail can be sent to") from error
