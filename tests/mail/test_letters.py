"""What mail says, and what it must not."""

import json
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from uuid import UUID, uuid4

import pytest

from portal.config import Config, MailSettings
from portal.domain.mail import FACTS, OF_VISITS, WORDS, Kind, is_path
from portal.domain.schedule import ScheduleView, Status
from portal.mail.letters import UnfitAddressError, message
from portal.storage.outbox import DueMail, Practice
from tests.clinic import NOW
from tests.mail.post import PUBLIC_URL, SECRET, SENDER, UNSHOWN, facts
from tests.web.page import elements, parse, text_of
from tests.web.sample_facts import IN_PERSON, SCHEDULE

CONFIG = Config("sqlite://", SECRET, public_url=PUBLIC_URL, mail=MailSettings(SENDER))
PRACTICE = Practice("Riverside", "555 0100", "America/New_York")
UNCHANGED: Mapping[str, str] = {}
ID = UUID("5f1f9f4e-6d53-4f0a-9f63-0a4a2a6a1f11")
EVERY = [(kind, language) for kind in Kind for language in ("en", "es")]
WORDED = [(kind, name, word) for kind in Kind for name in FACTS[kind] & set(WORDS) for word in sorted(WORDS[name])]
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type"}
CLINICAL = ("patient", "appointment", "doctor", "health", "record", "treatment", "diagnos", "paciente", "cita", "médic", "salud", "leo", "maya")
INJECTIONS = ("Leo\r\nBcc: eve@example.org", "Leo\nBcc: eve@example.org", "Leo\rX: 1", "Leo\u2028Bcc: eve@example.org", "Leo\x0bX\x0c\x85Y\x00")


def made(
    kind: Kind, language: str = "en", to: str = "ada@example.org", practice: Practice = PRACTICE, changed: Mapping[str, str] = UNCHANGED
) -> EmailMessage:
    told = json.dumps(facts(kind, **changed))
    visits = (IN_PERSON,) if kind in OF_VISITS else ()
    return message(DueMail(ID, kind.value, to, language, told, NOW, NOW, 0, practice, visits=visits), CONFIG)


def of(kind: Kind, *visits: ScheduleView, language: str = "en", own: UUID | None = None) -> EmailMessage:
    """Return mail of visits to somebody whose own record this is."""
    due = DueMail(ID, kind.value, "ada@example.org", language, json.dumps(facts(kind)), NOW, NOW, 0, PRACTICE, visits=visits, own_patient_id=own)
    return message(due, CONFIG)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_kind_tells_its_facts_as_text_and_as_plain_html(kind: Kind, language: str) -> None:
    mail = made(kind, language)
    root = parse(part(mail, "html"))
    text = part(mail, "plain")
    assert [text_of(one) for one in elements(root, "p")] == [one for one in text.strip().split("\n\n") if one]
    assert root.get("lang") == language
    told = {name: fact for name, fact in facts(kind).items() if name not in WORDS and name not in {"on", "held_until", *UNSHOWN}}
    assert all((PUBLIC_URL + fact if is_path(name) else fact) in text for name, fact in told.items())
    assert "Riverside" in text
    assert "555 0100" in text


@pytest.mark.parametrize("kind", Kind)
def test_nothing_of_a_mail_stays_in_the_other_language(kind: Kind) -> None:
    told = set(facts(kind).values())
    english, spanish = ({line for line in part(made(kind, language), "plain").splitlines() if line} for language in ("en", "es"))
    assert {line for line in english & spanish if line.removeprefix(PUBLIC_URL) not in told} == set()
    assert made(kind, "en")["Subject"] != made(kind, "es")["Subject"]


@pytest.mark.parametrize(("kind", "name", "word"), WORDED)
def test_each_word_has_a_sentence(kind: Kind, name: str, word: str) -> None:
    sentences = [part(made(kind, language, changed={name: word}), "plain").split("\n\n")[1] for language in ("en", "es")]
    assert all("Riverside" in sentence for sentence in sentences)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_a_subject_tells_nothing_of_anybody(kind: Kind, language: str) -> None:
    subject = made(kind, language)["Subject"].lower()
    assert 10 < len(subject) < 60
    assert [word for word in (*CLINICAL, *facts(kind).values()) if word.lower() in subject] == []


