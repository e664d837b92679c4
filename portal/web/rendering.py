"""Rendering templates: one environment for each language, so that no text or filter has to ask for it again and again."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from flask import Flask, current_app
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from portal.web import display
from portal.web.language import LANGUAGES, current_language, texts_of

_KEPT = "portal_rendering"
_MACROS = "macros.html"
Filter = Callable[..., Any]


def init_app(app: Flask) -> None:
    """Make templates strict, and ready in every language when it is first asked for."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions[_KEPT] = cache(lambda language: environment_in(app.jinja_env, language, Markup))


def rendered(template: str, values: Mapping[str, object]) -> str:
    """Render a template in this request's language."""
    return environment().get_template(template).render(values)


def environment() -> Environment:
    """Return the environment of this request's language."""
    chosen: Environment = current_app.extensions[_KEPT](current_language())
    return chosen


def environment_in(base: Environment, language: str, marked: Callable[[str], str]) -> Environment:
    """Return an environment whose texts are in a language; `marked` makes of each text what fills in values: Markup escapes them, str does not."""
    made = base.overlay()
    locale = display.LOCALES[language]
    others = {code: name for code, name in LANGUAGES.items() if code != language}
    made.globals = {**base.globals, **_spoken(language, marked), "language": language, "other_languages": others}
    made.filters = {**base.filters, **display.PLAIN_FILTERS, **{one.__name__: _in_locale(one, locale) for one in display.FILTERS}}
    # A macro that each template imports is looked up through all that is global; here it is global itself.
    made.globals |= {name: value for name, value in vars(made.get_template(_MACROS).module).items() if not name.startswith("_")}
    return made


def _spoken(language: str, marked: Callable[[str], str]) -> dict[str, Callable[..., str]]:
    """Return what templates call their texts by; as markup they escape what is filled in, the texts are ours."""
    texts = texts_of(language)

    @cache
    def said(text: str) -> str:
        return marked(texts.gettext(text))

    def gettext(text: str, **values: object) -> str:
        return said(text) % values if values else said(text)

    def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
        return marked(texts.ngettext(singular, plural, num)) % {"num": num, **values}

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}


def _in_locale(shown: Filter, locale: str) -> Filter:
    return lambda *values: shown(*values, locale)
