"""JSON Schemas of models, of their members, and of the old error envelope."""

from collections.abc import Mapping
from typing import Any

from portal.api import help_words
from portal.api.model import Kind, Member, Model
from portal.api.scalars import WHITE

Json = dict[str, Any]
_INT32 = 2**31
# Of the 96 bits that an amount may have, as many digits as every program can keep.
_AMOUNT_MAX = 10**15
# Every character for itself: what counts as blank differs from one program to the next.
_NOT_BLANK = "[^" + "".join(f"\\u{ord(char):04x}" for char in WHITE) + "]"
Kinds = Mapping[Kind, Json]
SENT: Kinds = {
    Kind.GUID: {"type": "string", "format": "uuid"},
    Kind.DATE: {"type": "string", "format": "date-time"},
    Kind.DECIMAL: {"type": "number", "minimum": -_AMOUNT_MAX, "maximum": _AMOUNT_MAX},
    Kind.INTEGER: {"type": "integer", "format": "int32", "minimum": -_INT32, "maximum": _INT32 - 1},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.STRING: {"type": "string"},
    Kind.CHARACTER: {"type": "string", "minLength": 1, "maxLength": 1},
}
# A date comes back in the form in which it was sent, perhaps without a zone; and a stored amount keeps all its digits.
ANSWERED: Kinds = {
    **SENT,
    Kind.DATE: {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)?$"},
    Kind.DECIMAL: {"type": "number"},
}
_TEXTS = {"type": "array", "items": {"type": "string"}}
_MESSAGE = {"type": "string", "description": "What went wrong."}
_STATE = {"type": "object", "description": "What is wrong by member, as model.Reason.", "additionalProperties": _TEXTS}
_CODE = {"type": "string", "enum": ["time_taken", "patient_busy", "in_flight"]}
_STARTS = {"type": "array", "description": "The nearest starts that can be booked.", "items": SENT[Kind.DATE]}
ERRORS: dict[str, Json] = {
    "Refusal": {"type": "object", "properties": {"Message": _MESSAGE}, "required": ["Message"]},
    "InvalidRequest": {"type": "object", "properties": {"Message": _MESSAGE, "ModelState": _STATE}, "required": ["Message"]},
    "TakenTime": {
        "type": "object",
        "properties": {"Message": _MESSAGE, "ModelState": _STATE, "Code": _CODE, "Alternatives": _STARTS},
        "required": ["Message"],
    },
}


def reference(name: str) -> Json:
    """Return a schema that stands for the one of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def model_schema(model: Model, kinds: Kinds = SENT) -> Json:
    """Return the schema of a model as JSON; members that are not listed are ignored, and so allowed."""
    properties = {member.name: _described(model, member, kinds) for member in model.members}
    required = [member.name for member in model.members if member.required]
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def member_schema(member: Member, kinds: Kinds = SENT, *, in_form: bool = False) -> Json:
    """Return the schema of one member; in a form or a query there is no null, but what is empty counts as absent."""
    schema = _plain(member, kinds)
    if not member.nullable or member.required:
        return schema
    if in_form:
        return schema if member.kind is Kind.STRING else {"anyOf": [schema, {"enum": [""]}]}
    return {**schema, "type": [schema["type"], "null"]}


def _described(model: Model, member: Member, kinds: Kinds) -> Json:
    schema, text = member_schema(member, kinds), help_words.description(model, member.name)
    return {**schema, "description": text} if text else schema


def _plain(member: Member, kinds: Kinds) -> Json:
    if member.kind is Kind.COLLECTION:
        return {"type": "array", "items": _items(member.model, kinds)}
    if member.kind is Kind.OBJECT:
        return model_schema(member.model, kinds) if member.model else {"type": "object"}
    schema = kinds[member.kind]
    if member.max_length is not None:
        schema = {**schema, "maxLength": member.max_length}
    return {**schema, "minLength": 1, "pattern": _NOT_BLANK} if member.required and member.kind is Kind.STRING else schema


def _items(model: Model | None, kinds: Kinds) -> Json:
    return kinds[Kind.STRING] if model is None or model.name == Kind.STRING.value else model_schema(model, kinds)
