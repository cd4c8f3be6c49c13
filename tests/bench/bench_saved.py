"""What counting a saved segment costs: the count and the first twenty, for conditions of every kind.

    createdb bench_saved
    DATABASE_URL=postgres://root@127.0.0.1/bench_saved VAR_DIR=/tmp/bench python -m tests.bench.bench_saved
    VAR_DIR=/tmp/bench python -m tests.bench.bench_saved      # SQLite

An empty database is filled first (100,000 customers, 115,000 cars, 20 stores); a superuser asks about all stores.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dealer_crm.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from customers.models import CustomerTag, Tag  # noqa: E402
from segmentation import services  # noqa: E402
from segmentation.models import SavedSegment  # noqa: E402
from segmentation.saved import reports  # noqa: E402
from segmentation.saved.cars import matching  # noqa: E402
from segmentation.saved.lists import link_stores  # noqa: E402
from segmentation.saved.scope import scope_of  # noqa: E402
from segmentation.saved.tree import Condition, Group, Mode  # noqa: E402
from staff.models import Store, User  # noqa: E402
from tests.bench import segment_data  # noqa: E402
from tests.bench.clock import median_of  # noqa: E402
from tests.bench.segment_data import AS_OF  # noqa: E402

CUSTOMERS = 100_000


def asked(tag: str) -> dict[str, Group]:
    def every(*items: Condition | Group) -> Group:
        return Group(Mode.ALL, items)

    def none(*items: Condition | Group) -> Group:
        return Group(Mode.NONE, items)

    loyal = Condition("c3", "in", ("profitable_loyal", "split_loyal"))
    tagged = Condition("tags", "has_any", (tag,))
    unwelcome = none(Condition("do_not_call", "yes"), Condition("complaint", "yes"))
    return {
        "group and last visit": every(loyal, Condition("last_visit", "older", low=90)),
        "all cars": none(Condition("odometer", "at_least", low=999_999)),
        "insurance in 30 days": every(Condition("insurance", "next", low=30)),
        "birthday in 30 days": every(Condition("birthday", "next", low=30)),
        "region, distance, age, spend": every(
            Condition("region", "in", ("区域1", "区域2")),
            Condition("distance", "from_to_under", low=0, high=10),
            Condition("age", "from_to_under", low=1, high=5),
            Condition("spend", "at_least", low=100_000),
        ),
        "four computed families": every(
            Condition("stage", "in", ("warranty", "three_guarantees")),
            Condition("radius", "in", ("0-5", "5-10")),
            Condition("age_band", "in", ("1-2", "2-3")),
            Condition("reach", "in", ("in",)),
        ),
        "tag or complaint, may be called": every(
            Group(Mode.ANY, (tagged, Condition("complaint", "yes"))), unwelcome
        ),
        "model contains, plate begins": every(
            Condition("model", "contains", ("a1",)), Condition("plate", "begins", ("粤B1",))
        ),
        "three deep, nine conditions": every(
            Group(
                Mode.ANY,
                (
                    loyal,
                    every(
                        Condition("care_status", "not_in", ("lost",)), none(Condition("model", "in", ("A1",)))
                    ),
                ),
            ),
            Group(Mode.ANY, (Condition("spend", "from_to", low=10_000, high=900_000), tagged)),
            unwelcome,
            none(Condition("stage", "in", ("",)), Condition("usage", "in", ("taxi",))),
        ),
    }


def main() -> None:
    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0, interactive=False)
    if not Store.objects.exists():
        fill()
    user = User.objects.get_or_create(username="bench", defaults={"is_superuser": True})[0]
    stores = list(Store.objects.all())
    trees = asked(str(Tag.objects.get(name="VIP").pk))
    print(f"{connection.vendor}: seconds, medians of five")
    for name, tree in trees.items():

        def count(tree: Group = tree) -> reports.Preview:
            return reports.preview(matching(tree, scope_of(stores, today=AS_OF)), user=user)

        show(f"{name} ({count().count:,})", count, 5)
    segments = [
        SavedSegment.objects.create(name=name, conditions=tree.as_row()) for name, tree in trees.items()
    ]
    for segment in segments:
        link_stores(segment, stores)
    show(
        f"the list's counts ({len(segments)})",
        lambda: reports.counts(segments, stores=stores, user=user, today=AS_OF),
        3,
    )
    SavedSegment.objects.filter(pk__in=[segment.pk for segment in segments]).delete()


def show(title: str, work: Callable[[], object], times: int) -> None:
    cost = median_of(times, work)
    print(f"{title:46} CPU {cost.cpu:6.3f}   wall {cost.wall:6.3f}")


def fill() -> None:
    """And what the segmentation's own benchmark has no use for: birthdays, insurances, readings, tags."""
    segment_data.build(customers=CUSTOMERS)
    later = "date('2026-01-01', '+' || (id * 7907 % 365) || ' days')"
    born = "date('1960-01-01', '+' || (id * 7919 % 15000) || ' days')"
    if connection.vendor == "postgresql":
        later, born = (
            "DATE '2026-01-01' + (id * 7907 % 365)::int",
            "DATE '1960-01-01' + (id * 7919 % 15000)::int",
        )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE customers_vehicle SET insurance_until = {later}, odometer_km = (id * 7901) % 200000"
        )
        cursor.execute(f"UPDATE customers_customer SET birthday = {born}")
    vip = Tag.objects.create(name="VIP")
    CustomerTag.objects.bulk_create(CustomerTag(customer_id=pk, tag=vip) for pk in range(1, CUSTOMERS, 7))
    services.segment(as_of=AS_OF)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


if __name__ == "__main__":
    main()
