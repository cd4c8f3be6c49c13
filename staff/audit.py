"""What people call the deeds in the audit trail."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext, pgettext_lazy

# Deeds of apps further right stand here too, so that the page says them in words.
DEEDS: dict[str, str | Promise] = {
    "staff.add": pgettext_lazy("audit", "Added a person"),
    "staff.roles": pgettext_lazy("audit", "Changed someone's roles"),
    "staff.password": pgettext_lazy("audit", "Gave someone a new first password"),
    "staff.deactivate": pgettext_lazy("audit", "Deactivated an account"),
    "staff.reactivate": pgettext_lazy("audit", "Reactivated an account"),
    "job.retry": pgettext_lazy("audit", "Put a failed job back in the queue"),
    "customer.create": pgettext_lazy("audit", "Added a customer"),
    "customer.edit": pgettext_lazy("audit", "Changed a customer"),
    "customer.tag": pgettext_lazy("audit", "Put a tag on a customer"),
    "customer.untag": pgettext_lazy("audit", "Took a tag off a customer"),
    "vehicle.create": pgettext_lazy("audit", "Added a car"),
    "vehicle.edit": pgettext_lazy("audit", "Changed a car"),
    "vehicle.owner": pgettext_lazy("audit", "Gave a car a new owner"),
    "phone.reveal": pgettext_lazy("audit", "Looked at a full phone number"),
    "visit.correct": pgettext_lazy("audit", "Corrected the amounts of a visit"),
    "complaint.log": pgettext_lazy("audit", "Logged a complaint"),
    "complaint.respond": pgettext_lazy("audit", "Answered a complaint"),
    "complaint.close": pgettext_lazy("audit", "Closed a complaint"),
    "customer.search": pgettext_lazy("audit", "Searched for customers"),
    "export": pgettext_lazy("audit", "Exported a list"),
    "export.ask": pgettext_lazy("audit", "Asked to export a long list"),
    "export.approve": pgettext_lazy("audit", "Approved an export"),
    "export.refuse": pgettext_lazy("audit", "Refused an export"),
    "table.import": pgettext_lazy("audit", "Imported a small table"),
    "import.upload": pgettext_lazy("audit", "Uploaded a DMS export"),
    "import.cancel": pgettext_lazy("audit", "Cancelled a DMS import"),
    "import.correct": pgettext_lazy("audit", "Corrected cells of a DMS export"),
    "import.rejected": pgettext_lazy("audit", "Downloaded rejected rows"),
    "commit_import": pgettext_lazy("audit", "Wrote a DMS export"),
    "undo_import": pgettext_lazy("audit", "Took a DMS import back"),
    "demo.begun": pgettext_lazy("audit", "Began to make the demo group"),
    "demo.ready": pgettext_lazy("audit", "Made the demo group"),
    "rules.publish": pgettext_lazy("audit", "Published rules of the groups"),
    "rules.discard": pgettext_lazy("audit", "Discarded a draft of rules"),
    "segment.save": pgettext_lazy("audit", "Saved a segment"),
    "segment.clusters": pgettext_lazy("audit", "Looked for groups in the data"),
    "segment.freeze": pgettext_lazy("audit", "Froze a segment"),
    "segment.archive": pgettext_lazy("audit", "Archived a segment"),
    "segment.restore": pgettext_lazy("audit", "Brought a segment back"),
    "campaign.open": pgettext_lazy("audit", "Opened a campaign"),
    "campaign.close": pgettext_lazy("audit", "Closed a campaign"),
}

# What a deed's details are called; a name missing here is shown as it is.
FACTS: dict[str, str | Promise] = {
    "changed": pgettext_lazy("audit", "changed"),
    "role": pgettext_lazy("audit", "role"),
    "before": pgettext_lazy("audit", "before"),
    "after": pgettext_lazy("audit", "after"),
    "customer": pgettext_lazy("audit", "customer"),
    "new_owner": pgettext_lazy("audit", "new owner"),
    "reason": pgettext_lazy("audit", "reason"),
    "purpose": pgettext_lazy("audit", "purpose"),
    "on": pgettext_lazy("audit", "on"),
    "kinds": pgettext_lazy("audit", "searched by"),
    "found": pgettext_lazy("audit", "found"),
    "list": pgettext_lazy("audit", "list"),
    "format": pgettext_lazy("audit", "format"),
    "rows": pgettext_lazy("audit", "rows"),
    "size": pgettext_lazy("audit", "bytes"),
    "seconds": pgettext_lazy("audit", "seconds"),
    "version": pgettext_lazy("audit", "version"),
    "tag": pgettext_lazy("audit", "tag"),
}


def fact(name: str, value: Any, fields: dict[str, str]) -> str:
    """One detail in words; ``fields`` names the record's own columns."""
    values = value if isinstance(value, list) else [value]
    listed = pgettext("list", ", ").join(fields.get(word, word) for word in map(str, values))
    return gettext("%(name)s: %(value)s") % {"name": FACTS.get(name, name), "value": listed or "—"}


def deed(action: str) -> str:
    return str(DEEDS.get(action, action))
