"""Who is one customer in a file."""

from array import array

import numpy as np

from customers.dms.codes import BIT, NOTHING
from customers.dms.ledger import Ledger, shared

STAND_IN_FROM = 3
"""A number or code under so many names stands for no customer."""

_MOBILE, _COMPANY, _NAME, _CODE = range(4)

Pair = tuple[int, int]
"""Numbers of a car and an owner of the ledger."""


def _stand_ins(ledger: Ledger, owners: set[int], keys: array, *, persons_only: bool) -> set[int]:
    """Values of ``keys`` that stand under three names or more."""
    first: dict[int, int] = {}
    others: dict[int, set[int]] = {}
    for owner in owners:
        key, name = keys[owner], ledger.owners.name[owner]
        if not key or not name or (persons_only and ledger.owners.is_company[owner]):
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

    def root(self, number: int) -> int:
        parents = self._parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    def join(self, one: int, other: int) -> None:
        self._parents[self.root(other)] = self.root(one)


class _Customers:
    """Numbers the customers of the pairs of cars and owners."""

    def __init__(self, ledger: Ledger, pairs: list[Pair]) -> None:
        self._ledger, self._pairs = ledger, pairs
        owners = {owner for _, owner in pairs}
        mobiles = _stand_ins(ledger, owners, ledger.owners.mobile, persons_only=True)
        self._common = _stand_ins(ledger, owners, ledger.owners.code, persons_only=False)
        self.shared = {
            owner
            for owner in owners
            if ledger.owners.mobile[owner] in mobiles and not ledger.owners.is_company[owner]
        }
        self._groups = _Groups()
        self._found: dict[Pair, int] = {}

    def numbers(self) -> list[int]:
        """One for each pair."""
        without = []
        for pair in self._pairs:
            if key := self._own_key(pair[1]):
                self._enter(pair, key)
            else:
                without.append(pair)
        self._enter_without_mobile(without)
        return [self._groups.root(self._found[pair]) for pair in self._pairs]

    def _own_key(self, owner: int) -> int:
        """What knows the owner whatever the car."""
        owners = self._ledger.owners
        if owners.is_company[owner]:
            return hash((_COMPANY, owners.name[owner]))
        mobile = owners.mobile[owner]
        return hash((_MOBILE, mobile)) if mobile and owner not in self.shared else NOTHING

    def _enter(self, pair: Pair, key: int) -> None:
        number = self._found[pair] = self._groups.number(key)
        code = self._ledger.owners.code[pair[1]]
        if code and code not in self._common:
            self._groups.join(number, self._groups.number(hash((_CODE, code))))

    def _said(self, pair: Pair) -> tuple[int, int]:
        """Name and vehicle."""
        return self._ledger.owners.name[pair[1]], self._ledger.cars.vehicle[pair[0]]

    def _enter_without_mobile(self, pairs: list[Pair]) -> None:
        """Persons known by name and vehicle: also to the rows of theirs that do have a mobile."""
        owners, known = self._ledger.owners, dict[tuple[int, int], int]()
        if pairs:
            for pair, number in self._found.items():
                if not owners.is_company[pair[1]]:
                    known.setdefault(self._said(pair), number)
        for pair in pairs:
            (name, vehicle), owner = self._said(pair), pair[1]
            # Neither car nor mobile: a landline or a code is all there is.
            self._enter(
                pair, hash((_NAME, name, vehicle or owners.phones[owner] or owners.code[owner] or -owner))
            )
            if vehicle and (name, vehicle) in known:
                self._groups.join(known[name, vehicle], self._found[pair])


def settle_customers(ledger: Ledger) -> dict[str, int]:
    """Number the customers of the counted rows; return how many of each type there are.

    Also marks the rows whose mobile is a stand-in.
    """
    found = ledger.pairs()
    cars, owners = (shared(column)[found.first].tolist() for column in (ledger.car, ledger.owner))
    pairs = list(zip(cars, owners, strict=True))
    customers = _Customers(ledger, pairs)
    numbers = customers.numbers()
    # -1 for rows of no pair: the last of the list.
    of_rows = np.array([*numbers, -1], dtype=np.int32)[found.of_row]
    ledger.customer = array("i", of_rows.tobytes())
    if customers.shared:
        is_shared = np.isin(shared(ledger.owner), list(customers.shared)) & (found.of_row >= 0)
        shared(ledger.bits)[is_shared] |= BIT["phone_shared"]
    return _count(ledger, pairs, numbers)


def _count(ledger: Ledger, pairs: list[Pair], numbers: list[int]) -> dict[str, int]:
    types: dict[int, str] = {}
    for (_, owner), number in zip(pairs, numbers, strict=True):
        if ledger.owners.is_company[owner]:
            types[number] = "company"
        else:
            types.setdefault(number, "person")
    totals: dict[str, int] = {}
    for type_ in types.values():
        totals[type_] = totals.get(type_, 0) + 1
    return dict(sorted(totals.items()))
