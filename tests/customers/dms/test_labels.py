"""Every code a user can meet has words."""

import re
from pathlib import Path

import customers.dms
from customers.dms import labels
from customers.dms.codes import REASONS, WARNINGS
from customers.dms.headers import FIELDS

SOURCE = "".join(path.read_text("utf-8") for path in Path(customers.dms.__file__).parent.rglob("*.py"))


def test_refusals():
    assert set(re.findall(r'FileRefused\("(\w+)"', SOURCE)) <= set(labels.REFUSALS)
    assert str(labels.refusal_label("no_such_code"))


def test_reasons_warnings_and_fields():
    assert set(REASONS) - {""} == set(labels.REJECTS) | set(labels.SKIPS)
    assert set(WARNINGS) == set(labels.WARNINGS)
    assert set(FIELDS) == set(labels.FIELDS)
    assert labels.reason_label("no_identity") != labels.reason_label("no_identity", "customers")
