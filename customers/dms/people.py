"""Who is one customer in a file."""

from array import array
from collections.abc import Iterator

from customers.dms.codes import ACCEPTED, BIT, DUPLICATE, LINE, REVERSAL
from customers.dms.ledger import Ledger

STAND_IN_FROM = 3
"""A number or code under so many names stands for no customer."""

_COUNTED = frozenset([ACCEPTED, DUPLICATE, REVERSAL, LINE])
_MOBILE, _COMPANY, _NAME, _CODE = range(4)


def counted(ledger: Ledger) -> Iterator[int]:
    """Rows customers and vehicles come from."""
    return (index for index, status in enumerate(ledger.status) if status in _COUNTED)


def _stand_ins(ledger: Ledger, keys: array, *, persons_only: bool) -> set[int]:
    """Values of ``keys`` that stand under three names or more."""
    first: dict[int, int] = {}
    others: dict[int, set[int]] = {}
    for index in counted(ledger):
        key, name = keys[index], ledger.name[index]
        if not key or not name or (persons_only and ledger.is_company[index]):
            continue
        if first.setdefault(key, name) != name:
            others.setdefault(key, {first[key]}).add(name)
    return {key for key, names in others.items() if len(names) >= STAND_IN_FROM}


class _Groups:
    """Union-find over small numbers."""

    def __init__(self) -> None:
        self._parents: array[int] = array("i")
        self._numbers: dict[int, int] = {}

    def number(self, key: int) -> int:
        number = self._numbers.setdefault(key, len(self._parents))
        if number == len(self._parents):
            self._parents.append(number)
        return number

    def has(self, key: int) -> bool:
        return key in self._numbers

    def root(self, number: int) -> int:
        parents = self._parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    def join(self, one: int, other: int) -> None:
        self._parents[self.root(other)] = self.root(one)


def settle_customers(ledger: Ledger) -> dict[str, int]:
    """Number the customers of the counted rows; return how many of each type there are.

    Also marks the rows whose mobile is a stand-in.
    """
    shared = _stand_ins(ledger, ledger.mobile, persons_only=True)
    common = _stand_ins(ledger, ledger.code, persons_only=False)
    groups = _Groups()
    ledger.customer = array("i", [-1]) * len(ledger)
    without: list[int] = []
    for index in counted(ledger):
        mobile = ledger.mobile[index]
        if ledger.is_company[index]:
            key = hash((_COMPANY, ledger.name[index]))
        elif mobile and mobile not in shared:
            key = hash((_MOBILE, mobile))
        else:
            if mobile:
                ledger.bits[index] |= BIT["phone_shared"]
            without.append(index)
            continue
        _enter(ledger, groups, index, key, common)
    _enter_without_mobile(ledger, groups, without, common)
    return _count(ledger, groups)


def _enter(ledger: Ledger, groups: _Groups, index: int, key: int, common: set[int]) -> None:
    number = ledger.customer[index] = groups.number(key)
    code = ledger.code[index]
    if code and code not in common:
        groups.join(number, groups.number(hash((_CODE, code))))


def _enter_without_mobile(ledger: Ledger, groups: _Groups, rows: list[int], common: set[int]) -> None:
    """Persons known by name and vehicle: also to the rows of theirs that do have a mobile."""
    wanted = {(ledger.name[index], ledger.vehicle[index]) for index in rows}
    known: dict[tuple[int, int], int] = {}
    if wanted:
        for index in counted(ledger):
            pair = ledger.name[index], ledger.vehicle[index]
            if pair in wanted and ledger.customer[index] >= 0 and not ledger.is_company[index]:
                known.setdefault(pair, ledger.customer[index])
    for index in rows:
        name, vehicle = ledger.name[index], ledger.vehicle[index]
        # Neither car nor mobile: a landline or a code is all there is.
        key = hash((_NAME, name, vehicle or ledger.phones[index] or ledger.code[index] or -index))
        _enter(ledger, groups, index, key, common)
        if (name, vehicle) in known and vehicle:
            groups.join(known[name, vehicle], ledger.customer[index])


def _count(ledger: Ledger, groups: _Groups) -> dict[str, int]:
    types: dict[int, str] = {}
    for index in counted(ledger):
        root = ledger.customer[index] = groups.root(ledger.customer[index])
        if ledger.is_company[index]:
            types[root] = "company"
        else:
            types.setdefault(root, "person")
    totals: dict[str, int] = {}
    for type_ in types.values():
        totals[type_] = totals.get(type_, 0) + 1
    return dict(sorted(totals.items()))
