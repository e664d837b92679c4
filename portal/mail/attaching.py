"""What goes with mail about a visit: its entry for a calendar, as the visit is when the mail is sent."""

from email.message import EmailMessage

from portal.domain.calendar_files import FILE_NAME, CalendarFile
from portal.services.calendar_files import written


def attach(made: EmailMessage, file: CalendarFile) -> None:
    """Add a file to a message. Mail programs go by the method that the part's type repeats: take it in, or take it out."""
    kind, subtype = "text", "calendar"
    said = {"charset": "utf-8", "method": file.method.value}
    made.add_attachment(written(file), maintype=kind, subtype=subtype, filename=FILE_NAME, params=said)
