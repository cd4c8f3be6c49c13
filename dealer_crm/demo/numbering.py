"""Order numbers: a store counts its orders day by day, in the order of arrival."""

from itertools import groupby

from dealer_crm.demo.cars import Car, Visit

_PREFIX = {"GB": "RO", "NS": "W", "LG": "WT"}


def order_no(visit: Visit, number: int) -> str:
    return f"{_PREFIX[visit.store]}{visit.day:%Y%m%d}{number:03d}"


def number_orders(cars: list[Car]) -> None:
    visits = [(visit.store, visit.day, visit.minute, car.vin, visit) for car in cars for visit in car.visits]
    visits.sort(key=lambda row: row[:4])
    for _, of_day in groupby(visits, key=lambda row: row[:2]):
        for number, row in enumerate(of_day, start=1):
            row[4].order_no = order_no(row[4], number)
