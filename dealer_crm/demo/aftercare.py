"""What the DMS does not know: complaints, price-sensitive marks, and cars that left their owner."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from dealer_crm.demo.cars import Car
from dealer_crm.demo.group import Channel, ComplaintSpec, GoneCar, Severity

_OPEN, _UNHEALED, _HEALED = 38, 34, 18
_MARKS = 150
_SOLD, _SCRAPPED = 19, 6

_TEXTS: tuple[tuple[Severity, str], ...] = (
    ("critical", "同一异响修了三次还没解决，要求退还工时费"),
    ("critical", "交车后发现机油没有拧紧，地库漏了一地"),
    ("critical", "事故车维修超过承诺交车日 6 天，没人主动通知"),
    ("critical", "质保期内的变速箱顿挫被拒绝索赔，要找厂家投诉"),
    ("serious", "等待时间太长，预约了还等了两个小时"),
    ("serious", "结算金额比报价多出 400 元，没有提前说明"),
    ("serious", "喷漆色差明显，要求返工"),
    ("serious", "洗车不干净，内饰还有油渍"),
    ("serious", "配件订货等了三周没有消息"),
    ("serious", "服务顾问态度冷淡，问题没有解释清楚"),
    ("serious", "保养做完当天胎压灯又亮"),
    ("minor", "休息区空调太冷，没有热水"),
    ("minor", "同样的保养外面便宜 200 元"),
    ("minor", "短信和电话打扰太多"),
    ("minor", "停车位太少，进厂排队"),
    ("minor", "发票开错抬头，重开跑了两趟"),
)
_CHANNELS: tuple[Channel, ...] = ("phone", "phone", "desk", "web", "maker")


def complaints(cars: list[Car], today: date, rng: Random) -> list[ComplaintSpec]:
    """Most still hurt: open, or closed without the car coming back. The rest were healed by a visit."""
    recent = [car for car in cars if _days_away(car, today) <= 150]
    returned = [car for car in recent if len(car.visits) > 4 and (today - car.visits[-3].day).days < 330]
    chosen = rng.sample(recent, _OPEN + _UNHEALED)
    healed = rng.sample([car for car in returned if car not in chosen], _HEALED)
    found = [_complaint(car, -1, index >= _OPEN, today, rng) for index, car in enumerate(chosen)]
    found += [_complaint(car, -3, True, today, rng) for car in healed]
    return sorted(found)


def _complaint(car: Car, visit: int, closed: bool, today: date, rng: Random) -> ComplaintSpec:
    """About the car's ``visit``, opened that day or shortly after and before the car came again."""
    about = car.visits[visit]
    before = car.visits[visit + 1].day if visit < -1 else today
    opened_on = min(about.day + timedelta(days=rng.randint(0, 6)), before)
    closed_on = min(opened_on + timedelta(days=rng.randint(0, 9)), today) if closed else None
    severity, text = rng.choice(_TEXTS)
    return ComplaintSpec(car.store, car.plate, opened_on, severity, rng.choice(_CHANNELS), text, closed_on)


def price_sensitive(cars: list[Car], today: date, rng: Random, taken: set[str]) -> list[str]:
    """Those who came of late and pay for their cars themselves."""
    private = [
        car.plate
        for car in cars
        if not car.owner.company and car.plate not in taken and _days_away(car, today) <= 100
    ]
    return sorted(rng.sample(private, _MARKS))


def gone(cars: list[Car], today: date, rng: Random, taken: set[str]) -> list[GoneCar]:
    """Sold or scrapped some weeks after the last visit."""
    quiet = [car for car in cars if car.plate not in taken and 240 <= _days_away(car, today) <= 1200]
    return sorted(_left(rng.sample(quiet, _SOLD + _SCRAPPED), rng))


def _left(cars: list[Car], rng: Random) -> Iterator[GoneCar]:
    for index, car in enumerate(cars):
        on = car.visits[-1].day + timedelta(days=rng.randint(20, 200))
        yield GoneCar(car.store, car.plate, "sold_away" if index < _SOLD else "scrapped", on)


def _days_away(car: Car, today: date) -> int:
    """Days since the last visit; very many for a car that never came."""
    return (today - car.visits[-1].day).days if car.visits else 99_999
