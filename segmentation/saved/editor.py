"""The conditions while somebody edits them: from what is kept to rows, from a browser to rows, and the buttons."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.http import QueryDict

from customers.values.money import yuan_text
from segmentation.saved.catalogue import FIELDS
from segmentation.saved.operators import Needs
from segmentation.saved.rows import ROOT, ConditionRow, GroupRow
from segmentation.saved.scope import Scope
from segmentation.saved.tree import Bound, Group, Mode, Node
from segmentation.saved.words import phrase

_PATH = re.compile(r"0(?:-[0-9]{1,2}){0,3}")


def new(scope: Scope) -> GroupRow:
    return GroupRow(ROOT, items=[ConditionRow(f"{ROOT}-0", scope)])


def shown(node: Node, scope: Scope, path: str = ROOT) -> Any:
    """What is kept, as rows to edit or to read."""
    if isinstance(node, Group):
        items = [shown(item, scope, f"{path}-{at}") for at, item in enumerate(node.items)]
        return GroupRow(path, node.mode, items)
    asked = FIELDS[node.field]
    row = ConditionRow(path, scope, asked, node.operator, list(node.words))
    operator = row.operator
    if operator is not None and (operator.needs == Needs.TEXT or not (asked.choices or asked.offered)):
        row.words, row.typed = [], ", ".join(node.words)
    row.low, row.high = (_text(bound, money=asked.money) for bound in (node.low, node.high))
    row.__dict__["phrase"] = phrase(node, scope)
    return row


def posted(data: QueryDict, scope: Scope) -> GroupRow:
    """The rows as a browser sends them; what does not fit in is left out."""
    root = GroupRow(ROOT, _mode(data, ROOT))
    groups = {ROOT: root}
    paths = {key[2:] for key in data if key[:2] in ("m:", "f:") and _PATH.fullmatch(key[2:])}
    # Groups come before what is in them, and rows in their order.
    for path in sorted(paths - {ROOT}, key=lambda path: [int(part) for part in path.split("-")]):
        parent = groups.get(path.rpartition("-")[0])
        if parent is None:
            continue
        if f"m:{path}" not in data:
            parent.items.append(_condition(data, path, scope))
        elif parent.may_nest:
            groups[path] = GroupRow(path, _mode(data, path))
            parent.items.append(groups[path])
    _number(root)
    return root


def edit(root: GroupRow, deed: str, scope: Scope) -> None:
    """Carry out a button of the editor: "add:0-1", "group:0", "remove:0-2". Anything else changes nothing."""
    what, _colon, path = deed.partition(":")
    groups = {row.path: row for row in root.rows() if isinstance(row, GroupRow)}
    group = groups.get(path)
    if what == "remove":
        for parent in groups.values():
            parent.items = [item for item in parent.items if item.path != path]
    elif what == "add" and group:
        group.items.append(ConditionRow("", scope))
    elif what == "group" and group and group.may_nest:
        group.items.append(GroupRow("", Mode.ANY, [ConditionRow("", scope)]))
    _number(root)


def _number(group: GroupRow) -> None:
    for at, item in enumerate(group.items):
        item.path = f"{group.path}-{at}"
        if isinstance(item, GroupRow):
            _number(item)


def _mode(data: QueryDict, path: str) -> Mode:
    mode = data.get(f"m:{path}", "")
    return Mode(mode) if mode in list(Mode) else Mode.ALL


def _condition(data: QueryDict, path: str, scope: Scope) -> ConditionRow:
    about = FIELDS.get(data.get(f"f:{path}", ""))
    # The values were entered for the field shown then: another one has others.
    if about is None or data.get(f"p:{path}") != about.key:
        return ConditionRow(path, scope, about)
    return ConditionRow(
        path,
        scope,
        about,
        data.get(f"o:{path}", ""),
        data.getlist(f"w:{path}"),
        data.get(f"t:{path}", ""),
        data.get(f"a:{path}", ""),
        data.get(f"b:{path}", ""),
    )


def _text(bound: Bound, *, money: bool) -> str:
    if bound is None:
        return ""
    if isinstance(bound, date):
        return bound.isoformat()
    return yuan_text(bound).removesuffix(".00") if money else str(bound)
