"""The card, its history, and who sees what of it."""

import uuid
from datetime import date, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from customers import services
from customers.contribution import contribute, months_before
from customers.models import Customer, Memo, Phone, Vehicle
from customers.privacy import Sight
from staff.models import AuditEntry, Role
from tests.customers.factories import (
    ComplaintFactory,
    CustomerFactory,
    VehicleFactory,
    VisitFactory,
    add_phone,
)

ADDRESS = "深圳市南山区科技园路 1 号"
ID_NUMBER = "440301198603074421"
VIN = "LSGZS54B3NH028417"


@pytest.fixture
def li(store):
    owner = CustomerFactory(home_store=store, name="李海燕", address=ADDRESS, id_number=ID_NUMBER)
    add_phone(owner, "13812342217")
    add_phone(owner, "13900006630", is_primary=False)
    VehicleFactory(owner=owner, plate="粤B6K92D", vin=VIN)
    return owner


def card_of(client, owner, **query):
    return client.get(reverse("customers:card", args=[owner.pk]), query)


@pytest.mark.parametrize(
    ("role", "vin", "address", "id_number"),
    [
        (Role.ADVISOR, VIN, ADDRESS, "****4421"),
        (Role.MANAGER, VIN, ADDRESS, "****4421"),
        (Role.ADMIN, VIN, "深圳市南山区****", "****4421"),
        (Role.AGENT, VIN, "深圳市南山区****", ""),
        (Role.TECHNICIAN, "LSGZS****NH028417", "", ""),
        (None, "LSGZS****NH028417", "", ""),
    ],
)
def test_what_each_role_reads(role, vin, address, id_number):
    sight = Sight(role)

    assert (sight.vin(VIN), sight.address(ADDRESS), sight.id_number(ID_NUMBER)) == (vin, address, id_number)


def test_a_short_address_does_not_slip_through_the_mask():
    assert Sight(Role.AGENT).address("南山路1号") == "****"


@pytest.mark.parametrize(
    ("who", "sees", "not_sees"),
    [
        ("advisor", [VIN, ADDRESS, "****4421"], []),
        ("admin_user", [VIN, "深圳市南山区****"], ["科技园"]),
        ("agent", [VIN, "深圳市南山区****"], ["科技园", "4421"]),
        ("technician", ["LSGZS****NH028417"], [VIN, "南山区", "4421"]),
    ],
)
def test_the_page_shows_each_role_its_part(client, li, who, sees, not_sees, request):
    client.force_login(request.getfixturevalue(who))
    body = card_of(client, li).content.decode()

    assert "138 **** 2217" in body
    assert "139 **** 6630" in body
    for text in sees:
        assert text in body
    for text in ["13812342217", "13900006630", ID_NUMBER, *not_sees]:
        assert text not in body


def test_a_stranger_gets_404_everywhere(client, stranger, li):
    client.force_login(stranger)
    car = li.vehicles.get()
    complaint = ComplaintFactory(vehicle=car)
    addresses = [
        reverse(f"customers:{name}", args=[row.pk])
        for name, row in {
            "card": li, "edit": li, "vehicle_new": li, "vehicle_edit": car, "owner_change": car,
            "complaint_new": car, "visit_new": car, "complaint_close": complaint,
        }.items()
    ]  # fmt: skip
    for address in addresses:
        assert client.get(address).status_code == 404
        if address != reverse("customers:card", args=[li.pk]):
            assert client.post(address, {"text": "x"}).status_code == 404
    assert client.post(reverse("customers:memo_add", args=[li.pk]), {"text": "x"}).status_code == 404
    assert client.post(reverse("customers:reveal_phone", args=[li.phones.first().pk])).status_code == 404
    for name in ("list", "visits", "complaints"):
        body = client.get(reverse(f"customers:{name}")).content.decode()
        assert "李海燕" not in body
        assert "6K92D" not in body


def test_a_referrer_of_another_store_stays_unnamed(client, advisor, li, other_store, store):
    client.force_login(advisor)
    for home, named in ((other_store, False), (store, True)):
        li.referred_by = CustomerFactory(home_store=home, name="介绍人")
        li.channel = Customer.Channel.REFERRAL
        li.save()
        assert ("介绍人" in card_of(client, li).content.decode()) is named


