"""Computes the groups from the command line."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from segmentation import movement, services
from segmentation.models import Family
from staff.models import Store
from staff.vocabulary import C3_GROUPS, CARE_STATUSES


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date: write it like 2026-06-30") from None


class Command(BaseCommand):
    help = "Compute the C3 group and the care status of every car, and write what changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--store", metavar="CODE", help="only the cars of this store")
        parser.add_argument("--as-of", type=day, metavar="DATE", help="as of this day; today by default")
        parser.add_argument(
            "--full",
            action="store_true",
            help="every car, not only those that can have changed since the last run",
        )
        parser.add_argument(
            "--movement",
            nargs=2,
            type=day,
            metavar=("FROM", "TO"),
            help="only tell who moved between two days",
        )
        parser.add_argument(
            "--family", choices=Family.values, default=Family.C3.value, help="of --movement; c3 by default"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["movement"]:
            self._tell_movement(options)
            return
        as_of = options["as_of"] or timezone.localdate()
        if as_of > timezone.localdate():
            raise CommandError(_("%(day)s is in the future: visits are known up to today.") % {"day": as_of})
        try:
            found = services.segment(as_of=as_of, stores=self._stores(options["store"]), full=options["full"])
        except (services.SegmentRefused, services.RulesChanged) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(json.dumps(found) if options["json"] else table(found))

    def _tell_movement(self, options: dict[str, Any]) -> None:
        from_on, to_on = options["movement"]
        if options["as_of"] or options["full"] or from_on >= to_on:
            text = _("--movement takes two days, the earlier first, and neither --as-of nor --full.")
            raise CommandError(text, returncode=2)
        stores = self._stores(options["store"])
        chosen = list(Store.objects.filter(is_active=True)) if stores is None else stores
        try:
            moved = movement.between(stores=chosen, family=options["family"], from_on=from_on, to_on=to_on)
        except movement.NoHistory as refusal:
            raise CommandError(str(refusal)) from refusal
        found = moved.as_dict(stores[0] if stores else None)
        self.stdout.write(json.dumps(found) if options["json"] else movement_table(found))

    def _stores(self, code: str | None) -> list[Store] | None:
        if code is None:
            return None
        store = Store.objects.filter(code=code).first()
        if store is None:
            known = ", ".join(Store.objects.values_list("code", flat=True)) or "—"
            raise CommandError(
                _("There is no store %(code)s. Known: %(known)s.") % {"code": code, "known": known}
            )
        return [store]


def table(found: dict[str, Any]) -> str:
    """The same for people."""
    lines = [
        f"{found['as_of']}  {found['rule_set']}  {found['vehicles']}  +/-{found['changed']}  {found['seconds']} s"
    ]
    groups = {key: group.label for key, group in C3_GROUPS.items()}
    statuses = {key: status.label for key, status in CARE_STATUSES.items()}
    for family, names in (("c3", groups), ("care_status", statuses)):
        lines.append("")
        lines += [f"{count:>8}  {names[key]}" for key, count in found[family].items()]
    return "\n".join(lines)


def movement_table(found: dict[str, Any]) -> str:
    """Rows by the first day's group, columns by the second's, by key."""
    columns = list(dict.fromkeys(key for row in found["matrix"].values() for key in row))
    lines = [
        f"{found['from']} -> {found['to']}  {found['from_base']} -> {found['to_base']}",
        " " * 20 + "".join(f"{key[:9]:>10}" for key in columns),
    ]
    for key, row in found["matrix"].items():
        lines.append(f"{key:<20}" + "".join(f"{row.get(column, 0):>10}" for column in columns))
    return "\n".join(lines)
