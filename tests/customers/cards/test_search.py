"""One box: every kind of input, nothing of another store, as many queries for many rows as for few."""

import pytest
from django.urls import reverse

from customers.search import search, shape_of
from customers.values.vins import check_digit
from staff.models import AuditEntry
from tests.customers.factories import CustomerFactory, VehicleFactory, VisitFactory, add_phone

VIN = "LSGZS54B0NH028417"
VIN = VIN[:8] + check_digit(VIN) + VIN[9:]


@pytest.fixture
def li(store):
    owner = CustomerFactory(home_store=store, name="李海燕")
    add_phone(owner, "13812342217")
    return VehicleFactory(owner=owner, plate="粤B6K92D", vin=VIN)


@pytest.fixture
def foreign(other_store):
    """Everything like Li's, in the sister store: the row that could leak."""
    owner = CustomerFactory(home_store=other_store, name="李海燕")
    add_phone(owner, "13812342217")
    car = VehicleFactory(owner=owner, plate="粤B6K92E", vin="LSGZS54B2NH128417")
    VisitFactory(vehicle=car, order_no="WX20260117-0083")
    return car


def cars(user, text):
    return [hit.vehicle for hit in search(user=user, text=text).hits]


@pytest.mark.parametrize(
    "text",
    [
        "粤B6K92D", "粤b·6k92d", " 粤 B 6K92D ", "粤Ｂ．６Ｋ９２Ｄ", "粤B6K", "粤B", "6K92D", "6k9", "B6K92D",
        "13812342217", "138 1234 2217", "+86 138-1234-2217", "2217",
        "李海燕", "李海", "海燕", "李", VIN, VIN.lower(), VIN[-6:],
    ],
)  # fmt: skip
def test_each_kind_of_input_finds_the_car(li, foreign, advisor, text):
    assert cars(advisor, text) == [li]


@pytest.mark.parametrize(
    "text", ["燕", "李燕", "海", "粤B7", "1381234221", "2218", "WX", "", " ", "%", "_", "*"]
)
def test_what_does_not_match_finds_nothing(li, foreign, advisor, text):
    assert search(user=advisor, text=text).count == 0


def test_order_numbers_whole_and_by_their_beginning(li, foreign, advisor):
    mine = VisitFactory(vehicle=li, order_no="WX20260117-0084")

    for text in ("WX20260117-0084", "wx20260117", "WX2026"):
        assert search(user=advisor, text=text).visits == [mine]
    assert search(user=advisor, text="WX20260117-0083").visits == []


def test_four_digits_are_a_phone_and_a_plate(store, advisor, li):
    other = VehicleFactory(owner__home_store=store, plate="粤B22175")

    assert set(cars(advisor, "2217")) == {li, other}


def test_an_owner_without_a_car_is_found(store, advisor):
    owner = CustomerFactory(home_store=store, name="欧阳震华")

    hit = search(user=advisor, text="阳震").hits[0]
    assert (hit.customer, hit.vehicle) == (owner, None)


def test_shapes():
    assert (
        shape_of("粤B6K92D").kinds == ["plate", "name", "order"] or shape_of("粤B6K92D").plate == "粤B6K92D"
    )
    assert shape_of("2217").kinds == ["serial", "last4", "order"]
    assert shape_of("13812342217").phone == "13812342217"


@pytest.mark.parametrize("count", [1, 6])
def test_as_many_queries_for_many_as_for_few(store, advisor, django_assert_num_queries, count):
    for number in range(count):
        car = VehicleFactory(owner__home_store=store, owner__name=f"李海{number}", plate=f"粤B6K92{number}")
        add_phone(car.owner, f"1381234221{number}")
        VehicleFactory(owner=car.owner)
    advisor.roles  # noqa: B018  # read once per request
    with django_assert_num_queries(4):  # names, then owners with their cars and phones
        assert len(search(user=advisor, text="李海").hits) == count
    with django_assert_num_queries(5):  # plates, then cars, owners, their cars and phones
        assert len(search(user=advisor, text="粤B6K9").hits) == count


def test_page_and_fragment_show_masked_numbers_only(client, advisor, li, foreign):
    client.force_login(advisor)
    address = reverse("customers:search")

    page = client.post(address, {"q": "李海燕"})
    part = client.post(address, {"q": "李海燕"}, headers={"HX-Request": "true"})

    for response in (page, part):
        body = response.content.decode()
        assert "138 **** 2217" in body
        assert "13812342217" not in body
        assert "6K92E" not in body
        assert reverse("customers:card", args=[li.owner_id]) in body
    assert "<html" not in part.content.decode()
    assert "138 **** 2217" not in client.get(address, {"q": "李海燕"}).content.decode()


def test_searches_are_recorded_without_their_text(client, advisor, li):
    client.force_login(advisor)
    client.post(reverse("customers:search"), {"q": "13812342217"})

    entry = AuditEntry.objects.get(action="customer.search")
    assert entry.detail == {"kinds": ["phone", "order"], "found": 1}
    assert "2217" not in str(entry.detail)


@pytest.mark.parametrize(("text", "recorded"), [("李海燕", 0), ("13812342217", 1)])
def test_typing_is_recorded_only_where_it_looks_for_a_phone(client, advisor, li, text, recorded):
    client.force_login(advisor)
    client.post(reverse("customers:search"), {"q": text}, headers={"HX-Request": "true"})

    assert AuditEntry.objects.filter(action="customer.search").count() == recorded


def test_a_stranger_finds_nothing(client, stranger, li):
    client.force_login(stranger)
    for text in ("李海燕", "粤B6K92D", "13812342217", VIN):
        assert "6K92D" not in client.post(reverse("customers:search"), {"q": text}).content.decode().replace(
            text, ""
        )
