"""Which row is the header, and what the names of one over two rows are."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from customers.dms.headers import (
    BRACKETED,
    LINE_FIELDS,
    OTHERS,
    PERSONAL,
    SUMMED,
    Column,
    Mapping,
    guess,
    known_field,
    squeeze,
    unnumbered,
)
from customers.dms.read.cells import Cell, Row, as_texts
from customers.dms.refused import FileRefused
from customers.dms.tallies import tally_beside
from customers.values.packing import BLOCK_ROWS

# Rows among which the header is looked for, notices above it: as many as whoever judges the rows gets at once.
LOOK_AHEAD = BLOCK_ROWS
# Among so many a person looks for it.
FIRST = 30
# What the sum of a group is called below it.
_SUMS = frozenset(
    [
        "合计",
        "小计",
        "总计",
        "金额",
        "总额",
        "总金额",
        "合计金额",
        "金额合计",
        "金额小计",
        "价税合计",
        "含税金额",
    ]
)
# Above shares of an amount, though no amount themselves.
_COSTS = frozenset(["费用", "收费", "费用明细", "收费明细"])


def _texts(cells: Sequence[Cell]) -> list[str]:
    return [cell if isinstance(cell, str) else "" for cell in cells]


def _merit(texts: Sequence[str]) -> int:
    """Different known names in a row; 0 when they are too few to be a header."""
    fields = {known[0] for text in texts if text and (known := known_field(text))}
    filled = sum(1 for text in texts if text.strip())
    return len(fields) if len(fields) >= 3 or len(fields) == filled == 2 else 0


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Two header rows as one: a name below a group, which reaches to the next, is read together with it."""
    low = [*lower, *[""] * (len(upper) - len(lower))]
    groups = _groups(upper, low)
    bare = [(group, squeeze(unnumbered(name))) for group, name in zip(groups, low, strict=True)]
    alike = Counter(bare)
    names = []
    for place, (group, name) in enumerate(zip(groups, low, strict=True)):
        if not name.strip():
            names.append(upper[place] if place < len(upper) else "")
            continue
        # The number of a column says nothing; one of several of a kind does.
        is_one = group.strip() and alike[bare[place]] == 1 and not known_field(name)
        names.append(_in_group(group, unnumbered(name) if is_one else name))
    return names


