"""What the layout promises: keys point left, forms name their fields, nothing is marked safe, deeds have words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin import site
from django.utils.functional import Promise

from staff.audit import DEEDS
from staff.table_admin import TableExport

ROOT = Path(settings.BASE_DIR)
# From left to right: each may know those before it.
APPS = ["staff", "jobs", "customers", "segmentation", "campaigns", "callcenter", "dashboards", "dealer_crm"]
OURS = [app for app in APPS if app != "dealer_crm"]
# The tag library builds markup from constants and the icon package's files.
MAY_MARK_SAFE = {"staff/templatetags/ui.py"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                yield name, node, getattr(called, "attr", None) or getattr(called, "id", "")


def test_foreign_keys_point_left() -> None:
    wrong = []
    for model in apps.get_models(include_auto_created=True):
        app = model._meta.app_label
        if app not in OURS:
            continue
        for field in model._meta.get_fields():
            target = field.related_model if field.is_relation and not field.auto_created else None
            if isinstance(target, type) and target._meta.app_label in OURS[OURS.index(app) + 1 :]:
                wrong.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")

    assert wrong == []


def test_every_table_is_called_in_the_users_language() -> None:
    """Django makes an English name of the class where there is none, which then stands on Chinese pages."""
    ours = [model for model in apps.get_models() if model._meta.app_label in OURS]
    nameless = [
        model._meta.label
        for model in ours
        if not isinstance(model._meta.verbose_name, Promise)
        or not isinstance(model._meta.verbose_name_plural, Promise)
    ]

    assert len(ours) > 40
    assert nameless == []
    assert [app for app in OURS if not isinstance(apps.get_app_config(app).verbose_name, Promise)] == []


def test_the_columns_of_the_admins_tables_are_called_in_the_users_language() -> None:
    tables = [
        admin.resource_classes[0] for admin in site._registry.values() if isinstance(admin, TableExport)
    ]
    columns = [(table, table._meta.model._meta.get_field(name)) for table in tables for name in table.fields]

    assert len(tables) == 5
    assert [
        f"{table.__name__}.{column.name}"
        for table, column in columns
        if not isinstance(column.verbose_name, Promise)
    ] == []


def test_model_forms_name_their_fields() -> None:
    """``__all__`` and ``exclude`` let a new column be written from outside without anyone deciding so."""
    wrong = []
    for name, tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef) or node.name != "Meta":
                continue
            for line in node.body:
                if not isinstance(line, ast.Assign):
                    continue
                targets = {target.id for target in line.targets if isinstance(target, ast.Name)}
                everything = isinstance(line.value, ast.Constant) and line.value.value == "__all__"
                if "exclude" in targets or ("fields" in targets and everything):
                    wrong.append(f"{name}:{line.lineno}")

    assert wrong == []


@pytest.mark.parametrize("option", ["eta", "countdown"])
def test_no_message_waits_in_the_broker(option: str) -> None:
    """Beyond the visibility timeout it would be delivered twice; what is due later waits in its row."""
    found = [
        f"{name}:{node.lineno}"
        for name, node, _called in calls()
        if option in {word.arg for word in node.keywords}
    ]

    assert found == []


def test_markup_is_never_declared_safe() -> None:
    found = {
        name
        for name, _node, called in calls()
        if called in ("mark_safe", "SafeString") and name not in MAY_MARK_SAFE
    }
    found |= {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"\|\s*safe(seq)?\b|{%\s*autoescape\s+off", path.read_text())
    }

    assert found == set()


def test_every_recorded_deed_has_words() -> None:
    """The audit page says in words what people did."""
    deeds: set[str] = set()
    for _name, tree in sources():
        constants = dict(constants_of(tree))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "record":
                continue
            for given in (word.value for word in node.keywords if word.arg == "action"):
                if isinstance(given, ast.Call):
                    continue  # put together at run time
                deeds |= texts_in(given)
                names = {part.id for part in ast.walk(given) if isinstance(part, ast.Name)}
                deeds |= set().union(*(constants.get(name, set()) for name in names))

    assert deeds - set(DEEDS) == set(), "give these words in staff/audit.py"
    assert len(deeds) > 10


def constants_of(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """The module's names for texts, or for tables of texts."""
    for line in tree.body:
        if not isinstance(line, ast.Assign):
            continue
        for target in line.targets:
            if isinstance(target, ast.Name):
                yield target.id, texts_in(line.value)
            elif isinstance(target, ast.Tuple) and isinstance(line.value, ast.Tuple):
                for name, value in zip(target.elts, line.value.elts, strict=True):
                    if isinstance(name, ast.Name):
                        yield name.id, texts_in(value)


def texts_in(node: ast.AST) -> set[str]:
    return {
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