@pytest.mark.parametrize("kind", Kind)
def test_links_lead_to_the_portal_alone_and_nothing_is_fetched(kind: Kind) -> None:
    root = parse(part(made(kind), "html"))
    links = [link.get("href", "") for link in elements(root, "a")]
    assert sorted(links) == sorted(PUBLIC_URL + fact for name, fact in facts(kind).items() if is_path(name))
    assert not list(elements(root, "img", "link", "script", "style", "iframe", "base", "form"))
    assert not [element for element in root.iter() if element.get("src") or element.get("style")]


def test_the_headers_say_that_a_program_writes_and_are_no_more_than_these() -> None:
    mail = made(Kind.RESET, "es")
    assert set(mail.keys()) == HEADERS
    assert (mail["From"], mail["To"]) == (f"Riverside <{SENDER}>", "ada@example.org")
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "es")
    assert mail["Message-ID"] == f"<{ID}@portal.example.org>"
    assert mail["Date"].datetime == NOW


def test_a_mail_is_plain_ascii_on_its_way_with_short_lines() -> None:
    raw = made(Kind.RESET, "es").as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


@pytest.mark.parametrize("typed", INJECTIONS)
@pytest.mark.parametrize("kind", [kind for kind in Kind if FACTS[kind] & {"patient", "guardian", "device", "new"}])
def test_1_3_11_line_breaks_in_what_people_typed_make_no_header_and_no_line(kind: Kind, typed: str) -> None:
    changed = dict.fromkeys(FACTS[kind] & {"patient", "guardian", "device", "new"}, typed)
    mail = made(kind, changed=changed)
    assert set(message_from_bytes(mail.as_bytes()).keys()) == HEADERS
    assert len(part(mail, "plain").splitlines()) == len(part(made(kind), "plain").splitlines())


@pytest.mark.parametrize("typed", INJECTIONS)
def test_1_3_11_line_breaks_in_the_clinics_name_make_no_header(typed: str) -> None:
    mail = made(Kind.RESET, practice=Practice(typed, typed, "UTC"))
    assert set(message_from_bytes(mail.as_bytes()).keys()) == HEADERS


@pytest.mark.parametrize(
    "to", ["ada@example.org\r\nBcc: eve@example.org", "ada@example.org\nX: 1", "ada@example.org, eve@example.org", "Eve <eve@example.org>", "ada", ""]
)
def test_1_3_11_what_is_not_one_address_gets_no_mail(to: str) -> None:
    with pytest.raises(UnfitAddressError):
        made(Kind.RESET, to=to)


def test_what_people_typed_is_no_markup() -> None:
    html = part(made(Kind.LINK_REQUESTED, changed={"guardian": "<b>Maya</b> & co"}), "html")
    assert "&lt;b&gt;Maya&lt;/b&gt; &amp; co" in html
    assert "<b>Maya</b> & co" in part(made(Kind.LINK_REQUESTED, changed={"guardian": "<b>Maya</b> & co"}), "plain")


def test_a_link_that_somebody_typed_is_not_made_one() -> None:
    root = parse(part(made(Kind.LINK_REQUESTED, changed={"guardian": "https://evil.example/"}), "html"))
    assert not list(elements(root, "a"))


def test_an_unknown_language_is_english() -> None:
    assert made(Kind.RESET, "fr")["Subject"] == made(Kind.RESET, "en")["Subject"]


