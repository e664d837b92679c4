"""What several pages ask of a person: a name, a date of birth in three boxes, an address, a new password."""

from collections.abc import Iterable
from datetime import date

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, PasswordField, StringField
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from portal.domain.addresses import is_address
from portal.domain.passwords import LENGTH_MIN, LENGTH_MIN_WITH_FACTOR, Weakness
from portal.services.common_passwords import weakness_of
from portal.services.sign_in import normalised
from portal.web.language import gettext as _
from portal.web.language import lazy

FULL_NAME_MAX = 160
BOX_MAX = 4
BORN_FIRST = date(1900, 1, 1)
_SIGNS_OF_LINKS = ("://", "www.")
PORTAL_NAMES = ("patient portal", "portal")


def name_field(label: object, most: int) -> UnboundField:
    """Return a field for a name."""
    needed = DataRequired(lazy("Enter a name"))
    return StringField(label, [needed, Length(max=most, message=lazy("Enter a shorter name")), no_link], filters=[_plain])


def no_link(_form: FlaskForm, field: Field) -> None:
    """Refuse a name that programs which show mail would make a link of: somebody else may read it there."""
    if looks_like_link(field.data or ""):
        raise ValidationError(lazy("Enter a name without an address of the web"))


def looks_like_link(name: str) -> bool:
    """Tell whether a name holds what makes a link of it."""
    return any(sign in name.casefold() for sign in _SIGNS_OF_LINKS)


def address_field(label: object) -> UnboundField:
    """Return a field for an e-mail address."""
    return EmailField(label, [InputRequired(lazy("Enter your email address")), _well_formed])


def new_password_field(label: object) -> UnboundField:
    """Return a field for a password that is to be new; `refuse_weak` judges it."""
    return PasswordField(label, [InputRequired(lazy("Enter a password"))])


def box(label: object) -> UnboundField:
    """Return one of the three boxes of a date of birth: `birth_month`, `birth_day` and `birth_year`; `birth_date` reads them."""
    return StringField(label)


def birth_date(form: FlaskForm, today: date) -> date | None:
    """Return the date in the three boxes, or None, with the error beside them."""
    typed = [(form[f"birth_{part}"].data or "").strip() for part in ("year", "month", "day")]
    if not any(typed):
        form.birth_month.errors = [lazy("Enter the date of birth")]
        return None
    try:
        found = date(*(_number(text) for text in typed))
    except ValueError:
        form.birth_month.errors = [lazy("Enter a date of birth that is in the calendar, with the year in full")]
        return None
    if not BORN_FIRST <= found <= today:
        form.birth_month.errors = [lazy("Enter a date of birth between 1900 and today")]
        return None
    return found


def rules_in_words(least: int) -> str:
    """Return what is asked of a new password."""
    asked = {
        LENGTH_MIN: _("At least 15 characters. A few words in a row are easy to remember; digits and signs are not needed."),
        LENGTH_MIN_WITH_FACTOR: _("At least 12 characters. A few words in a row are easy to remember; digits and signs are not needed."),
    }
    return asked[least]


def refuse_weak(field: Field, least: int, names: Iterable[str]) -> bool:
    """Tell whether a new password is too weak for somebody with these names, and say why beside it."""
    found = weakness_of(field.data or "", least, [*names, *PORTAL_NAMES])
    if found is not None:
        field.errors = [_WEAKNESSES[found] if found is not Weakness.TOO_SHORT else _TOO_SHORT[least]]
    return found is not None


_TOO_SHORT = {
    LENGTH_MIN: lazy("Enter a password of at least 15 characters"),
    LENGTH_MIN_WITH_FACTOR: lazy("Enter a password of at least 12 characters"),
}
_WEAKNESSES = {
    Weakness.TOO_LONG: lazy("Enter a password of at most 1,024 characters"),
    Weakness.COMMON: lazy("Choose another password: this one is among the first that others would try"),
    Weakness.OWN_NAME: lazy("Choose a password that is not just your email address or the name of the practice"),
}


def _plain(text: object) -> object:
    """Put a name on one line, without marks that nobody sees."""
    if not isinstance(text, str):
        return text
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def _well_formed(_form: FlaskForm, field: Field) -> None:
    if not is_address(normalised(field.data)):
        raise ValidationError(lazy("Enter an email address like name@example.org"))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= BOX_MAX):
        raise ValueError(text)
    return int(text)
