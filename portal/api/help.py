"""The help page of each method of each call, as values for a template: generated from the door's own description."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portal.api import help_words
from portal.api.answers import ANSWERS
from portal.api.call import Call, Method
from portal.api.media_type import FORM_TYPE, JSON_TYPES
from portal.api.model import Kind, Member, Model
from portal.api.samples import form_sample, json_sample
from portal.api.statuses import Status, statuses, takes_a_time

NOTHING = "None."
COLLECTION = "Collection of "


@dataclass(frozen=True, slots=True)
class Row:
    """One member as its page shows it; `inner` names the table of its own model, if that has one."""

    name: str
    description: str
    type_name: str
    additional: tuple[str, ...]
    inner: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """The members of one model."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A body as it can be sent or answered, under the media types it is for."""

    media_types: str
    text: str


@dataclass(frozen=True, slots=True)
class HelpPage:
    """All that one page says."""

    slug: str
    title: str
    group: str
    summary: str
    permission: str
    aliases: tuple[str, ...]
    uri: tuple[Table, ...]
    body: tuple[Table, ...]
    request_samples: tuple[Sample, ...]
    answers: str
    answer: tuple[Table, ...]
    answer_samples: tuple[Sample, ...]
    statuses: tuple[Status, ...]
    notes: tuple[str, ...]


def pages(calls: Iterable[Call]) -> tuple[HelpPage, ...]:
    """Return a page for every method of every call, in the order of their description."""
    return tuple(_page(call, name, method) for call in calls for name, method in call.methods.items())


def answer_model(name: str) -> Model | None:
    """Return the model of an answer by the name in a call's description, for a collection that of its items."""
    return ANSWERS.get(name.removeprefix(COLLECTION))


def _page(call: Call, name: str, method: Method) -> HelpPage:
    answer = answer_model(method.answers)
    return HelpPage(
        slug=f"{name}-api-{call.path.replace('/', '-')}",
        title=f"{name} api/{call.path}",
        group=call.path.partition("/")[0],
        summary=method.summary,
        permission=f"Anyone: {call.permission.reason}." if call.permission.reason else help_words.BEARER,
        aliases=tuple(f"api/{alias}" for alias in call.aliases),
        uri=tuple(_tables(method.query)),
        body=tuple(_tables(method.body)),
        request_samples=tuple(_request_samples(method.body)),
        answers=method.answers,
        answer=tuple(_tables(answer)),
        answer_samples=tuple(_answer_samples(method.answers, answer)),
        statuses=tuple(statuses(call, method)),
        notes=(*(help_words.KEYED if method.body else ()), *(help_words.ALTERNATIVES if takes_a_time(method) else ()), *help_words.STANDING),
    )


def _tables(model: Model | None) -> Iterator[Table]:
    if model is None or not model.members:
        return
    yield Table(model.name, tuple(_row(model, member) for member in model.members))
    for member in model.members:
        yield from _tables(member.model)


def _row(model: Model, member: Member) -> Row:
    inner = member.model.name if member.model and member.model.members else None
    return Row(member.name, help_words.description(model, member.name), member.type_name, tuple(_additional(member)) or (NOTHING,), inner)


def _additional(member: Member) -> Iterator[str]:
    if member.required:
        yield "Required"
    if member.max_length is not None:
        yield f"String length: inclusive between 0 and {member.max_length}"


def _request_samples(model: Model | None) -> Iterator[Sample]:
    if model is not None:
        yield Sample(", ".join(JSON_TYPES), _written(json_sample(model)))
        yield Sample(FORM_TYPE, form_sample(model))


def _answer_samples(name: str, model: Model | None) -> Iterator[Sample]:
    if model is not None:
        one = json_sample(model)
        yield Sample(", ".join(JSON_TYPES), _written([one] if name.startswith(COLLECTION) else one))
    elif name == Kind.STRING.value:
        yield Sample(", ".join(JSON_TYPES), _written("sample string 1"))


def _written(value: object) -> str:
    return json.dumps(value, indent=2)
