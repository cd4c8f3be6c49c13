"""make loc: lines of code by app, without blank lines and comments; tests and templates apart."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("staff", "jobs", "customers", "segmentation", "campaigns", "callcenter", "dashboards", "dealer_crm")


def count(paths: Iterable[Path]) -> tuple[int, int]:
    """How many files, and how many lines that are neither blank nor a comment."""
    files = lines = 0
    for path in paths:
        files += 1
        text = path.read_text(encoding="utf-8")
        lines += sum(1 for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return files, lines


def table() -> list[tuple[str, int, int]]:
    rows = []
    for app in APPS:
        code = [path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
        rows.append((app, *count(code)))
    rows.append(("migrations", *count(path for app in APPS for path in (ROOT / app).glob("migrations/*.py"))))
    rows.append(("sql", *count(path for app in APPS for path in (ROOT / app).rglob("*.sql"))))
    rows.append(("templates", *count((ROOT / "templates").rglob("*.html"))))
    rows.append(
        ("static", *count(path for kind in ("css", "js") for path in (ROOT / "static").rglob(f"*.{kind}")))
    )
    rows.append(("tests", *count((ROOT / "tests").rglob("*.py"))))
    return rows


def main() -> int:
    rows = table()
    for name, files, lines in [*rows, ("together", sum(row[1] for row in rows), sum(row[2] for row in rows))]:
        print(f"{name:<14}{files:>5} files {lines:>7,} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
