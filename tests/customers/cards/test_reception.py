"""The plate at the desk, and the visit that follows."""

import re
import uuid
from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers import card
from customers.card import Expected
from customers.models import Customer, Vehicle, Visit
from staff.models import Role
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory, add_phone
from tests.staff.factories import MembershipFactory

DESK = reverse("customers:reception")
VIN = "LSGZS54B3NH028417"


@pytest.fixture
def desk(client, advisor):
    client.force_login(advisor)
    return client


def visit_address(car):
    return reverse("customers:visit_new", args=[car.pk])


def post_visit(client, car, **values):
    filled = {
        "kind": "maintenance",
        "visited_on": timezone.localdate().isoformat(),
        "form_key": str(uuid.uuid4()),
    }
    return client.post(visit_address(car), filled | values)


@pytest.fixture
def car(store):
    owner = CustomerFactory(home_store=store, name="李海燕", gender="female")
    add_phone(owner, "13812342217")
    return VehicleFactory(
        owner=owner,
        plate="粤B6K92D",
        odometer_km=41260,
        odometer_on=timezone.localdate() - timedelta(days=100),
    )


def test_a_known_plate_leads_to_the_visit(desk, car):
    for typed in ("粤B6K92D", "粤b·6k92d", " 粤B 6K92D "):
        assert desk.post(DESK, {"plate": typed}).url == visit_address(car)


def test_while_typing_the_cars_that_fit_appear(desk, car):
    VehicleFactory(owner__home_store=car.home_store, plate="粤B6K018")
    VehicleFactory(owner__home_store=car.home_store, plate="粤B7K018")

    body = desk.post(DESK, {"plate": "6K"}, headers={"HX-Request": "true"}).content.decode()

    assert re.findall(r'class="plate">(.*?)<', body) == ["粤B·6K018", "粤B·6K92D"]
    assert "<html" not in body
    assert "138 **** 2217" in body
    assert "13812342217" not in body


def test_an_unknown_plate_offers_a_new_customer_with_it(desk, car):
    body = desk.post(DESK, {"plate": "粤B99999"}).content.decode()
    assert f"{reverse('customers:new')}?desk" in body

    form = desk.get(f"{reverse('customers:new')}?desk").context["form"]
    assert form["plate"].value() == "粤B99999"
    assert desk.get(reverse("customers:new")).context["form"]["plate"].value() in (None, "")


def test_a_new_customer_comes_back_to_the_visit(desk, store):
    values = {
        "form_key": str(uuid.uuid4()),
        "name": "王芳",
        "kind": "person",
        "phones": "13912345678",
        "plate": "粤B99999",
    }
    answers = [desk.post(reverse("customers:new"), {**values, "visit": ""}) for _ in range(2)]

    made = Vehicle.objects.get()
    assert [answer.url for answer in answers] == [visit_address(made)] * 2
    assert (made.plate, made.owner.name, made.owner.phones.get().number) == (
        "粤B99999",
        "王芳",
        "13912345678",
    )


def test_a_known_number_asks_before_a_second_card_is_made(desk, car):
    values = {
        "form_key": str(uuid.uuid4()),
        "name": "李先生",
        "kind": "person",
        "phones": "13812342217",
        "plate": "粤B99999",
    }
    asked = desk.post(reverse("customers:new"), values)
    assert asked.status_code == 422
    assert "李海燕" in asked.content.decode()
    assert asked.context["form"]["name"].value() == "李先生"

    desk.post(reverse("customers:new"), {**values, "confirmed": "on"})
    assert Customer.objects.count() == 2


def test_another_stores_number_asks_nothing(desk, other_store):
    add_phone(CustomerFactory(home_store=other_store, name="南山客户"), "13812342217")
    values = {
        "form_key": str(uuid.uuid4()),
        "name": "王芳",
        "kind": "person",
        "phones": "13812342217",
        "plate": "粤B99999",
    }

    assert desk.post(reverse("customers:new"), values).status_code == 302


def test_two_cars_with_one_plate_are_both_shown(desk, car):
    owner = CustomerFactory(home_store=car.home_store, name="邓伟强")
    second = VehicleFactory(owner=owner, plate="粤B6K92D", vin=VIN)

    answer = desk.post(DESK, {"plate": "粤B6K92D"})

    body = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="粤B6K92D"' in body
    assert all(part in body for part in ("李海燕", "邓伟强", VIN, visit_address(car), visit_address(second)))
    assert answer.context["lookup"].is_shared


