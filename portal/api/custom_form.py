"""The call that saves the answers to a form: bound as its page says, answered with what is now kept."""

from http import HTTPStatus
from typing import Any

from flask import Response

from portal import context
from portal.api import access, asked, errors
from portal.api.model import CUSTOM_FORM
from portal.domain.custom_forms import FormAnswer, FormAnswers
from portal.services import custom_forms
from portal.services.custom_forms import Saved


def custom_form_post() -> Response:
    """Save a form with the schedule that RecordId names, and answer a collection of it alone, with its Id.

    ModifiedBy is in whose name it is saved, and like AccountId may be left out; ModifiedOn is the server's to say.
    """
    access.caller()
    members = asked.body(CUSTOM_FORM)
    program = access.program_for(access.begin_write(), members["ModifiedBy"], members["AccountId"])
    outcome = custom_forms.save(context.db(), program, _form(members), access.given(members["Id"]), context.now())
    if not isinstance(outcome, Saved):
        return errors.denied(HTTPStatus.FORBIDDEN)
    return access.commit(errors.answer(HTTPStatus.OK, [_written(outcome) | {"AccountId": program.account_id}]))


def _form(members: dict[str, Any]) -> FormAnswers:
    details = members["CustomFormInputDetails"] or ()
    return FormAnswers(
        custom_form_id=members["CustomFormId"],
        schedule_id=members["RecordId"],
        patient_id=members["PatientId"],
        answers=tuple(FormAnswer(detail["CustomFormFieldsId"], detail["Value"], detail["Ismultientry"]) for detail in details),
        note=members["Note"],
        status_id=members["StatusId"],
        encounter_id=members["EncounterId"],
        encounter_type_id=members["EncounterTypeId"],
        module_id=members["ModuleId"],
        module_name=members["ModuleName"],
        record_type_id=members["RecordTypeId"],
        area_id=members["areaid"],
    )


def _written(saved: Saved) -> dict[str, object]:
    """Return the members in the page's order."""
    form = saved.form
    return {
        "CustomFormId": form.custom_form_id,
        "PatientId": form.patient_id,
        "EncounterId": form.encounter_id,
        "Id": saved.id,
        "CustomFormInputDetails": [
            {"CustomFormFieldsId": answer.field_id, "Value": answer.value, "Ismultientry": answer.is_multi_entry} for answer in form.answers
        ],
        "Note": form.note,
        "StatusId": form.status_id,
        "ModifiedBy": saved.modified_by,
        "ModifiedOn": saved.modified_at,
        "EncounterTypeId": form.encounter_type_id,
        "ModuleId": form.module_id,
        "ModuleName": form.module_name,
        "RecordId": form.schedule_id,
        "RecordTypeId": form.record_type_id,
        "areaid": form.area_id,
    }
