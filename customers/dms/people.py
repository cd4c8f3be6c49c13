"""Who is one customer in a file."""

from array import array

import numpy as np
from numpy.typing import NDArray

from customers.dms.codes import BIT, NOTHING
from customers.dms.ledger import Ledger, shared

STAND_IN_FROM = 3
"""A mobile under so many names stands for no customer."""
WALK_INS_FROM = 5
"""A code under so many names and as many mobiles stands for no customer."""

_Numbers = NDArray[np.int64]


def _stand_ins(keys: _Numbers, names: _Numbers, least: int) -> _Numbers:
    """Values of ``keys`` that stand under so many names or more."""
    is_told = (keys != NOTHING) & (names != NOTHING)
    keys, names = keys[is_told], names[is_told]
    order = np.lexsort((names, keys))
    keys, names = keys[order], names[order]
    is_new = np.ones(len(keys), dtype=bool)
    is_new[1:] = (keys[1:] != keys[:-1]) | (names[1:] != names[:-1])
    found, times = np.unique(keys[is_new], return_counts=True)
    return found[times >= least]


class _Groups:
    """Union-find over numbers from 0."""

    def __init__(self, count: int) -> None:
        self._parents = array("i", range(count))

    def add(self) -> int:
        """One more number."""
        self._parents.append(len(self._parents))
        return self._parents[-1]

    def join(self, one: int, other: int) -> None:
        self._parents[self._root(other)] = self._root(one)

    def roots(self) -> NDArray[np.int32]:
        """By number, the one that stands for its group."""
        parents = np.array(self._parents, dtype=np.int32)
        while (parents != (above := parents[parents])).any():
            parents = above
        return parents

    def _root(self, number: int) -> int:
        parents = self._parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number


class _Customers:
    """Numbers the customers of pairs of cars and owners, given by their numbers in the ledger."""

    def __init__(self, ledger: Ledger, cars: _Numbers, owners: _Numbers) -> None:
        known = ledger.owners
        self._names, self._codes, self._phones = map(shared, (known.name, known.code, known.phones))
        self._mobiles = shared(known.mobile)
        self.is_company: NDArray[np.bool_] = shared(known.is_company) != 0
        self.is_named: NDArray[np.bool_] = (self._names != NOTHING) | (self._phones != NOTHING)
        self._owners, self._vehicles = owners, shared(ledger.cars.vehicle)[cars]
        present = np.unique(owners)
        persons = present[~self.is_company[present]]
        mobiles = _stand_ins(self._mobiles[persons], self._names[persons], STAND_IN_FROM)
        # One customer's code comes with titles, misspellings and family; five people who can each be called are the
        # walk-ins of a desk that types one code for all of them.
        named, called = (
            _stand_ins(self._codes[present], each[present], WALK_INS_FROM)
            for each in (self._names, self._mobiles)
        )
        self._common = np.intersect1d(named, called)
        self.is_shared = np.isin(self._mobiles, mobiles) & ~self.is_company

    def numbers(self) -> NDArray[np.int32]:
        """One for each pair."""
        own, count = self._own_numbers()
        groups = _Groups(count)
        numbers = own[self._owners]
        without = np.flatnonzero(numbers < 0)
        known = self._known_by_name(numbers, without)
        numbers[without] = [self._by_name(pair, known, groups) for pair in without.tolist()]
        self._join_codes(numbers, groups)
        return groups.roots()[numbers]

    def _own_numbers(self) -> tuple[NDArray[np.int32], int]:
        """By owner, a number for what knows them whatever the car, -1 for nothing; and how many there are."""
        numbers, count = np.full(len(self._names), -1, dtype=np.int32), 0
        has_mobile = (self._mobiles != NOTHING) & ~self.is_company & ~self.is_shared
        for chosen, keys in ((self.is_company, self._names), (has_mobile, self._mobiles)):
            different, which = np.unique(keys[chosen], return_inverse=True)
            numbers[chosen] = which + count
            count += len(different)
        return numbers, count

    def _known_by_name(self, numbers: NDArray[np.int32], without: _Numbers) -> dict[tuple[int, int], int]:
        """Name and vehicle of persons with a mobile -> their number, where somebody without one has that vehicle."""
        asked = np.unique(self._vehicles[without])
        told = (
            (numbers >= 0) & ~self.is_company[self._owners] & np.isin(self._vehicles, asked[asked != NOTHING])
        )
        found: dict[tuple[int, int], int] = {}
        for pair in np.flatnonzero(told).tolist():
            found.setdefault(self._said(pair), int(numbers[pair]))
        return found

    def _said(self, pair: int) -> tuple[int, int]:
        """Name and vehicle."""
        return int(self._names[self._owners[pair]]), int(self._vehicles[pair])

    def _by_name(self, pair: int, known: dict[tuple[int, int], int], groups: _Groups) -> int:
        """The number of a person without a mobile: known by name and vehicle."""
        (name, vehicle), owner = self._said(pair), int(self._owners[pair])
        # Neither car nor mobile: a landline or a code is all there is.
        key = name, vehicle or int(self._phones[owner]) or int(self._codes[owner]) or -owner
        if key not in known:
            known[key] = groups.add()
        return known[key]

    def _join_codes(self, numbers: NDArray[np.int32], groups: _Groups) -> None:
        codes = self._codes[self._owners]
        tells = np.flatnonzero((codes != NOTHING) & ~np.isin(codes, self._common))
        _, first, which = np.unique(codes[tells], return_index=True, return_inverse=True)
        first_numbers = numbers[tells][first][which]
        for place in np.flatnonzero(first_numbers != numbers[tells]).tolist():
            groups.join(int(first_numbers[place]), int(numbers[tells[place]]))


def settle_customers(ledger: Ledger) -> dict[str, int]:
    """Number the customers of the counted rows; return how many of each type there are.

    Also marks the rows whose mobile is a stand-in. Who has neither name nor phone gets a number, without which
    the row's car would not count either, but is not counted: nobody is made of them.
    """
    found = ledger.pairs()
    cars, owners = (shared(column)[found.first] for column in (ledger.car, ledger.owner))
    customers = _Customers(ledger, cars, owners)
    numbers = customers.numbers()
    # -1 for rows of no pair: the last of the list.
    of_rows = np.append(numbers, np.int32(-1))[found.of_row]
    ledger.customer = array("i", of_rows.tobytes())
    is_shared = customers.is_shared[shared(ledger.owner)] & (found.of_row >= 0)
    shared(ledger.bits)[is_shared] |= BIT["phone_shared"]
    is_named = customers.is_named[owners]
    companies = len(np.unique(numbers[customers.is_company[owners] & is_named]))
    counts = {"company": companies, "person": len(np.unique(numbers[is_named])) - companies}
    return {type_: count for type_, count in counts.items() if count}
