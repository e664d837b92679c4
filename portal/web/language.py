"""The languages of the pages: which one a request gets, how it is changed, and the texts in it."""

from collections.abc import Callable
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy, Translations
from flask import Blueprint, Flask, Response, abort, after_this_request, current_app, g, has_request_context, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms.fields.core import Field, UnboundField

from portal.domain.booking import storable
from portal.web.access import public

LANGUAGES = {"en": "English", "es": "Español"}
DEFAULT = "en"
ONE_YEAR_SECONDS = 365 * 24 * 3600
NEXT_MAX = 2000
_REMEMBER = "portal_language_remember"
_FOLDER = Path(__file__).parents[1] / "translations"

blueprint = Blueprint("language", __name__)


def init_app(app: Flask, remember: Callable[[str], None] | None = None) -> None:
    """Read every language and add POST /language; `remember` keeps a visitor's choice beyond this browser."""
    for language in LANGUAGES:
        texts_of(language)
    app.extensions[_REMEMBER] = remember
    app.register_blueprint(blueprint)


def current_language() -> str:
    """Return the language of this request: the signed-in person's, else the browser's last choice, else English."""
    if not has_request_context():
        return DEFAULT
    chosen = g.get("language") or chosen_language()
    return chosen if chosen in LANGUAGES else DEFAULT


def chosen_language() -> str | None:
    """Return the language that was chosen in this browser, or None."""
    chosen = request.cookies.get(_cookie())
    return chosen if chosen in LANGUAGES else None


def translate(text: str, language: str) -> str:
    """Return a text in a language; a text without a translation stays English."""
    return texts_of(language).gettext(text)


def mark(text: str) -> str:
    """Mark a text for the catalogue where it stands as data; `translate` shows it."""
    return text


def gettext(text: str) -> str:
    """Return a text in this request's language."""
    return translate(text, current_language())


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the form of a text that goes with a number, in this request's language."""
    return texts_of(current_language()).ngettext(singular, plural, number)


def lazy(text: str) -> LazyProxy:
    """Return a text that is translated each time it is shown: for labels and messages of form classes."""
    return LazyProxy(gettext, text, enable_cache=False)


class _FormTexts:
    """What WTForms says by itself, in plainer words; only a value that the page did not offer brings it about."""

    def gettext(self, _text: str) -> str:
        return gettext("Choose one of the answers shown")

    def ngettext(self, _singular: str, _plural: str, _number: int) -> str:
        return gettext("Choose one of the answers shown")


class TranslatedForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form that refuses in the language of the request, where its fields have no words of their own."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # the same
        """How WTForms asks for its texts."""

        def get_translations(self, _form: FlaskForm) -> _FormTexts:
            """Return the texts; WTForms calls it for each form."""
            return _FormTexts()

        def bind_field(self, form: FlaskForm, unbound_field: UnboundField, options: dict[str, Any]) -> Field:
            """Bind a field so that what no page and no database can hold, a NUL, is replaced before anything reads it."""
            return unbound_field.bind(form=form, filters=[_holdable, *unbound_field.kwargs.get("filters", ())], **options)


def _holdable(typed: object) -> object:
    return storable(typed) if isinstance(typed, str) else typed


@blueprint.post("/language")
@public("strangers read the sign-in page in their language too")
def change() -> ResponseReturnValue:
    """Keep the chosen language and lead back to the page it was chosen on."""
    if not switched_language():
        abort(400)
    return redirect(safe_next(request.form.get("next")) or "/", 303)


def switched_language() -> bool:
    """Tell whether this POST only changes the language, and change it.

    The page of a form with unsaved words sends the form itself with the chosen language, so that nothing typed is lost.
    """
    chosen = request.form.get("language")
    if chosen not in LANGUAGES:
        return False
    if remember := current_app.extensions[_REMEMBER]:
        remember(chosen)
    g.language = chosen

    @after_this_request
    def keep(response: Response) -> Response:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(_cookie(), chosen, max_age=ONE_YEAR_SECONDS, secure=secure, httponly=True, samesite="Lax")
        return response

    return True


def safe_next(text: str | None) -> str | None:
    """Return a path inside this portal to go on to, or None for any text that a browser might read as another site."""
    if not text or len(text) > NEXT_MAX or not text.startswith("/"):
        return None
    decoded = text
    while (once_more := unquote(decoded)) != decoded:
        decoded = once_more
    path = decoded.partition("?")[0].partition("#")[0]
    plain = decoded.isascii() and decoded.isprintable() and "\\" not in decoded
    straight = "//" not in path and not {".", ".."} & set(path.split("/"))
    return text if plain and straight else None


def _cookie() -> str:
    # The prefix lets no other host and no unencrypted page set the cookie; browsers take it over TLS only.
    return "__Host-language" if current_app.config["SESSION_COOKIE_SECURE"] else "language"


@cache
def texts_of(language: str) -> NullTranslations:
    """Return the texts of a language."""
    if language == DEFAULT:
        return NullTranslations()
    with (_FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
