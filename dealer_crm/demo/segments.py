"""Tags on some customers, and what the managers have kept: segments that are asked anew, and one frozen list."""

from __future__ import annotations

import uuid
from datetime import date

from django.db.models import Count

from customers.models import Customer, CustomerTag, Tag
from segmentation.models import C3
from segmentation.saved import services
from segmentation.saved.tree import Condition, Group, Mode
from staff.models import Role, Store, User

# Every so-manieth customer has the tag.
_TAGS = {"VIP": 41, "怕等": 57, "老客户介绍来": 83}
_REFUSED = Group(Mode.NONE, (Condition("do_not_call", "yes"), Condition("complaint", "yes")))
_SEGMENTS = {
    "保险下月到期": (
        "续保提醒，投诉未结的不打扰",
        Group(Mode.ALL, (Condition("insurance", "next", low=30), _REFUSED)),
    ),
    "四个月没来的忠诚客户": (
        "盈利忠诚群和分裂忠诚群，先问上次服务是否满意",
        Group(
            Mode.ALL,
            (
                Condition("c3", "in", (C3.PROFITABLE_LOYAL, C3.SPLIT_LOYAL)),
                Condition("last_visit", "older", low=120),
                _REFUSED,
            ),
        ),
    ),
    "刚变成高风险": (
        "最近一个月由忠诚转为高风险",
        Group(
            Mode.ALL,
            (
                Condition("c3", "in", (C3.HIGH_RISK,)),
                Condition("c3_before", "in", (C3.PROFITABLE_LOYAL, C3.SPLIT_LOYAL)),
                Condition("c3_since", "within", low=30),
            ),
        ),
    ),
}
_FROZEN = "四个月没来的忠诚客户"


def keep_segments(*, today: date) -> None:
    """By the manager of the most stores, for all of them."""
    _tag()
    managers = User.objects.filter(memberships__role=Role.MANAGER)
    manager = managers.annotate(stores_led=Count("memberships")).order_by("-stores_led", "pk")[0]
    stores = list(Store.objects.filter(memberships__user=manager, is_active=True))
    made = {
        name: services.create_segment(
            name=name, note=note, stores=stores, tree=tree, by=manager, form_key=uuid.uuid4()
        )
        for name, (note, tree) in _SEGMENTS.items()
    }
    copy = services.copy_segment(
        segment=made[_FROZEN],
        name=f"{_FROZEN} {today:%m}月名单",
        stores=stores,
        by=manager,
        form_key=uuid.uuid4(),
    )
    services.freeze(segment=copy, version=copy.version, by=manager, today=today)


def _tag() -> None:
    for name, step in _TAGS.items():
        tag = Tag.objects.create(name=name)
        owners = list(Customer.objects.order_by("pk").values_list("pk", flat=True))[::step]
        CustomerTag.objects.bulk_create(CustomerTag(customer_id=pk, tag=tag) for pk in owners)
