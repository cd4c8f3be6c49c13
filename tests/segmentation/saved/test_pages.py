"""The pages of saved segments: who sees whose cars, what the editor does, what is refused where."""

import uuid
from datetime import date
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from customers.models import Tag
from segmentation import services as segmentation
from segmentation.models import SavedSegment, SegmentMember
from segmentation.saved import services
from segmentation.saved.tree import Condition, Group, Mode
from staff.models import AuditEntry, Role
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory, add_phone
from tests.staff.factories import MembershipFactory

TREE = Group(Mode.ALL, (Condition("c3", "in", ("mystery_opportunity",)),))
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def car(store, name="车主", **more):
    owner = CustomerFactory(home_store=store, name=name)
    add_phone(owner, f"138{owner.pk:08d}")
    return VehicleFactory(owner=owner, **more)


def make(by, *stores, tree=TREE, **more):
    values = {"name": "沉睡", "note": "", "by": by, "form_key": uuid.uuid4(), **more}
    return services.create_segment(stores=list(stores), tree=tree, **values)


def url(name, segment=None):
    return reverse(
        f"segmentation:saved_{name}" if name else "segmentation:saved", args=[segment.pk] if segment else []
    )


def typed(store, **changes):
    """The editor's form: mystery opportunity, and last seen more than 90 days ago or never."""
    return {
        "name": "沉睡已久",
        "note": "",
        "stores": [store.pk],
        "form_key": str(uuid.uuid4()),
        "m:0": "all",
        "f:0-0": "c3", "p:0-0": "c3", "o:0-0": "in", "w:0-0": ["mystery_opportunity"],
        "m:0-1": "any",
        "f:0-1-0": "last_visit", "p:0-1-0": "last_visit", "o:0-1-0": "older", "a:0-1-0": "90",
        "f:0-1-1": "last_visit", "p:0-1-1": "last_visit", "o:0-1-1": "never",
        **changes,
    }  # fmt: skip


@pytest.fixture
def base(store, other_store, today):
    """Seen lately, long ago and never; and another store's."""
    seen, old, never = (car(store, name) for name in ("近来", "很久", "从未"))
    theirs = car(other_store, "乙店")
    VisitFactory(vehicle=seen, visited_on=date(2026, 6, 1), kind="other", paid_fen=0)
    VisitFactory(vehicle=old, visited_on=date(2026, 3, 13), kind="other", paid_fen=0)
    segmentation.segment(as_of=today)
    return seen, old, never, theirs


# The editor


def test_a_segment_is_typed_counted_and_saved(client, manager, store, base):
    _seen, old, never, _theirs = base
    client.force_login(manager)

    counted = client.post(url("new"), {**typed(store), "count": "1"}, headers=HTMX)
    saved = client.post(url("new"), {**typed(store), "save": "1"})
    segment = SavedSegment.objects.get()
    page = client.get(saved.url)

    assert (counted.status_code, counted.context["preview"].count) == (200, 2)
    assert [row.vehicle for row in counted.context["preview"].rows] == [never, old]
    assert (saved.status_code, saved.url) == (302, url("", segment))
    assert (segment.created_by, list(segment.stores.all())) == (manager, [store])
    assert [row.vehicle for row in page.context["page"].rows] == [never, old]
    assert page.context["count"] == 2


def test_names_stand_with_masked_phones(client, manager, store, base):
    client.force_login(manager)

    part = client.post(url("new"), {**typed(store), "count": "1"}, headers=HTMX).content.decode()

    never = base[2].owner
    assert never.name in part
    assert f"138 **** {never.pk:04d}" in part
    assert f"138{never.pk:08d}" not in part
    assert "乙店" not in part


def test_double_click_makes_one(client, manager, store, base):
    client.force_login(manager)
    data = {**typed(store), "save": "1"}

    first, second = (client.post(url("new"), data) for _ in range(2))

    assert (first.url, SavedSegment.objects.count()) == (second.url, 1)


