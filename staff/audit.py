"""What people call the deeds in the audit trail."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext, pgettext_lazy

from staff.figures import yuan

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

# What a deed's details are called, in the order they are told; a name missing here is shown as it is.
FACTS: dict[str, str | Promise] = {
    "changed": pgettext_lazy("audit", "changed"),
    "role": pgettext_lazy("audit", "role"),
    "reason": pgettext_lazy("audit", "reason"),
    "before": pgettext_lazy("audit", "before"),
    "after": pgettext_lazy("audit", "after"),
    "customer": pgettext_lazy("audit", "customer"),
    "new_owner": pgettext_lazy("audit", "new owner"),
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
    "added": pgettext_lazy("audit", "new rows"),
    "updated": pgettext_lazy("audit", "changed rows"),
    "unchanged": pgettext_lazy("audit", "rows as they were"),
    "which": pgettext_lazy("audit", "which"),
    "labour_fen": pgettext_lazy("audit", "labour"),
    "parts_fen": pgettext_lazy("audit", "parts"),
    "discount_fen": pgettext_lazy("audit", "discount"),
    "paid_fen": pgettext_lazy("audit", "paid"),
}


# What stands in a detail and is a word of the program: detail -> value -> what people call it.
# The lists, the formats, the roles and the reasons are added where they are defined.
WORDS: dict[str, dict[str, str | Promise]] = {
    "kinds": {
        "phone": pgettext_lazy("audit", "phone number"),
        "last4": pgettext_lazy("audit", "end of a phone number"),
        "plate": pgettext_lazy("audit", "plate"),
        "serial": pgettext_lazy("audit", "end of a plate"),
        "vin": pgettext_lazy("audit", "VIN"),
        "vin_tail": pgettext_lazy("audit", "end of a VIN"),
        "name": pgettext_lazy("audit", "name"),
        "order": pgettext_lazy("audit", "order number"),
    },
    "purpose": {
        "card": pgettext_lazy("audit", "at the card"),
        "call": pgettext_lazy("audit", "for a call"),
    },
}


def in_order(detail: dict[str, Any]) -> list[tuple[str, Any]]:
    """Details as they are told: PostgreSQL does not keep the order they were written in."""
    places = {name: place for place, name in enumerate(FACTS)}
    return sorted(detail.items(), key=lambda entry: (places.get(entry[0], len(places)), entry[0]))


def fact(name: str, value: Any, columns: dict[str, str]) -> str:
    """One detail in words; ``columns`` names the record's own."""
    return _pair(FACTS.get(name, name), _said(name, value, columns) or "—")


def _said(name: str, value: Any, columns: dict[str, str]) -> str:
    comma = pgettext("list", ", ")
    if isinstance(value, dict):  # amounts before and after
        return comma.join(_pair(FACTS.get(key, key), yuan(fen)) for key, fen in in_order(value))
    words = columns if name == "changed" else WORDS.get(name, {})
    values = [str(each) for each in (value if isinstance(value, list) else [value])]
    return comma.join(str(words.get(each) or (_table(each) if name == "list" else each)) for each in values)


def _table(label: str) -> str:
    """A small table of the admin site: its export is named by its model."""
    try:
        return str(apps.get_model(label)._meta.verbose_name_plural)
    except (LookupError, ValueError):
        return label


def _pair(name: object, value: object) -> str:
    return gettext("%(name)s: %(value)s") % {"name": name, "value": value}


def deed(action: str) -> str:
    return str(DEEDS.get(action, action))