@pytest.mark.parametrize(("url", "host"), [("http://127.0.0.1:8000", "127.0.0.1"), ("http://[::1]:8000", "[::1]")])
def test_without_a_sender_it_comes_from_the_portals_own_host(url: str, host: str) -> None:
    due = DueMail(uuid4(), "joined", "ada@example.org", "en", json.dumps({"patient": "Ada"}), NOW, NOW, 0, PRACTICE)
    mail = message(due, Config("sqlite://", SECRET, public_url=url))
    assert mail["From"].addresses[0].addr_spec == f"portal@{host}"
    assert mail["Message-ID"] == f"<{due.id}@{host}>"


def paragraphs(mail: EmailMessage) -> list[str]:
    return part(mail, "plain").strip().split("\n\n")[1:-1]


def test_mail_of_a_visit_tells_when_with_the_zone_in_words_for_whom_where_and_the_reference() -> None:
    assert paragraphs(of(Kind.BOOKED, IN_PERSON)) == [
        "This appointment at Riverside is booked:",
        "Thursday, December 3, 2026, 2:00 pm (Austin, Central Time)",
        "For: Leo",
        "Where: Riverbend Austin, 1800 South Bend Road, Austin, TX 78704",
        "Reference: K7M2-QX4T",
        "See it here:",
        f"{PUBLIC_URL}/somewhere/path?t=a-b_c",
    ]


def test_of_a_visit_without_a_place_it_tells_how_and_when_that_is_where_the_patient_lives() -> None:
    told = paragraphs(of(Kind.BOOKED, SCHEDULE, language="es", own=SCHEDULE.patient_id))
    assert told[1] == "lunes 23 de noviembre de 2026, 8:20 a.m. (Austin, hora central; 9:20 a.m., hora oriental)"
    assert told[2] == "Cómo: Por video"


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", sorted(OF_VISITS))
def test_mail_of_a_visit_tells_no_speciality_no_reason_no_kind_of_visit_and_no_clinician(kind: Kind, language: str) -> None:
    view = replace(SCHEDULE, reasons=IN_PERSON.reasons, note="A note", cancel_reason="Feels worse")
    text = of(kind, view, IN_PERSON, language=language).as_string().lower()
    hidden = (view.speciality_name, view.encounter_type_name, IN_PERSON.encounter_type_name, view.provider_name, "Khan", "Lopez")
    assert [word for word in (*hidden, "inhaler", "Fever", "A note", "worse") if word.lower() in text] == []


def test_mail_of_a_move_tells_both_times() -> None:
    told = paragraphs(of(Kind.MOVED, replace(IN_PERSON, old_starts_at=SCHEDULE.starts_at)))
    assert told[1:3] == [
        "Thursday, December 3, 2026, 2:00 pm (Austin, Central Time)",
        "Before: Monday, November 23, 2026, 8:20 am (Austin, Central Time)",
    ]


def test_mail_of_a_request_tells_both_times_that_were_asked_for() -> None:
    told = paragraphs(of(Kind.REQUESTED, replace(IN_PERSON, status=Status.REQUESTED, other_choice_at=SCHEDULE.starts_at)))
    assert told[2] == "Or: Monday, November 23, 2026, 8:20 am (Austin, Central Time)"


def test_one_mail_tells_of_several_visits_and_of_each_for_whom_but_the_reader() -> None:
    told = paragraphs(of(Kind.REMINDER, SCHEDULE, replace(IN_PERSON, patient_id=ID), own=SCHEDULE.patient_id))
    assert [line.partition(":")[0] for line in told[1:-1]].count("Reference") == 2
    assert [line for line in told if line.startswith("For: ")] == ["For: Leo"]


@pytest.mark.parametrize("typed", INJECTIONS)
def test_1_3_11_line_breaks_in_the_names_of_a_visit_make_no_header_and_no_line(typed: str) -> None:
    view = replace(IN_PERSON, patient_given_name=typed, facility_name=typed, facility_address=typed, place=typed)
    assert set(message_from_bytes(of(Kind.BOOKED, view).as_bytes()).keys()) == HEADERS
    assert len(paragraphs(of(Kind.BOOKED, view))) == len(paragraphs(of(Kind.BOOKED, IN_PERSON)))
