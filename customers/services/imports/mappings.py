"""What columns and words of a file mean: by its header, by the user, by what the store remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from customers.dms.columns import DEFAULTS, POLICIES, defaults_of
from customers.dms.headers import Mapping as Columns
from customers.dms.headers import guess
from customers.dms.preview import NoHeader, Preview, preview
from customers.dms.read.cells import as_texts
from customers.models import Import, ImportMapping, KindWord
from customers.services.imports.starts import ImportRefused
from customers.values.kinds import KINDS, kind_word
from staff.models import Store

Status = Import.Status


@transaction.atomic
def set_mapping(
    *,
    imported: Import,
    fields: Mapping[int, str],
    kinds: Mapping[str, str] | None = None,
    policy: Mapping[str, str] | None = None,
    day_order: str = "",
) -> Import:
    """What the user decided on the mapping page; remembered for the store's next file of this shape.

    ``fields``: column number -> field, or "" for none; ``kinds``: word of the file -> kind of visit;
    ``policy``: field -> fill, overwrite or keep. Raises ValueError for a name nobody knows, ImportRefused when it
    is too late. Call start_check afterwards.
    """
    fresh = Import.objects.select_for_update(of=("self",)).get(pk=imported.pk)
    if fresh.status not in (Status.MAPPED, Status.READY, Status.CHECKING) or not fresh.mapping:
        raise ImportRefused(fresh.status)
    mapping = Columns.from_dict(fresh.mapping).with_fields(fields)
    usual = defaults_of(mapping.export)
    chosen = {name: value for name, value in (policy or {}).items() if value != usual.get(name)}
    if set(chosen) - set(DEFAULTS) or set(chosen.values()) - set(POLICIES):
        raise ValueError("no such policy")
    words = {kind_word(word): kind for word, kind in (kinds or {}).items() if kind}
    if set(words.values()) - set(KINDS) or day_order not in ("", "dmy", "mdy"):
        raise ValueError("no such kind or order of days")
    fresh.mapping, fresh.policy, fresh.day_order = mapping.as_dict(), chosen, day_order
    fresh.fingerprint = mapping.fingerprint
    fresh.save(update_fields=["mapping", "policy", "day_order", "fingerprint"])
    remember(store=fresh.store, mapping=mapping, policy=chosen)
    for word, kind in words.items():
        KindWord.objects.update_or_create(store=fresh.store, word=word[:60], defaults={"kind": kind})
    return fresh


def remember(*, store: Store, mapping: Columns, policy: Mapping[str, str]) -> None:
    """The columns a user chose, for the next file with these headers."""
    columns = {str(column.index): column.field for column in mapping.columns if column.verdict == "chosen"}
    ImportMapping.objects.update_or_create(
        store=store,
        fingerprint=mapping.fingerprint,
        defaults={"columns": columns, "policy": dict(policy), "updated_at": timezone.now()},
    )


def with_memory(*, imported: Import, mapping: Columns) -> Columns:
    """``mapping`` as the store's user corrected it last time; its policies go to ``imported``."""
    kept = ImportMapping.objects.filter(store=imported.store_id, fingerprint=mapping.fingerprint).first()
    if kept is None:
        return mapping
    imported.policy = kept.policy
    return mapping.with_fields({int(index): field for index, field in kept.columns.items()})


def look_at(imported: Import) -> Preview:
    """The head of its file. Where no header is known it is the row a person named, or one the store remembers."""
    path = Path(imported.file.path)
    try:
        return preview(path, sheet=imported.sheet, header_row=imported.header_row)
    except NoHeader as refused:
        found = _remembered_header(imported, refused)
        if found is None:
            raise
        imported.sheet, imported.header_row = found
        seen = preview(path, sheet=imported.sheet, header_row=imported.header_row)
        return replace(seen, sheets=refused.sheets)


def _remembered_header(imported: Import, refused: NoHeader) -> tuple[str, int] | None:
    """Sheet and number of the first row whose names are those of a file that somebody mapped."""
    others = [head for head in refused.sheets if head[0] != refused.sheet]
    heads = [(refused.sheet, refused.head), *others]
    shapes = {
        guess(number, as_texts(cells)).fingerprint: (place, number)
        for place, (_sheet, head) in reversed([*enumerate(heads)])
        for number, cells in reversed(head)
    }
    known = ImportMapping.objects.filter(store=imported.store_id, fingerprint__in=shapes)
    found = min((shapes[shape] for shape in known.values_list("fingerprint", flat=True)), default=None)
    return (heads[found[0]][0], found[1]) if found else None


def prepare_mapping(imported: Import) -> Columns:
    """What the header suggests and this store's user corrected before, unless this file's mapping stands already."""
    if imported.mapping:
        return Columns.from_dict(imported.mapping)
    head = look_at(imported)
    mapping = with_memory(imported=imported, mapping=head.mapping)
    imported.sheet = imported.sheet or head.sheet[:120]
    imported.mapping, imported.fingerprint = mapping.as_dict(), mapping.fingerprint
    return mapping
