"""The made-up group: its size, and that every identity in it holds by the published rules."""

import re
from collections import Counter
from datetime import timedelta
from itertools import pairwise

from tests.demo.conftest import TODAY, Written

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
ORDINARY = re.compile(rf"[{PROVINCES}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{{5}}")
NEW_ENERGY = re.compile(rf"[{PROVINCES}][A-HJ-NP-Z][A-HJK][A-HJ-NP-Z0-9][0-9]{{4}}")
# GB 16735: the letters' values row by row; I, O and Q have none.
VIN_VALUES = {char: value for row in ("ABCDEFGH", "JKLMN", "P", "R") for value, char in enumerate(row, 1)}
VIN_VALUES |= {"P": 7, "R": 9} | {char: value for value, char in enumerate("STUVWXYZ", 2)}
VIN_VALUES |= {str(digit): digit for digit in range(10)}
NOT_MOBILE = {
    "140",
    "141",
    "142",
    "143",
    "144",
    "146",
    "148",
    "149",
    "154",
    "160",
    "161",
    "163",
    "164",
    "168",
}
NOT_MOBILE |= {"169", "174", "179", "194"}


def vin_holds(vin: str) -> bool:
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    rest = sum(VIN_VALUES[char] * weight for char, weight in zip(vin, weights, strict=True)) % 11
    return vin[8] == ("X" if rest == 10 else str(rest))


def test_the_check_knows_good_and_bad_vins() -> None:
    assert vin_holds("LATPAB071W1005301")
    assert vin_holds("1M8GDM9AXKP042788")
    assert not vin_holds("LATPAB072W1005301")


def test_sizes(written: Written) -> None:
    cars = written.world.cars
    assert Counter(car.store for car in cars) == {"GB": 2400, "NS": 2000, "LG": 1600}
    assert 57_000 <= sum(len(car.visits) for car in cars) <= 65_000
    assert Counter(v.store for car in cars for v in car.visits if v.day == TODAY) == {
        "GB": 14,
        "NS": 12,
        "LG": 10,
    }
    sister = sum(visit.store != car.store for car in cars for visit in car.visits)
    assert 800 <= sister <= 2_500
    assert sum(not car.visits for car in cars) >= 50


def test_twenty_staff_of_all_roles_and_advisors_of_the_orders(written: Written) -> None:
    staff = written.group.staff
    roles = Counter(person.role for person in staff)
    assert roles == {"advisor": 9, "agent": 3, "technician": 3, "manager": 4, "admin": 1}
    assert len({person.username for person in staff}) == len({person.full_name for person in staff}) == 20
    everywhere = [person.username for person in staff if len(person.stores) == 3]
    assert everywhere == ["admin1", "manager1"]
    known = {(store, p.full_name) for p in staff if p.role == "advisor" for store in p.stores}
    assert {(visit.store, visit.advisor) for car in written.world.cars for visit in car.visits} == known


def test_vins_plates_and_phones_are_valid_and_unique(written: Written) -> None:
    cars = written.world.cars
    assert all(vin_holds(car.vin) for car in cars)
    assert len({car.vin for car in cars}) == len({car.plate for car in cars}) == len(cars)
    energy = [car for car in cars if car.model.energy]
    assert len(energy) > 150
    assert all(NEW_ENERGY.fullmatch(car.plate) for car in energy)
    assert all(ORDINARY.fullmatch(car.plate) for car in cars if not car.model.energy)
    phones = {car.owner.phone: car.owner.code for car in cars}
    assert all(re.fullmatch(r"1[3-9]\d{9}", phone) and phone[:3] not in NOT_MOBILE for phone in phones)
    assert len(phones) == len({car.owner.code for car in cars})


def test_nothing_is_in_the_future_or_before_the_purchase(written: Written) -> None:
    earliest = TODAY - timedelta(days=5 * 365)
    for car in written.world.cars:
        assert car.purchased_on < TODAY
        assert all(max(earliest, car.purchased_on) <= visit.day <= TODAY for visit in car.visits)
        assert car.visits == sorted(car.visits, key=lambda visit: (visit.day, visit.minute))
    arrivals = [v.minute for car in written.world.cars for v in car.visits if v.day == TODAY]
    assert max(arrivals) < 9 * 60


def test_odometers_grow_and_amounts_add_up(written: Written) -> None:
    for car in written.world.cars:
        for earlier, later in pairwise(car.visits):
            assert later.odometer > earlier.odometer or later.day == earlier.day
        for visit in car.visits:
            assert 1 < visit.odometer < 1_000_000
            assert min(visit.labour_fen, visit.parts_fen, visit.discount_fen, visit.paid_fen) >= 0
            if visit.kind == "warranty":
                assert visit.paid_fen == 0


def test_complaints_marks_and_gone_cars_name_cars_of_their_store(written: Written) -> None:
    group = written.group
    store_of = {car.plate: car.store for car in written.world.cars}
    assert (len(group.complaints), len(group.price_sensitive_plates), len(group.gone_cars)) == (90, 150, 25)
    assert all(store_of[complaint.plate] == complaint.store for complaint in group.complaints)
    assert all(store_of[gone.plate] == gone.store for gone in group.gone_cars)
    assert all(
        complaint.opened_on <= (complaint.closed_on or TODAY) <= TODAY for complaint in group.complaints
    )
    assert all(gone.on < TODAY for gone in group.gone_cars)
    plates = (
        [c.plate for c in group.complaints]
        + group.price_sensitive_plates
        + [g.plate for g in group.gone_cars]
    )
    assert len(set(plates)) == 265
    last = {car.plate: car.visits[-1].day for car in written.world.cars if car.visits}
    assert all(last[gone.plate] < gone.on for gone in group.gone_cars)