def test_another_stores_visits_stay_there(client, advisor, li, other_store):
    car = li.vehicles.get()
    VisitFactory(vehicle=car, order_no="HERE1")
    VisitFactory(vehicle=car, order_no="THERE1", store=other_store)
    client.force_login(advisor)

    body = card_of(client, li).content.decode()
    assert "HERE1" in body
    assert "THERE1" not in body


def test_the_history_newest_first_with_counts_by_kind(client, advisor, li, store):
    car = li.vehicles.get()
    VisitFactory(vehicle=car, visited_on=date(2026, 1, 17), order_no="N1")
    VisitFactory(vehicle=car, visited_on=date(2026, 3, 1), order_no="N2")
    ComplaintFactory(vehicle=car, opened_on=date(2026, 2, 1))
    services.write_memo(customer=li, store=store, by=advisor, text="喜欢喝茶")
    client.force_login(advisor)

    context = card_of(client, li).context
    assert [entry.kind for entry in context["entries"]] == ["memo", "visit", "complaint", "visit"]
    assert [(chip["n"], chip["on"]) for chip in context["chips"]] == [
        (4, True),
        (2, False),
        (1, False),
        (1, False),
    ]

    context = card_of(client, li, kind="visit").context
    assert [entry.on for entry in context["entries"]] == [date(2026, 3, 1), date(2026, 1, 17)]


def test_older_entries_follow_on_demand(client, advisor, li):
    car = li.vehicles.get()
    for number in range(33):
        VisitFactory(vehicle=car, visited_on=date(2026, 1, 1) + timedelta(days=number))
    client.force_login(advisor)

    first = card_of(client, li).context
    assert (len(first["entries"]), first["older"]) == (30, 3)
    part = client.get(first["older_url"], headers={"HX-Request": "true"})
    assert (len(part.context["entries"]), part.context["older"]) == (33, 0)
    assert "<html" not in part.content.decode()


def test_the_buyer_does_not_learn_the_seller(client, advisor, li, store):
    car = li.vehicles.get()
    VisitFactory(vehicle=car, visited_on=date(2026, 1, 17), order_no="OLD1")
    buyer = CustomerFactory(home_store=store, name="王芳")
    services.change_owner(vehicle=car, new_owner=buyer, on=date(2026, 6, 1), by=advisor, store=store)
    client.force_login(advisor)

    bought, sold = card_of(client, buyer).content.decode(), card_of(client, li).content.decode()
    assert "OLD1" in bought
    assert "李海燕" not in bought
    assert "OLD1" in sold


@pytest.mark.parametrize(
    ("opened_on", "closed_on", "due"),
    [
        (date(2024, 1, 1), None, True),
        (date(2025, 12, 13), date(2025, 12, 20), True),
        (date(2025, 12, 12), date(2025, 12, 20), False),
    ],
)
def test_an_apology_is_due_while_open_and_for_six_months(advisor, li, today, opened_on, closed_on, due):
    car = li.vehicles.get()
    ComplaintFactory(vehicle=car, opened_on=opened_on, closed_on=closed_on)

    greetings = contribute(user=advisor, customer=li, vehicles=[car], today=today).greetings

    assert [greeting.order for greeting in greetings] == ([2] if due else [])


def test_months_end_where_months_end():
    assert months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_before(date(2024, 8, 30), 6) == date(2024, 2, 29)
    assert months_before(date(2026, 6, 12), 6) == date(2025, 12, 12)


@pytest.mark.parametrize("count", [1, 5])
def test_the_card_takes_as_many_queries_for_many_rows(client, advisor, li, django_assert_num_queries, count):
    car = li.vehicles.get()
    for number in range(count):
        other = VehicleFactory(owner=li)
        VisitFactory(vehicle=other).lines.create(position=1, name="机油")
        ComplaintFactory(vehicle=car)
        Memo.objects.create(customer=li, store=li.home_store, author=advisor, text=str(number))
    client.force_login(advisor)
    client.get(reverse("customers:visits"))  # the first request of a session is noted
    with django_assert_num_queries(18):
        card_of(client, li)


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_takes_as_many_queries_for_many_rows(
    client, advisor, store, django_assert_num_queries, count
):
    for number in range(count):
        car = VehicleFactory(owner__home_store=store)
        add_phone(car.owner, f"1381234221{number}")
        VisitFactory(vehicle=car)
    client.force_login(advisor)
    client.get(reverse("customers:visits"))  # the first request of a session is noted
    with django_assert_num_queries(10):
        response = client.get(reverse("customers:list"))
    assert len(response.context["rows"]) == count