def _groups(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """The name each name of ``lower`` stands below."""
    groups, group = [], ""
    for place, below in enumerate(lower):
        above = upper[place] if place < len(upper) else ""
        # A name over both rows is no group, and ends the one before it.
        group = above if above.strip() else group if below.strip() else ""
        groups.append(group)
    return groups


def _in_group(group: str, name: str) -> str:
    """``实收`` over ``合计`` is what was paid, over ``材料费`` the parts; ``客户`` over ``姓名`` the owner's name."""
    if not group.strip():
        return name
    both = f"{group}{name}"
    known, of_group = known_field(both), known_field(group)
    # A sum below an amount is no sum of a line, as 金额小计 is in one row.
    if known and not (of_group and known[0] == "line_amount"):
        return both
    if of_group and of_group[0] in SUMMED:
        return _in_amount(group, name)
    # Of somebody else: the other names of a person are not the customer's.
    if of_group and of_group[0] in OTHERS and (known_field(name) or ("", 0))[0] in PERSONAL:
        return both
    return name


def _in_amount(group: str, name: str) -> str:
    """A share of an amount is not the amount, and 工时 there no number of hours."""
    if squeeze(name).startswith(squeeze(group)):
        return name
    if squeeze(BRACKETED.sub("", unicodedata.normalize("NFKC", name))) in _SUMS:
        return group
    known = known_field(name) or known_field(unnumbered(name))
    return name if known and known[0] not in LINE_FIELDS else f"{group}{name}"


def _are_below_groups(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether all names of ``lower`` stand below names of ``upper`` that reach over several columns.

    A merged cell comes as blanks, or with its text in each column.
    """
    low = [name.strip() for name in lower]
    high = [name.strip() for name in [*upper, *[""] * (len(low) - len(upper)), "|"]]
    filled = [place for place, name in enumerate(low) if name]
    goes_on = [place > 0 and high[place] in ("", high[place - 1]) for place in range(len(high))]
    split = [place for place in filled if goes_on[place] or goes_on[place + 1]]
    rest = (low[place] == high[place] for place in filled if place not in split)
    return len(split) > 1 and any(goes_on[place] for place in split) and all(rest)


def _are_names(cells: Sequence[Cell]) -> bool:
    """Hardly any row of data is without a digit."""
    return all(isinstance(cell, str) and not any(map(str.isdigit, cell)) for cell in cells)


def _are_numbered(cells: Sequence[Cell], upper: Sequence[str]) -> bool:
    """Whether they are names that end in numbers, below amounts or known without them."""
    lower = _texts(cells)
    return (
        all(isinstance(cell, str) for cell in cells)
        and _are_below_groups(upper, lower)
        and all(
            _may_be_numbered(name, group)
            for name, group in zip(lower, _groups(upper, lower), strict=True)
            if any(map(str.isdigit, name))
        )
    )


def _may_be_numbered(name: str, group: str) -> bool:
    bare = unnumbered(name)
    if bare == name:
        return False
    of_group = known_field(group)
    is_amount = (of_group is not None and of_group[0] in SUMMED) or squeeze(group) in _COSTS
    return is_amount or known_field(bare) is not None


def _best(rows: Sequence[Row]) -> tuple[int, int, list[str]]:
    """Merit, row number and names of the best header among ``rows``."""
    best: tuple[int, int, list[str]] = (0, 0, [])
    above: tuple[int, list[str]] = (0, [])
    for number, cells in rows[:LOOK_AHEAD]:
        names = _texts(cells)
        merit = _merit(names)
        if merit > best[0]:
            best = (merit, number, names)
        are_names = _are_names(cells) or _are_numbered(cells, above[1])
        # A data row is no header even if the row above it is a good one.
        if above[0] == number - 1 and (are_names or merit * 3 >= sum(map(bool, map(str.strip, names))) > 0):
            both = _joined(above[1], names)
            # Names below the groups of the best header are part of it, known or not.
            is_rest = best[1] == above[0] > 0 and are_names and _are_below_groups(above[1], names)
            if (merit := _merit(both)) > best[0] or is_rest:
                best = (max(merit, best[0]), number, both)
        above = (number, best[2] if best[1] == number else names)
    return best


def header_merit(rows: Sequence[Row]) -> int:
    """How many known names the best header among ``rows`` has; 0 for none."""
    return _best(rows)[0]


def header_names(rows: Sequence[Row]) -> list[str]:
    """The names of the best header among ``rows``, as ``Mapping.names``; [] for none."""
    merit, number, names = _best(rows)
    return _suggested(rows, number, names).names if merit else []


def find_mapping(rows: Sequence[Row]) -> Mapping:
    """The mapping the first rows of a file suggest; FileRefused when none of them is a header."""
    merit, number, names = _best(rows)
    if not merit:
        raise FileRefused("no_header")
    return _suggested(rows, number, names)


def _suggested(rows: Sequence[Row], number: int, names: Sequence[str]) -> Mapping:
    """The mapping by these names, those of a tally beside the orders aside."""
    has_gap = not all(map(str.strip, names)) or any(len(cells) > len(names) for _, cells in rows)
    start, end = tally_beside(rows, number) if has_gap else (0, 0)
    orders = guess(number, names[:end]) if start else None
    if orders is None or orders.export == "customers" or orders.missing:
        return guess(number, names)
    others = [
        Column(index, name, "", "beside" if name.strip() else "blank")
        for index, name in enumerate(names[end:], start=end)
    ]
    return replace(orders, columns=(*orders.columns, *others), other_table=start)


def mapping_at(rows: Sequence[Row], header_row: int) -> Mapping:
    """The mapping with a row that a person calls the header; FileRefused when it is none of ``rows``."""
    for number, cells in rows:
        if number == header_row:
            return guess(number, as_texts(cells))
    raise FileRefused("no_header")