@pytest.fixture
def sister_car(other_store):
    owner = CustomerFactory(home_store=other_store, name="南山客户")
    add_phone(owner, "13800005555")
    return VehicleFactory(
        owner=owner, plate="粤B8888A", vin=VIN, odometer_km=77777, odometer_on=date(2026, 1, 1)
    )


def test_a_sister_stores_car_is_named_by_its_store_only(desk, sister_car, store):
    assert desk.get(visit_address(sister_car)).status_code == 404

    body = desk.post(DESK, {"plate": "粤B8888A"}).content.decode()
    form = desk.get(visit_address(sister_car)).content.decode()

    assert "南山店" in body
    assert visit_address(sister_car) in body
    for page in (body, form):
        for secret in ("南山客户", "5555", VIN, "77,777", "77777"):
            assert secret not in page


def test_a_sister_stores_car_needs_its_whole_plate(desk, sister_car):
    assert "南山店" not in desk.post(DESK, {"plate": "粤B8888"}).content.decode()
    assert desk.get(visit_address(sister_car)).status_code == 404


def test_logging_the_visit_opens_the_sister_stores_card(desk, sister_car):
    card_address = reverse("customers:card", args=[sister_car.owner_id])
    desk.post(DESK, {"plate": "粤B8888A"})
    assert desk.get(card_address).status_code == 404

    lower = post_visit(desk, sister_car, odometer_km="70000")
    assert lower.status_code == 422
    assert "77,777" not in lower.content.decode()
    assert post_visit(desk, sister_car, odometer_km="78000").status_code == 302

    assert desk.get(card_address).status_code == 200


def test_seen_and_expected_today(desk, car, other_store, settings, monkeypatch):
    today = timezone.localdate()
    VisitFactory(vehicle=car, visited_on=today, order_no="WX1")
    VisitFactory(vehicle=car, visited_on=today - timedelta(days=1), order_no="WX2")
    foreign = VisitFactory(vehicle__owner__home_store=other_store, visited_on=today, order_no="WX3")
    coming = [Expected(foreign.vehicle_id, None, False), Expected(car.pk, time(10), False, "空调保养")]
    monkeypatch.setattr(card, "_expected_sources", lambda: (lambda **_: coming,))

    context = desk.get(DESK).context

    assert [row.visit.order_no for row in context["seen"]] == ["WX1"]
    assert [(row.vehicle, row.expected.note) for row in context["expected"]] == [(car, "空调保养")]


def test_the_visit_is_logged_as_typed(desk, car, advisor):
    MembershipFactory(store=car.home_store, role=Role.TECHNICIAN)
    answer = post_visit(
        desk, car, odometer_km="4.8万公里", line_1="机油机滤", amount_1="380", line_2="工时", amount_2="￥120.50",
        labour="120.50", parts="380", discount="0.5", customer_words="空调有味", advisor=advisor.pk, team="机电一组",
    )  # fmt: skip

    visit = Visit.objects.get()
    assert answer.url == reverse("customers:visit", args=[visit.pk])
    assert (visit.odometer_km, visit.labour_fen, visit.parts_fen, visit.discount_fen) == (
        48000,
        12050,
        38000,
        50,
    )
    assert visit.paid_fen == 50000
    assert list(visit.lines.values_list("name", "amount_fen")) == [("机油机滤", 38000), ("工时", 12050)]
    page = desk.get(answer.url).content.decode()
    assert "空调有味" in page
    assert "¥500" in page


def test_a_double_click_logs_once(desk, car):
    key = str(uuid.uuid4())
    answers = [post_visit(desk, car, form_key=key, paid="10") for _ in range(2)]

    assert answers[0].url == answers[1].url
    assert Visit.objects.count() == 1


