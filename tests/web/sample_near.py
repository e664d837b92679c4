"""A visit near another of the same type, made up."""

from wtforms import RadioField
from wtforms.fields import SelectChoice

from portal.domain.rules import NearVisit
from tests.web.sample_facts import MORNING, ZONE, CheckForm, uid

NEAR = NearVisit(uid("near"), MORNING[0].start, "Dr. Sofia Reyes", ZONE)


class NearForm(CheckForm):
    repeated = RadioField("What is to become of it?", choices=[SelectChoice("keep", "Keep both"), SelectChoice("replace", "Replace it")])