def test_the_list_filters(client, advisor, store):
    gl8 = VehicleFactory(owner__home_store=store, owner__usage="taxi", model="GL8 商务")
    gone = VehicleFactory(owner__home_store=store, state=Vehicle.State.SCRAPPED)
    kept = VehicleFactory(owner__home_store=store)
    client.force_login(advisor)

    def shown(**query):
        return [car for car, _ in client.get(reverse("customers:list"), query).context["rows"]]

    assert shown() == [kept, gl8]
    assert shown(model="gl8") == [gl8]
    assert shown(usage="taxi") == [gl8]
    assert shown(state="scrapped") == [gone]
    assert shown(c3="nonsense", usage="nonsense") == [kept, gl8]
    assert shown(after=str(kept.pk)) == [gl8]


def edit_values(client, owner, **values):
    form = client.get(reverse("customers:edit", args=[owner.pk])).context["form"]
    filled = {name: form[name].value() for name in form.fields}
    filled = {name: value for name, value in filled.items() if value not in (None, False, "", [])}
    return filled | values


def post_edit(client, owner, **values):
    return client.post(reverse("customers:edit", args=[owner.pk]), edit_values(client, owner) | values)


def test_a_saved_form_keeps_what_it_does_not_show(client, agent, li):
    """An agent sees half the address and no ID number: saving leaves both as they are."""
    client.force_login(agent)

    assert post_edit(client, li, name="李小燕", region="南山区", birthday="1956-03-07").status_code == 302

    saved = Customer.objects.get(pk=li.pk)
    assert saved.birthday == date(1956, 3, 7)
    assert (saved.name, saved.region, saved.address, saved.id_number) == (
        "李小燕",
        "南山区",
        ADDRESS,
        ID_NUMBER,
    )
    assert [phone.number for phone in saved.phones.order_by("pk")] == ["13812342217", "13900006630"]


def test_fields_outside_the_form_are_not_taken(client, agent, li, other_store):
    client.force_login(agent)
    post_edit(
        client, li, home_store=other_store.pk, id_number="44030119860307442X", uid=uuid.uuid4(), version="1"
    )

    saved = Customer.objects.get(pk=li.pk)
    assert (saved.home_store, saved.uid, saved.id_number) == (li.home_store, li.uid, ID_NUMBER)


def test_two_tabs_at_one_card(client, advisor, li):
    client.force_login(advisor)
    first, second = (edit_values(client, li) for _ in range(2))
    address = reverse("customers:edit", args=[li.pk])
    assert client.post(address, first | {"region": "南山区"}).status_code == 302

    refused = client.post(address, second | {"region": "福田区", "preferred_time": "午休"})

    assert refused.status_code == 409
    shown = [(row.saved, row.typed) for row in refused.context["differences"]]
    assert shown == [("南山区", "福田区"), ("—", "午休")]
    assert refused.context["form"]["region"].value() == "福田区"
    assert Customer.objects.get(pk=li.pk).region == "南山区"

    deliberate = client.post(address, second | {"region": "福田区", "version": refused.context["version"]})
    assert deliberate.status_code == 302
    assert Customer.objects.get(pk=li.pk).region == "福田区"


def test_two_tabs_at_one_car(client, advisor, li):
    car = li.vehicles.get()
    address = reverse("customers:vehicle_edit", args=[car.pk])
    client.force_login(advisor)
    values = {"plate": car.plate, "state": "in_use", "version": 1}
    assert client.post(address, values | {"model": "GL8"}).status_code == 302

    refused = client.post(address, values | {"model": "陆尊"})
    assert refused.status_code == 409
    assert ("GL8", "陆尊") in [(row.saved, row.typed) for row in refused.context["differences"]]
    assert client.post(address, values | {"model": "陆尊", "version": 2}).status_code == 302
    assert Vehicle.objects.get(pk=car.pk).model == "陆尊"


