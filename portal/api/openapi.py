"""The OpenAPI 3.1 document of the door, generated from the same description as its help pages."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

from portal.api import help_words
from portal.api.answers import ANSWERS
from portal.api.call import Call, Method
from portal.api.help import COLLECTION
from portal.api.media_type import FORM_TYPE, JSON_TYPES
from portal.api.model import Kind, Model
from portal.api.openapi_schemas import ANSWERED, ERRORS, member_schema, model_schema, reference
from portal.api.samples import form_fields, json_sample
from portal.api.statuses import statuses

Json = dict[str, Any]
FORM = "Form"
_CLOSED_BRACKETS = r"^([^\[\]]|\[[^\[\]]*\])*$"
_RETRY_LATER = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": help_words.KEYED[0],
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def document(calls: Iterable[Call]) -> Json:
    """Return the document about these calls, as JSON knows it."""
    known = list(calls)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Portal", "version": "1", "description": " ".join(help_words.STANDING)},
        "servers": [{"url": "/"}],
        "paths": {f"/api/{call.path}": {name.lower(): _operation(call, name, method) for name, method in call.methods.items()} for call in known},
        "components": {
            "schemas": dict(_schemas(known)),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": help_words.BEARER}},
        },
    }


def _operation(call: Call, name: str, method: Method) -> Json:
    operation: Json = {
        "operationId": f"{name.lower()}{call.path.replace('/', '')}",
        "tags": [call.path.partition("/")[0]],
        "summary": method.summary,
        "security": [{"bearer": []}] if call.permission.needs_key else [],
        "responses": {str(status.code.value): _response(status.code, status.meaning, status.body) for status in statuses(call, method)},
    }
    if call.aliases:
        operation["description"] = f"The same call has older names: {', '.join(f'/api/{alias}' for alias in call.aliases)}."
    if parameters := [*_query(method.query), *([_KEY] if method.body else [])]:
        operation["parameters"] = parameters
    if method.body is not None:
        operation["requestBody"] = _body(method.body)
    return operation


def _query(model: Model | None) -> Iterator[Json]:
    for member in model.members if model else ():
        required = {"required": True} if member.required else {}
        said = {"description": text} if model and (text := help_words.description(model, member.name)) else {}
        schema = member_schema(member, in_form=True)
        # What is left empty in a query is null.
        may_be_empty = member.nullable and member.kind is not Kind.STRING
        yield {"name": member.name, "in": "query", **required, **said, "schema": {"anyOf": [schema, {"const": ""}]} if may_be_empty else schema}


def _body(model: Model) -> Json:
    sample = json_sample(model)
    as_json = {"schema": reference(model.name), "example": sample}
    as_form = {"schema": reference(f"{model.name}{FORM}"), "example": dict(form_fields(sample))}
    return {"required": True, "content": {**dict.fromkeys(JSON_TYPES, as_json), FORM_TYPE: as_form}}


def _response(code: HTTPStatus, meaning: str, body: str) -> Json:
    content = {"schema": _answer_schema(body)}
    if (model := ANSWERS.get(body)) is not None:
        content["example"] = json_sample(model)
    headers = {"headers": _RETRY_AFTER} if code in _RETRY_LATER else {}
    return {"description": meaning, **headers, "content": dict.fromkeys(JSON_TYPES, content)}


def _answer_schema(name: str) -> Json:
    if name.startswith(COLLECTION):
        return {"type": "array", "items": _answer_schema(name.removeprefix(COLLECTION))}
    if name == Kind.STRING.value:
        return ANSWERED[Kind.STRING]
    if name in ERRORS:
        return reference(name)
    return reference(ANSWERS[name].name) if name in ANSWERS else {}


def _schemas(calls: list[Call]) -> Iterator[tuple[str, Json]]:
    yield from ERRORS.items()
    methods = [method for call in calls for method in call.methods.values()]
    for method in methods:
        if method.body is not None:
            yield method.body.name, model_schema(method.body)
            yield f"{method.body.name}{FORM}", _form_schema(method.body)
    for model in ANSWERS.values():
        yield model.name, {**model_schema(model, ANSWERED), "required": [member.name for member in model.members]}


def _form_schema(model: Model) -> Json:
    required = {"required": [member.name for member in model.members if member.required]}
    return {"type": "object", "properties": dict(_form_properties(model, "")), "propertyNames": {"pattern": _CLOSED_BRACKETS}, **required}


def _form_properties(model: Model, prefix: str) -> Iterator[tuple[str, Json]]:
    for member in model.members:
        if member.model is None:
            yield f"{prefix}{member.name}", member_schema(member, in_form=True)
        else:
            place = "[0]" if member.kind is Kind.COLLECTION else ""
            yield from _form_properties(member.model, f"{prefix}{member.name}{place}.")