@pytest.mark.parametrize(
    ("deed", "paths"),
    [
        ("add:0", ["0-0", "0-1", "0-1-0", "0-1-1", "0-2"]),
        ("add:0-1", ["0-0", "0-1", "0-1-0", "0-1-1", "0-1-2"]),
        ("group:0-1", ["0-0", "0-1", "0-1-0", "0-1-1", "0-1-2", "0-1-2-0"]),
        ("remove:0-0", ["0-0", "0-0-0", "0-0-1"]),
        ("remove:0-1", ["0-0"]),
        ("remove:0", ["0-0", "0-1", "0-1-0", "0-1-1"]),
        ("add:9", ["0-0", "0-1", "0-1-0", "0-1-1"]),
        ("show", ["0-0", "0-1", "0-1-0", "0-1-1"]),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_buttons_change_the_form_and_save_nothing(client, manager, store, base, deed, paths, headers):
    client.force_login(manager)

    answer = client.post(url("new"), {**typed(store), "do": deed}, headers=headers)

    assert answer.status_code == 200
    assert [row.path for row in answer.context["root"].rows()][1:] == paths
    assert ("<h1" in answer.content.decode()) == (not headers)
    assert not SavedSegment.objects.exists()


def test_groups_go_no_deeper_than_three(client, manager, store, base):
    client.force_login(manager)
    data = {
        **typed(store),
        "m:0-1-2": "none",
        "f:0-1-2-0": "complaint",
        "p:0-1-2-0": "complaint",
        "o:0-1-2-0": "yes",
    }

    answer = client.post(url("new"), {**data, "do": "group:0-1-2"})

    deepest = next(row for row in answer.context["root"].rows() if row.path == "0-1-2")
    assert (deepest.may_nest, len(deepest.items)) == (False, 1)


def test_another_field_does_not_keep_the_values_of_the_one_before(client, manager, store, base):
    client.force_login(manager)

    answer = client.post(url("new"), {**typed(store), "f:0-0": "usage", "do": "show"})

    row = answer.context["root"].items[0]
    assert (row.about.key, row.operator.key, row.words, row.errors) == ("usage", "in", [], {})


@pytest.mark.parametrize(
    ("changes", "path", "part"),
    [
        ({"w:0-0": []}, "0-0", "words"),
        ({"w:0-0": ["moon"]}, "0-0", "words"),
        ({"f:0-0": "", "p:0-0": ""}, "0-0", "field"),
        ({"a:0-1-0": ""}, "0-1-0", "low"),
        ({"a:0-1-0": "many"}, "0-1-0", "low"),
        ({"a:0-1-0": "-3"}, "0-1-0", "low"),
        ({"a:0-1-0": "9" * 30}, "0-1-0", "low"),
        ({"o:0-1-0": "between", "a:0-1-0": "2026-02-30", "b:0-1-0": "2026-03-01"}, "0-1-0", "low"),
        ({"o:0-1-0": "between", "a:0-1-0": "2026-03-02", "b:0-1-0": "2026-03-01"}, "0-1-0", "high"),
    ],
)
def test_nonsense_is_told_at_its_condition_and_kept(client, manager, store, base, changes, path, part):
    client.force_login(manager)

    answer = client.post(url("new"), {**typed(store, note="kept as typed"), **changes, "save": "1"})

    rows = {row.path: row for row in answer.context["root"].rows()}
    assert (answer.status_code, list(rows[path].errors)) == (422, [part])
    assert "kept as typed" in answer.content.decode()
    assert not SavedSegment.objects.exists()


@pytest.mark.parametrize(
    "data", [{"m:0": "all"}, {"m:0": "all", "m:0-0": "any"}, {"m:0": "all", "f:9": "c3", "f:0-0-0-0-0": "c3"}]
)
def test_a_segment_without_conditions_is_refused(client, manager, store, data):
    client.force_login(manager)
    whole = {"name": "x", "stores": [store.pk], "form_key": str(uuid.uuid4()), **data}

    answer = client.post(url("new"), whole)

    assert answer.status_code == 422
    assert not SavedSegment.objects.exists()


def test_another_stores_cars_and_tags_cannot_be_asked_for(client, manager, store, other_store, base):
    client.force_login(manager)
    theirs = Tag.objects.create(store=other_store, name="乙店词")
    tagged = {"f:0-0": "tags", "p:0-0": "tags", "o:0-0": "has_any", "w:0-0": [str(theirs.pk)]}

    of_store = client.post(url("new"), {**typed(other_store), "save": "1"})
    of_both = client.post(
        url("new"), {**typed(store, stores=[store.pk, other_store.pk]), "count": "1"}, headers=HTMX
    )
    of_tag = client.post(url("new"), {**typed(store), **tagged, "save": "1"})

    assert (of_store.status_code, list(of_store.context["form"].errors)) == (422, ["stores"])
    assert of_both.context["preview"].count == 2
    assert (of_tag.status_code, "乙店词" in of_tag.content.decode()) == (422, False)


def test_two_tabs_and_the_second_is_told(client, manager, store, base):
    segment = make(manager, store)
    client.force_login(manager)
    first = client.post(url("edit", segment), {**typed(store, name="甲"), "version": "1"})
    second = client.post(url("edit", segment), {**typed(store, name="乙"), "version": "1"})

    segment.refresh_from_db()
    assert (first.status_code, second.status_code, segment.name) == (302, 409, "甲")
    assert "乙" in second.content.decode()


def test_conditions_that_cannot_be_read_are_made_anew(client, manager, store, base):
    segment = make(manager, store)
    SavedSegment.objects.update(conditions={"mode": "all", "items": [{"field": "moon"}]})
    client.force_login(manager)

    pages = [client.get(address) for address in (url("list"), url("", segment), url("edit", segment))]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert [page.context.get("unreadable") for page in pages[1:]] == [True, True]
    client.post(url("edit", segment), {**typed(store), "version": "1"})

    assert client.get(url("", segment)).context["count"] == 2


def test_a_frozen_one_takes_a_name_only(client, manager, store, base, today):
    segment = services.freeze(segment=make(manager, store), version=1, by=manager, today=today)
    client.force_login(manager)

    page = client.get(url("edit", segment))
    answer = client.post(url("edit", segment), {**typed(store, name="名单"), "version": "2"})

    segment.refresh_from_db()
    assert (page.context["root"], answer.status_code) == (None, 302)
    assert (segment.name, segment.conditions, segment.members.count()) == ("名单", TREE.as_row(), 3)


# Who sees what


def test_a_segment_of_two_stores_shows_each_reader_the_cars_of_theirs(
    client, store, other_store, base, today
):
    boss = MembershipFactory(store=store, role=Role.MANAGER).user
    MembershipFactory(user=boss, store=other_store, role=Role.MANAGER)
    mine = MembershipFactory(store=store, role=Role.MANAGER).user
    segment = make(boss, store, other_store)
    frozen = services.freeze(segment=make(boss, store, other_store), version=1, by=boss, today=today)

    for reader, cars in ((boss, 4), (mine, 3)):
        client.force_login(reader)
        client.post(reverse("staff:switch_store"), {"store": "all"})
        counts = [client.get(url("", one)).context["count"] for one in (segment, frozen)]
        listed = [count for _segment, count in client.get(url("list")).context["rows"]]
        assert (counts, listed) == ([cars, cars], [cars, cars])
    page = client.get(url("", segment))
    assert "乙店" not in page.content.decode()
    assert page.context["door"].is_partial
    assert client.get(url("edit", segment)).status_code == 403
    for deed in ("freeze", "archive", "restore"):
        assert client.post(url(deed, segment)).status_code == 403


def test_a_store_where_one_may_not_look_at_groups_stays_out(client, store, other_store, base):
    boss = MembershipFactory(store=store, role=Role.MANAGER).user
    MembershipFactory(user=boss, store=other_store, role=Role.MANAGER)
    half = MembershipFactory(store=store, role=Role.MANAGER).user
    MembershipFactory(user=half, store=other_store, role=Role.ADVISOR)
    both, theirs = make(boss, store, other_store), make(boss, other_store)
    client.force_login(half)
    client.post(reverse("staff:switch_store"), {"store": store.pk})

    assert client.get(url("", both)).context["count"] == 3
    assert client.get(url("", theirs)).status_code == 403


def test_another_stores_segment_is_404(client, manager, store, other_store, base):
    theirs = make(MembershipFactory(store=other_store, role=Role.MANAGER).user, other_store)
    client.force_login(manager)

    answers = [client.get(url("", theirs)), client.get(url("edit", theirs)), client.post(url("copy", theirs))]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert client.get(url("list")).context["rows"] == []


# What is done with one


def test_freezing_counts_then_and_now(client, manager, store, base, today):
    segment = make(manager, store)
    client.force_login(manager)

    stale = client.post(url("freeze", segment), {"version": "7"})
    assert not SavedSegment.objects.get().is_frozen
    client.post(url("freeze", segment), {"version": "1"})
    base[0].state = "sold_away"
    base[0].save()
    segmentation.segment(as_of=today, full=True)
    page = client.get(url("", segment))

    frozen = page.context["segment"]
    assert stale.url == url("", segment)
    assert (frozen.frozen_on, frozen.frozen_rules, frozen.frozen_count, page.context["count"]) == (
        today,
        "v1",
        3,
        2,
    )
    assert SegmentMember.objects.count() == 3


def test_a_copy_is_of_the_stores_one_answers_for(client, store, other_store, base):
    boss = MembershipFactory(store=store, role=Role.MANAGER).user
    MembershipFactory(user=boss, store=other_store, role=Role.MANAGER)
    mine = MembershipFactory(store=store, role=Role.MANAGER).user
    segment = make(boss, store, other_store)
    client.force_login(mine)
    key = {"form_key": str(uuid.uuid4())}

    first, second = (client.post(url("copy", segment), key) for _ in range(2))

    copy = SavedSegment.objects.exclude(pk=segment.pk).get()
    assert first.url == second.url == url("edit", copy)
    assert (list(copy.stores.all()), copy.conditions, copy.name) == ([store], TREE.as_row(), "Copy of 沉睡")


def test_archived_ones_stand_apart_and_come_back(client, manager, store, base):
    segment = make(manager, store)
    client.force_login(manager)

    client.post(url("archive", segment))
    shown = [client.get(url("list"), query).context["rows"] for query in ({}, {"archived": ""})]
    assert [len(rows) for rows in shown] == [0, 1]
    client.post(url("restore", segment))

    assert [row for row, _count in client.get(url("list")).context["rows"]] == [segment]


def test_export_is_of_the_stores_one_may_take_along(client, store, other_store, base):
    boss = MembershipFactory(store=store, role=Role.MANAGER).user
    MembershipFactory(user=boss, store=other_store, role=Role.MANAGER)
    segment = make(boss, store, other_store)
    manager = MembershipFactory(store=store, role=Role.MANAGER).user
    client.force_login(manager)

    answer = client.post(url("export", segment), {"format": "xlsx"})

    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    column = rows[0].index("Customer")
    assert [row[column] for row in rows[1:]] == ["从未", "很久", "近来"]
    entry = AuditEntry.objects.get(action="export")
    assert (entry.store, entry.detail["list"], entry.detail["rows"]) == (store, "saved_segments", 3)


def test_pages_cost_as_many_queries_for_many_rows(client, manager, store, base, today):
    client.force_login(manager)

    def queries(address, data=None):
        with CaptureQueriesContext(
            connection,
        ) as taken:
            answer = client.post(address, data, headers=HTMX) if data else client.get(address)
        assert answer.status_code == 200
        return len(taken)

    def all_pages():
        return [
            queries(url("list")),
            queries(url("", segment)),
            queries(url("edit", segment)),
            queries(url("new"), {**typed(store), "count": "1"}),
        ]

    segment = make(manager, store)
    few = all_pages()
    for number in range(3):
        make(manager, store, name=f"更多{number}")
        car(store)
    segmentation.segment(as_of=today)

    assert all_pages() == few
