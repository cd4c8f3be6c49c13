"""Import DMS exports into a store.

With --json one JSON object goes to standard output and nothing else: for one file its report (the counts of rows,
customers, vehicles, visits and amounts, with the rows rejected, skipped, repeated and reversed, the warnings, and
what was created, changed and unchanged in the database); for several files {"files": [report, ...]} in the order
given. A file refused whole reports {"refused": true, "reason": ...}. The files after it are imported all the same.

Exit status: 0 done, 1 refused or failed, 2 wrong usage.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.dms.commit import report_dict
from customers.dms.refused import FileRefused
from customers.services.imports import import_now
from staff.models import Store


class Command(BaseCommand):
    help = "Import DMS exports (orders, order lines, customers and vehicles; xlsx, xls, CSV) into a store."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument(
            "--store", required=True, metavar="CODE", help="code of the store the exports are of"
        )
        parser.add_argument("--dry-run", action="store_true", help="do everything, then roll it back")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        store = Store.objects.filter(code=options["store"]).first()
        if store is None:
            message = _("There is no store with the code “%(code)s”.") % {"code": options["store"]}
            self._end(options, [_refusal("unknown_store", message)])
        reports = [self._import(Path(name), store, options) for name in options["files"]]
        self._end(options, reports)

    def _import(self, path: Path, store: Any, options: dict[str, Any]) -> dict[str, Any]:
        if not path.is_file():
            return _refusal("no_such_file", _("There is no file “%(name)s”.") % {"name": path})
        try:
            imported, outcome = import_now(
                path=path, store=store, today=timezone.localdate(), trial=options["dry_run"]
            )
        except FileRefused as refused:
            return _refusal(refused.reason_code, refused.message)
        report = report_dict(outcome)
        if not options["json"]:
            self._say(path, report, dry_run=options["dry_run"])
        return report if options["dry_run"] else {**report, "import": imported.pk}

    def _say(self, path: Path, report: dict[str, Any], *, dry_run: bool) -> None:
        note = _(
            "%(file)s: %(rows)d rows, %(visits)d new visits, %(changed)d changed, %(rejected)d rejected,"
            " %(skipped)d skipped, %(duplicates)d duplicates."
        ) % {
            "file": path.name,
            "rows": report["data_rows"],
            "visits": report["created"].get("visits", 0),
            "changed": report["changed"].get("visits", 0),
            "rejected": len(report["rejected"]),
            "skipped": len(report["skipped"]),
            "duplicates": len(report["duplicates"]),
        }
        self.stdout.write(f"{note} {_('Nothing was written.')}" if dry_run else note)

    def _end(self, options: dict[str, Any], reports: list[dict[str, Any]]) -> None:
        messages = [report.pop("message") for report in reports if "message" in report]
        if options["json"]:
            several = len(reports) > 1
            whole = {"files": reports} if several else reports[0]
            self.stdout.write(json.dumps(whole, ensure_ascii=False))
        if messages:
            raise CommandError("\n".join(messages), returncode=1)


def _refusal(reason: str, message: str) -> dict[str, Any]:
    return {"refused": True, "reason": reason, "message": message}
