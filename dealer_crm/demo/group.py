"""Who and what the demo group consists of, apart from owners, cars and visits."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple


class Store(NamedTuple):
    code: str
    name: str
    address: str


class StaffMember(NamedTuple):
    username: str
    full_name: str
    role: Literal["advisor", "agent", "technician", "manager", "admin"]
    stores: tuple[str, ...]
    team: str = ""


class ExportFile(NamedTuple):
    path: Path
    store: str
    kind: Literal["customers", "orders"]


class FileCount(NamedTuple):
    """What an importer must find in a file. Duplicates and reversals are not among ``visits``."""

    rows: int
    visits: int
    rejected: int
    duplicates: int
    reversals: int


Severity = Literal["minor", "serious", "critical"]
Channel = Literal["desk", "phone", "web", "maker"]


class ComplaintSpec(NamedTuple):
    store: str
    plate: str
    opened_on: date
    severity: Severity
    channel: Channel
    text: str
    closed_on: date | None


class GoneCar(NamedTuple):
    store: str
    plate: str
    state: Literal["sold_away", "scrapped"]
    on: date


@dataclass
class DemoGroup:
    """Import ``files`` in their order: the masters first, so that each car gets its own home store."""

    stores: list[Store]
    staff: list[StaffMember]
    files: list[ExportFile]
    expected: dict[str, FileCount]
    complaints: list[ComplaintSpec] = field(default_factory=list)
    price_sensitive_plates: list[str] = field(default_factory=list)
    gone_cars: list[GoneCar] = field(default_factory=list)


STORES = [
    Store("GB", "深圳广邦店", "深圳市福田区北环大道 7003 号"),
    Store("NS", "深圳南山店", "深圳市南山区南海大道 2163 号"),
    Store("LG", "深圳龙岗店", "深圳市龙岗区龙岗大道 5008 号"),
]
ALL_STORES = tuple(store.code for store in STORES)

TEAMS = ("机电一组", "机电二组", "钣喷组")

_ADVISORS = {
    "GB": ("潘坤", "刘思敏", "周丽"),
    "NS": ("乐欢", "陈嘉豪", "黄晓彤"),
    "LG": ("吴志强", "郑雅婷", "邓建华"),
}
_AGENTS = {"GB": "林小燕", "NS": "梁静怡", "LG": "谢雨晴"}
_TECHNICIANS = {"GB": "罗国平", "NS": "曾伟明", "LG": "冯永康"}
_MANAGERS = {"GB": "许振华", "NS": "何美玲", "LG": "蔡俊峰"}


def advisors(store: str) -> tuple[str, ...]:
    return _ADVISORS[store]


def staff() -> list[StaffMember]:
    """Twenty people. ``manager1`` and ``admin1`` work in all three stores, the others in one."""
    people = list(_store_staff())
    people.append(StaffMember("manager1", "张启明", "manager", ALL_STORES))
    people.append(StaffMember("admin1", "杨文博", "admin", ALL_STORES))
    return sorted(people, key=lambda person: (person.role, person.username))


def _store_staff() -> Iterator[StaffMember]:
    for index, code in enumerate(ALL_STORES):
        for seat, name in enumerate(_ADVISORS[code]):
            yield StaffMember(f"advisor{index * 3 + seat + 1}", name, "advisor", (code,))
        yield StaffMember(f"agent{index + 1}", _AGENTS[code], "agent", (code,))
        yield StaffMember(f"technician{index + 1}", _TECHNICIANS[code], "technician", (code,), TEAMS[index])
        yield StaffMember(f"manager{index + 2}", _MANAGERS[code], "manager", (code,))