@pytest.mark.parametrize(
    ("typed", "odometer", "changed"),
    [
        ({"model": "君威 1.5T"}, (17_996, date(2026, 1, 17)), ["model"]),
        ({"odometer_km": "17,996 km"}, (17_996, date(2026, 1, 17)), []),
        ({"odometer_km": "1.8万"}, (18_000, "today"), ["odometer_km", "odometer_on"]),
        ({"odometer_km": ""}, (None, None), ["odometer_km", "odometer_on"]),
    ],
)
def test_only_another_reading_moves_its_day(client, advisor, store, typed, odometer, changed):
    car = VehicleFactory(owner__home_store=store, odometer_km=17_996, odometer_on=date(2026, 1, 17))
    client.force_login(advisor)
    address = reverse("customers:vehicle_edit", args=[car.pk])
    form = client.get(address).context["form"]
    shown = {name: form[name].value() for name in form.fields}

    client.post(address, {name: "" if value is None else value for name, value in shown.items()} | typed)

    car.refresh_from_db()
    day = timezone.localdate() if odometer[1] == "today" else odometer[1]
    assert (car.odometer_km, car.odometer_on) == (odometer[0], day)
    assert AuditEntry.objects.get(action="vehicle.edit").detail == {"changed": changed}


def test_a_foreign_cars_vin_is_refused_without_naming_it(client, advisor, li, other_store):
    foreign = VehicleFactory(owner__home_store=other_store, owner__name="南山客户", plate="粤B8888A")
    client.force_login(advisor)

    answer = client.post(
        reverse("customers:vehicle_new", args=[li.pk]),
        {"plate": foreign.plate, "state": "in_use", "version": 1},
    )
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["plate"]
    assert "南山" not in answer.content.decode()


def test_a_technician_reads_and_does_not_write(client, technician, li):
    client.force_login(technician)
    car = li.vehicles.get()

    assert card_of(client, li).status_code == 200
    for name, pk in (
        ("edit", li.pk),
        ("vehicle_edit", car.pk),
        ("owner_change", car.pk),
        ("complaint_new", car.pk),
    ):
        assert client.post(reverse(f"customers:{name}", args=[pk]), {}).status_code == 403
    assert client.post(reverse("customers:reveal_phone", args=[li.phones.first().pk])).status_code == 403


def test_the_new_owner_is_asked_for_when_the_number_is_known(client, advisor, li, store):
    known = CustomerFactory(home_store=store, name="王芳")
    add_phone(known, "13700001234")
    car = li.vehicles.get()
    address = reverse("customers:owner_change", args=[car.pk])
    client.force_login(advisor)
    values = {
        "name": "王芳",
        "kind": "person",
        "phones": "13700001234",
        "on": "2026-06-01",
        "form_key": str(uuid.uuid4()),
    }

    asked = client.post(address, values)
    assert asked.status_code == 422
    assert list(asked.context["form"].errors) == ["owner"]

    assert client.post(address, values | {"owner": known.pk}).url == reverse(
        "customers:card", args=[known.pk]
    )
    car.refresh_from_db()
    assert (car.owner, Customer.objects.count()) == (known, 2)


