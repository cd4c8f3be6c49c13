"""Rules in the making: versions, who may, two at once, and what the editor refuses."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from jobs.engine import run_all
from jobs.models import Job
from segmentation import drafts
from segmentation.forms_rules import LIMITS, RuleForm, band_set
from segmentation.models import PublishedRules, RuleSet, SegmentRun, VehicleSegment
from staff.models import AuditEntry, Role
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory
from tests.staff.factories import MembershipFactory, UserFactory


@pytest.fixture(autouse=True)
def in_english():
    """The messages are compared as they stand in the source."""
    with override("en"):
        yield


@pytest.fixture
def rules(db):
    RuleSet.objects.all().delete()
    return RuleSet.objects.create(version=1, published_at=timezone.now())


@pytest.fixture
def leader(store, other_store):
    """Manager of every store there is."""
    user = UserFactory()
    for one in (store, other_store):
        MembershipFactory(store=one, role=Role.MANAGER, user=user)
    return user


def typed(rules, **changes):
    """What the editor posts for these rules, with ``changes``."""
    form = RuleForm(instance=rules)
    data = {name: form[name].value() for name in form.fields}
    for name, bands in (("ages", rules.age_bands), ("distances", rules.radius_bands)):
        data |= {f"{name}-TOTAL_FORMS": len(bands), f"{name}-INITIAL_FORMS": len(bands)}
        for number, (start, end) in enumerate(bands):
            data |= {f"{name}-{number}-start": start, f"{name}-{number}-end": end}
    return {name: "" if value is None else value for name, value in (data | changes).items()}


def test_a_draft_starts_from_the_rules_in_force_and_there_is_one(rules, store, manager):
    draft = drafts.start(store=store, by=manager)

    assert drafts.numbers(draft) == drafts.numbers(rules)
    assert (draft.version, draft.created_by, draft.published_at) == (1, manager, None)
    assert drafts.start(store=store, by=manager) == draft
    assert drafts.start(store=None, by=manager) != draft


def test_published_rules_are_never_edited(rules):
    rules.lost_days = 400
    for edit in (rules.save, lambda: RuleSet.objects.update(lost_days=400)):
        with pytest.raises(PublishedRules):
            edit()
    with pytest.raises(PublishedRules), transaction.atomic():
        RuleSet.objects.bulk_update([rules], ["lost_days"])
    with pytest.raises(drafts.StaleDraft):
        drafts.save(draft=rules, values={"lost_days": 400}, revision=rules.revision)

    rules.refresh_from_db()
    assert rules.lost_days == 365


def test_publishing_makes_the_next_version_and_judges_every_car(rules, store, other_store, manager):
    mine, other = (
        VehicleFactory(owner=CustomerFactory(home_store=one), purchased_on=date(2024, 1, 1))
        for one in (store, other_store)
    )
    for vehicle in (mine, other):
        VisitFactory(vehicle=vehicle, visited_on=timezone.localdate(), paid_fen=10_000)
    draft = drafts.start(store=store, by=manager)
    draft = drafts.save(draft=draft, values={"maintenance_high": 1}, revision=1)

    published = drafts.publish(draft=draft, revision=2, note=" 保养一次就算 ", by=manager)
    run_all()

    assert (published.version, published.note, published.published_by) == (1, "保养一次就算", manager)
    assert drafts.in_force(store) == published
    assert drafts.in_force(other_store) == rules
    segment = VehicleSegment.objects.get()
    assert (segment.vehicle, segment.rule_set, segment.c3) == (mine, published, "split_loyal")
    assert [run.store for run in SegmentRun.objects.all()] == [store]
    assert AuditEntry.objects.get(action="rules.publish").subject_id == published.pk

    again = drafts.start(store=store, by=manager)
    second = drafts.publish(draft=again, revision=1, note="再来", by=manager)
    assert (second.version, drafts.in_force(store)) == (2, second)


def test_publishing_for_the_group_judges_every_store(rules, store, other_store, leader):
    for one in (store, other_store):
        vehicle = VehicleFactory(owner=CustomerFactory(home_store=one), purchased_on=date(2024, 1, 1))
        VisitFactory(vehicle=vehicle, visited_on=timezone.localdate())
    draft = drafts.start(store=None, by=leader)
    published = drafts.publish(draft=draft, revision=1, note="全集团", by=leader)
    run_all()

    assert published.version == 2
    assert {run.store for run in SegmentRun.objects.filter(rule_set=published)} == {store, other_store}
    assert Job.objects.get(kind="segmentation.apply_rules").status == Job.Status.DONE


def test_a_note_is_needed_to_publish(rules, store, manager):
    draft = drafts.start(store=store, by=manager)
    with pytest.raises(drafts.NoteMissing):
        drafts.publish(draft=draft, revision=1, note="  ", by=manager)
    assert Job.objects.count() == 0


def test_who_saw_an_older_state_neither_saves_nor_publishes_nor_discards(rules, store, manager):
    draft = drafts.start(store=store, by=manager)
    drafts.save(draft=draft, values={"lost_days": 400}, revision=1)

    for act in (
        lambda: drafts.save(draft=draft, values={"lost_days": 500}, revision=1),
        lambda: drafts.publish(draft=draft, revision=1, note="x", by=manager),
        lambda: drafts.discard(draft=draft, revision=1, by=manager),
        lambda: drafts.keep(store=store, values={"lost_days": 500}, revision=0, by=manager),
    ):
        with pytest.raises(drafts.StaleDraft):
            act()

    assert RuleSet.objects.get(pk=draft.pk).lost_days == 400
    drafts.discard(draft=draft, revision=2, by=manager)
    assert drafts.draft_of(store) is None


@pytest.mark.parametrize(
    "name", [name for name in LIMITS if name not in ("near_lost_days", "value_mid_points")]
)
def test_each_number_has_two_bounds(rules, name):
    least, most = LIMITS[name]
    # What must stay below another number is out of the way.
    room = {"near_lost_days": 1, "value_mid_points": 3}

    def fits(value):
        return RuleForm(typed(rules, **{**room, name: value}), instance=RuleSet()).is_valid()

    assert (fits(least), fits(most)) == (True, True)
    assert (fits(least - 1), fits(most + 1)) == (False, False)


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("near_lost_days", 364, True),
        ("near_lost_days", 365, False),
        ("near_lost_days", 0, False),
        ("value_mid_points", 11, True),
        ("value_mid_points", 12, False),
        ("value_mid_points", 2, False),
        ("repair_kinds", [], False),
        ("repair_kinds", ["maintenance"], False),
        ("repair_kinds", ["other"], True),
        ("cell_111", "", False),
        ("cell_111", "nonsense", False),
    ],
)
def test_numbers_that_depend_on_others(rules, name, value, fits):
    assert RuleForm(typed(rules, **{name: value}), instance=RuleSet()).is_valid() is fits


@pytest.mark.parametrize(
    ("mode", "amount", "fen"),
    [("amount", "0.01", 1), ("amount", "1286.50", 128_650), ("amount", "", None), ("amount", "0", None),
     ("amount", "-5", None), ("percentile", "", None)],
)  # fmt: skip
def test_an_amount_is_needed_where_it_decides(rules, mode, amount, fen):
    form = RuleForm(typed(rules, spend_mode=mode, spend_amount=amount), instance=RuleSet())
    assert form.is_valid() is (fen is not None or mode == "percentile")
    assert form.instance.spend_amount_fen == fen


def test_a_group_named_twice_is_allowed_and_told(rules):
    form = RuleForm(typed(rules, cell_000="low_cost"), instance=RuleSet())
    assert form.is_valid()
    assert form.instance.cells["000"] == "low_cost"
    assert len(form.doubled) == 1
    assert RuleForm(instance=rules).doubled == []


@pytest.mark.parametrize(
    ("bands", "at"),
    [
        ([(0, 1), (1, 3), (3, None)], None),
        ([(0, None)], None),
        ([(0, 1), (2, 3), (3, None)], (1, "start", "Gap: nothing covers 1 to 2.")),
        ([(0, 2), (1, 3), (3, None)], (1, "start", "Overlap: the band before ends at 2.")),
        ([(1, 2), (2, None)], (0, "start", "Gap: nothing covers 0 to 1.")),
        ([(0, 2), (2, 2), (2, None)], (1, "end", "The end must be above the beginning.")),
        ([(0, None), (2, None)], (0, "end", "Only the last band can be open: give its end.")),
        ([(0, 2), (2, 5)], (1, "end", "Leave the end of the last band empty, so that every car has one.")),
        ([(None, 2), (2, None)], (0, "start", "Say where the band begins.")),
        ([(None, None)], (0, "start", "At least one band is needed.")),
    ],
)
def test_bands_leave_nothing_out_and_count_nothing_twice(bands, at):
    data = {"b-TOTAL_FORMS": len(bands) + 1, "b-INITIAL_FORMS": 0}
    for number, (start, end) in enumerate(bands):
        data |= {
            f"b-{number}-start": "" if start is None else start,
            f"b-{number}-end": "" if end is None else end,
        }

    found = band_set("b", data, [])

    assert found.is_valid() is (at is None)
    if at is None:
        assert found.bands() == [list(band) for band in bands]
    else:
        row, name, message = at
        assert [dict(form.errors) for form in found.forms if form.errors] == [{name: [message]}]
        assert found.forms[row].errors


@pytest.mark.parametrize("data", [{}, {"b-TOTAL_FORMS": 0, "b-INITIAL_FORMS": 0}])
def test_bands_with_no_rows_at_all_are_refused(data):
    found = band_set("b", data, [])
    assert not found.is_valid()
    assert found.non_form_errors()


def test_the_editor_saves_and_keeps_what_was_typed_when_it_does_not_fit(client, rules, store, manager):
    client.force_login(manager)
    client.cookies["django_language"] = "en"
    draft = drafts.start(store=store, by=manager)
    url = reverse("segmentation:draft", args=[draft.pk])

    bands = {"ages-1-start": 2}
    wrong = client.post(url, typed(draft, lost_days=500, **bands))
    right = client.post(url, typed(draft, lost_days=500, cell_000="low_cost"))
    draft.refresh_from_db()

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert b'value="500"' in wrong.content
    assert "Gap" in str(wrong.context["ages"].forms[1].errors)
    assert (draft.lost_days, draft.cells["000"], draft.revision) == (500, "low_cost", 2)
    assert b'value="500"' in client.get(url).content


def test_two_managers_editing_one_draft(client, rules, store, manager):
    client.force_login(manager)
    draft = drafts.start(store=store, by=manager)
    url = reverse("segmentation:draft", args=[draft.pk])
    mine, theirs = typed(draft, lost_days=500), typed(draft, lost_days=600)

    assert client.post(url, theirs).status_code == 302
    late = client.post(url, mine)

    draft.refresh_from_db()
    assert (late.status_code, draft.lost_days) == (409, 600)
    assert b'value="500"' in late.content
    late = client.post(reverse("segmentation:draft_publish", args=[draft.pk]), {"note": "x", "revision": 1})
    assert late.status_code == 409
    assert drafts.in_force(store) == rules


def test_publishing_from_the_editor_asks_why(client, rules, store, manager):
    client.force_login(manager)
    draft = drafts.start(store=store, by=manager)
    url = reverse("segmentation:draft_publish", args=[draft.pk])

    assert client.post(url, {"note": "", "revision": 1}).status_code == 422
    assert client.post(url, {"note": "为什么", "revision": 1}).status_code == 302
    assert client.post(url, {"note": "为什么", "revision": 1}).status_code == 404
    page = client.get(reverse("segmentation:rule_versions"))
    assert [rules.note for rules in page.context["published"]] == ["为什么", ""]


@pytest.mark.parametrize("name", ["draft", "draft_publish", "draft_discard"])
def test_another_stores_draft_is_not_there_and_the_groups_is_not_theirs(
    client, rules, store, other_store, manager, stranger, name
):
    foreign = drafts.start(store=other_store, by=stranger)
    group = drafts.start(store=None, by=stranger)
    client.force_login(manager)

    assert client.post(reverse(f"segmentation:{name}", args=[foreign.pk])).status_code == 404
    assert client.post(reverse(f"segmentation:{name}", args=[group.pk])).status_code == 403
    assert RuleSet.objects.drafts().count() == 2


def test_the_versions_page_shows_own_stores_only(client, rules, store, other_store, manager, stranger):
    theirs = drafts.start(store=other_store, by=stranger)
    drafts.publish(draft=theirs, revision=1, note="南山的理由", by=stranger)
    drafts.start(store=other_store, by=stranger)
    client.force_login(manager)

    page = client.get(reverse("segmentation:rule_versions"))

    assert list(page.context["published"]) == [rules]
    assert page.context["drafts"] == []
    assert [field.store for field in page.context["startable"]] == [store]
    assert "南山" not in page.content.decode()


@pytest.mark.parametrize(
    ("who", "scope", "status"),
    [("manager", "own", 302), ("manager", "all", 403), ("manager", "other", 404), ("leader", "all", 302),
     ("leader", "other", 302), ("admin_user", "own", 403), ("admin_user", "all", 403), ("advisor", "own", 403)],
)  # fmt: skip
def test_who_may_begin_a_draft(client, request, rules, store, other_store, who, scope, status):
    client.force_login(request.getfixturevalue(who))
    key = {"own": store.pk, "other": other_store.pk, "all": "all"}[scope]

    assert client.post(reverse("segmentation:draft_new"), {"for": key}).status_code == status
    assert RuleSet.objects.drafts().count() == (status == 302)


def test_as_many_queries_for_many_versions_as_for_one(client, rules, store, manager):
    client.force_login(manager)
    counts = []
    for _more in range(2):
        drafts.publish(draft=drafts.start(store=store, by=manager), revision=1, note="x", by=manager)
        with CaptureQueriesContext(connection) as counted:
            client.get(reverse("segmentation:rule_versions"))
        counts.append(len(counted))
    assert counts[0] == counts[1]
