"""Every template compiles: a typing error in a tag is found here and not by the page's first visitor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.template import TemplateSyntaxError, engines
from django.template.exceptions import TemplateDoesNotExist

ROOT = Path(__file__).resolve().parents[2]


def faults() -> list[str]:
    engine = engines["django"]
    found = []
    for folder in (ROOT / "templates", *ROOT.glob("*/templates")):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = str(path.relative_to(folder))
            try:
                engine.get_template(name)
            except (TemplateSyntaxError, TemplateDoesNotExist) as error:
                found.append(f"{path.relative_to(ROOT)}: {error}")
    return found


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dealer_crm.settings")
    django.setup()
    found = faults()
    for fault in found:
        print(fault)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