def test_a_paid_amount_that_does_not_add_up_is_said_not_refused(desk, car):
    answer = desk.get(post_visit(desk, car, labour="100", parts="50", paid="140").url)

    assert Visit.objects.get().paid_fen == 14000
    assert [message.level_tag for message in answer.context["messages"]] == ["success", "warning"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("odometer_km", "1"),
        ("odometer_km", "1000000"),
        ("odometer_km", "很多"),
        ("odometer_km", "41259"),
        ("visited_on", "1989-12-31"),
        ("visited_on", (timezone.localdate() + timedelta(days=1)).isoformat()),
        ("visited_on", "2026-02-30"),
        ("visited_on", ""),
        ("kind", "wash"),
        ("paid", "-1"),
        ("paid", "一百"),
        ("paid", "1000000.01"),
        ("advisor", "999999"),
    ],
)
def test_bad_values_keep_what_was_typed(desk, car, field, value):
    answer = post_visit(desk, car, **{"customer_words": "空调有味", field: value})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "空调有味" in answer.content.decode()
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("odometer_km", "41260"), ("visited_on", "1990-01-01"), ("paid", "1000000")]
)
def test_values_at_the_edge_are_taken(desk, car, field, value):
    assert post_visit(desk, car, **{field: value}).status_code == 302


def test_a_lower_odometer_can_be_confirmed(desk, car):
    asked = post_visit(desk, car, odometer_km="120").content.decode()
    assert "odometer_checked" in asked
    assert post_visit(desk, car, odometer_km="120", odometer_checked="on").status_code == 302

    car.refresh_from_db()
    assert car.odometer_km == 120


@pytest.mark.parametrize(("reading", "warned"), [(41260 + 30000, False), (41260 + 30001, True)])
def test_a_leap_of_the_odometer_is_said(desk, car, reading, warned):
    answer = desk.get(post_visit(desk, car, odometer_km=str(reading)).url)

    assert ("warning" in [message.level_tag for message in answer.context["messages"]]) is warned


def test_a_number_already_used_is_an_error_at_its_field(desk, car):
    VisitFactory(vehicle=car, order_no="WX1")

    answer = post_visit(desk, car, order_no="WX1")
    assert list(answer.context["form"].errors) == ["order_no"]


def test_an_amount_needs_an_item(desk, car):
    assert list(post_visit(desk, car, amount_3="10").context["form"].errors) == ["line_3"]


def test_the_advisors_of_another_store_cannot_be_chosen(desk, car, stranger):
    assert post_visit(desk, car, advisor=stranger.pk).status_code == 422


@pytest.mark.parametrize("who", ["agent", "technician", "admin_user"])
def test_only_the_desk_logs_visits(client, car, who, request):
    client.force_login(request.getfixturevalue(who))

    assert client.get(DESK).status_code == 403
    assert post_visit(client, car).status_code == 403
    assert not Visit.objects.exists()


def test_a_stranger_cannot_log_or_read(client, car, stranger):
    visit = VisitFactory(vehicle=car)
    client.force_login(stranger)

    assert client.get(visit_address(car)).status_code == 404
    assert post_visit(client, car).status_code == 404
    assert client.get(reverse("customers:visit", args=[visit.pk])).status_code == 404
    assert visit.order_no not in client.get(reverse("customers:visits")).content.decode()


def test_list_of_visits_by_kind_and_period(desk, car):
    today = timezone.localdate()
    for days, kind in ((0, "maintenance"), (6, "repair"), (7, "repair"), (365, "accident")):
        VisitFactory(vehicle=car, visited_on=today - timedelta(days=days), kind=kind, order_no=f"N{days}")

    def shown(**query):
        return [visit.order_no for visit in desk.get(reverse("customers:visits"), query).context["page"].rows]

    assert shown() == ["N0", "N6", "N7", "N365"]
    assert shown(period="week") == ["N0", "N6"]
    assert shown(period="year") == ["N0", "N6", "N7"]
    assert shown(kind="repair") == ["N6", "N7"]
    assert shown(
        since=(today - timedelta(days=7)).isoformat(), until=(today - timedelta(days=6)).isoformat()
    ) == ["N6", "N7"]
    assert shown(kind="nonsense", after="nonsense") == ["N0", "N6", "N7", "N365"]


def test_pages_of_visits_meet_without_gap_or_overlap(desk, car):
    """Fifty-five visits of three days: the page ends within a day."""
    for number in range(55):
        VisitFactory(vehicle=car, visited_on=date(2026, 5, 1 + number % 3), order_no=f"N{number}")
    first = desk.get(reverse("customers:visits")).context["page"]
    second = desk.get(reverse("customers:visits"), {"after": first.next_key}).context["page"]

    everything = [*first.rows, *second.rows]
    assert (len(first.rows), len(second.rows), second.next_key) == (50, 5, "")
    assert everything == sorted(everything, key=lambda visit: (visit.visited_on, visit.pk), reverse=True)
    assert len({visit.pk for visit in everything}) == 55
