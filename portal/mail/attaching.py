"""What goes with mail about visits: their entries for a calendar. Imported when there is such mail, like the library that writes them."""

from email.message import EmailMessage

from portal.config import Config
from portal.domain.calendar_files import FILE_NAME, MEDIA_TYPE, files_of
from portal.services.calendar_files import written
from portal.storage.outbox import DueMail
from portal.web.calendar_words import entry


def attach(made: EmailMessage, mail: DueMail, language: str, config: Config) -> None:
    """Add to a message what calendars are to make of its visits, as these are in the mail: to take them in, or take them out.

    Mail programs go by the method in the part's type, which is the file's own.
    """
    kind, _, subtype = MEDIA_TYPE.partition("/")
    entries = [entry(visit, mail.practice.name, language, config.public_url, own=visit.patient_id == mail.own_patient_id) for visit in mail.visits]
    for file in files_of(entries, mail.practice.name, config.sender_address):
        said = {"charset": "utf-8", "method": file.method.value}
        made.add_attachment(written(file), maintype=kind, subtype=subtype, filename=FILE_NAME, params=said)