def test_a_hand_over_posted_twice_happens_once(client, advisor, li):
    car = li.vehicles.get()
    client.force_login(advisor)
    values = {
        "name": "王芳",
        "kind": "person",
        "phones": "13700001234",
        "on": "2026-06-01",
        "form_key": str(uuid.uuid4()),
    }

    answers = [client.post(reverse("customers:owner_change", args=[car.pk]), values) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (Customer.objects.count(), car.ownerships.count()) == (2, 2)


def test_a_memo_twice_posted_stands_once(client, agent, li):
    client.force_login(agent)
    values = {"text": "下次来免费洗车", "form_key": str(uuid.uuid4())}

    for _ in range(2):
        assert client.post(reverse("customers:memo_add", args=[li.pk]), values).status_code == 302
    assert (
        client.post(reverse("customers:memo_add", args=[li.pk]), {"text": "", "form_key": ""}).status_code
        == 422
    )
    assert list(Memo.objects.values_list("text", flat=True)) == ["下次来免费洗车"]


def test_a_reveal_is_recorded_and_rationed(client, agent, li, settings):
    settings.PHONE_REVEALS_PER_DAY = 2
    client.force_login(agent)
    phone = Phone.objects.get(customer=li, is_primary=True)
    address = reverse("customers:reveal_phone", args=[phone.pk])

    part = client.post(address, headers={"HX-Request": "true"})
    whole = client.post(address)
    refused = client.post(address)

    assert "13812342217" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "13812342217" in whole.content.decode()
    assert refused.status_code == 429
    assert "13812342217" not in refused.content.decode()
    entries = AuditEntry.objects.filter(action="phone.reveal")
    assert [(entry.user, entry.subject_id, entry.detail) for entry in entries] == [
        (agent, phone.pk, {"customer": li.pk, "purpose": "card"})
    ] * 2
    assert client.get(address).status_code == 405


def test_yesterdays_reveals_do_not_count(client, agent, li, settings):
    settings.PHONE_REVEALS_PER_DAY = 1
    client.force_login(agent)
    address = reverse("customers:reveal_phone", args=[li.phones.first().pk])
    assert client.post(address).status_code == 200
    AuditEntry.objects.update(at=timezone.now() - timedelta(days=1))

    assert client.post(address).status_code == 200
    assert client.post(address).status_code == 429


def test_no_number_reaches_logs_sessions_or_the_audit(client, advisor, li, caplog):
    client.force_login(advisor)
    with caplog.at_level(0):
        client.post(reverse("customers:reveal_phone", args=[li.phones.first().pk]))
        client.post(reverse("customers:search"), {"q": "13812342217"})
        card_of(client, li)
        post_edit(client, li, new_phones="13700001234")
        client.post(reverse("customers:new"), {"phones": "13812342217", "name": "x"})

    written = caplog.text + "".join(str(entry.detail) for entry in AuditEntry.objects.all())
    written += "".join(str(session.get_decoded()) for session in Session.objects.all())
    for secret in ("13812342217", "13700001234", "2217", ID_NUMBER, "科技园"):
        assert secret not in written
    assert li.phones.filter(number_index__gt="").count() == 3


def test_complaints_open_and_closed(client, agent, li, other_store):
    car = li.vehicles.get()
    client.force_login(agent)
    values = {"text": "空调异味", "severity": "serious", "channel": "phone", "opened_on": "2026-06-01"}
    address = reverse("customers:complaint_new", args=[car.pk])
    key = {"form_key": str(uuid.uuid4())}
    for _ in range(2):
        assert client.post(address, values | key).status_code == 302
    ComplaintFactory(vehicle__owner__home_store=other_store)

    page = client.get(reverse("customers:complaints")).context["page"]
    complaint = page.rows[0]
    assert (len(page.rows), complaint.text, complaint.customer) == (1, "空调异味", li)

    closing = reverse("customers:complaint_close", args=[complaint.pk])
    assert client.post(closing, {"solution": "", "closed_on": "2026-06-02"}).status_code == 422
    assert client.post(closing, {"solution": "更换滤芯", "closed_on": "2026-05-31"}).status_code == 422
    assert client.post(closing, {"solution": "更换滤芯", "closed_on": "2026-06-01"}).status_code == 302
    assert client.get(reverse("customers:complaints")).context["page"].rows == []
    assert client.get(reverse("customers:complaints"), {"state": "closed"}).context["page"].rows == [
        complaint
    ]


def test_first_response_stops_the_clock(client, agent, li):
    complaint = ComplaintFactory(vehicle=li.vehicles.get())
    client.force_login(agent)

    client.post(reverse("customers:complaint_close", args=[complaint.pk]), {"respond": "1"})

    complaint.refresh_from_db()
    assert (complaint.handler, complaint.closed_on) == (agent, None)
    assert complaint.first_response_at is not None
