"""Writing customers: names, phones, ID numbers, versions."""

import uuid

import pytest
from django.db import connection

from customers import contacts, services
from customers.models import Customer, Memo, NameGram, Phone, StoreCustomer
from jobs.models import Job
from staff.models import AuditEntry
from tests.customers.factories import CustomerFactory, VehicleFactory, add_phone

DETAILS = {
    "name": "李海燕",
    "kind": "person",
    "address": "深圳市南山区科技园路 1 号",
    "id_number": "440301198603074421",
}


def make(store, by, **details):
    return services.create_customer(
        store=store, by=by, details=DETAILS | details, phones=["13812342217", "13900001111"]
    )


def test_new_card_has_everything_it_is_found_by(store, advisor):
    customer, new = make(store, advisor)

    assert new
    assert sorted(NameGram.objects.filter(customer=customer).values_list("gram", flat=True)) == [
        "^李",
        "李海",
        "海燕",
    ]
    assert list(StoreCustomer.objects.values_list("customer", "store")) == [(customer.pk, store.pk)]
    phones = Phone.objects.order_by("pk")
    assert [(phone.number, phone.is_primary) for phone in phones] == [
        ("13812342217", True),
        ("13900001111", False),
    ]
    assert phones[0].number_index == contacts.number_index("138-1234-2217")
    assert phones[0].last4_index == contacts.last4_index("2217")
    assert customer.id_number_index == contacts.id_number_index("440301198603074421")
    assert list(AuditEntry.objects.values_list("action", "subject_id")) == [("customer.create", customer.pk)]


def test_companies_have_a_key_people_none(store, advisor):
    company, _ = make(store, advisor, name="深圳 鸿运（物流）有限公司", kind="company", id_number="")
    person, _ = make(store, advisor, id_number="")

    assert (company.name_key, person.name_key) == ("深圳鸿运物流有限公司", "")


def test_one_form_makes_one_card(store, advisor):
    key = uuid.uuid4()
    first, new = services.create_customer(store=store, by=advisor, details=DETAILS, form_key=key)
    second, again = services.create_customer(store=store, by=advisor, details=DETAILS, form_key=key)

    assert (first, new, again) == (second, True, False)
    assert Customer.objects.count() == 1


def test_one_id_number_one_card(store, advisor):
    make(store, advisor)

    with pytest.raises(services.CardTaken):
        make(store, advisor, name="王芳")
    assert Customer.objects.count() == 1


def test_unknown_details_are_refused(store, advisor):
    with pytest.raises(TypeError):
        make(store, advisor, home_store=store)


def save(customer, by, store, *, version=None, **changes):
    version = customer.version if version is None else version
    return services.save_customer(customer=customer, version=version, by=by, store=store, **changes)


def test_saving_counts_the_version_and_renews_the_grams(store, advisor):
    customer = CustomerFactory(home_store=store, name="李海燕")

    saved = save(customer, advisor, store, details={"name": "李小燕"})

    assert (saved.name, saved.version) == ("李小燕", 2)
    assert sorted(NameGram.objects.values_list("gram", flat=True)) == ["^李", "小燕", "李小"]


def test_an_older_form_changes_nothing(store, advisor):
    customer = CustomerFactory(home_store=store, name="李海燕")
    save(customer, advisor, store, details={"name": "李小燕"})

    with pytest.raises(services.Stale) as stale:
        save(customer, advisor, store, version=1, details={"name": "李大燕"}, add_phones=["13812342217"])

    assert stale.value.current.name == "李小燕"
    assert Customer.objects.get().name == "李小燕"
    assert Phone.objects.count() == 0


def test_phones_added_dropped_and_promoted(store, advisor):
    customer = CustomerFactory(home_store=store)
    first = add_phone(customer, "13812342217")

    customer = save(customer, advisor, store, details={}, add_phones=["13900001111", "138 1234 2217"])
    second = customer.phones.get(is_primary=False)
    customer = save(customer, advisor, store, details={}, primary_phone=second.pk)
    customer = save(customer, advisor, store, details={}, drop_phones=[second.pk])

    assert [(phone.pk, phone.number, phone.is_primary) for phone in customer.phones.all()] == [
        (first.pk, "13812342217", True)
    ]


def test_anothers_phone_cannot_be_dropped(store, advisor):
    mine, other = CustomerFactory(home_store=store), CustomerFactory(home_store=store)
    phone = add_phone(other, "13812342217")

    save(mine, advisor, store, details={}, drop_phones=[phone.pk], primary_phone=phone.pk)

    assert list(other.phones.all()) == [phone]


def test_a_mark_does_not_wait_for_the_form_and_moves_the_segment(store, agent):
    customer = VehicleFactory(owner__home_store=store).owner
    save(customer, agent, store, details={"region": "南山区"})

    marked = services.mark_customer(customer=customer, by=agent, store=store, price_sensitive=True)

    assert (marked.price_sensitive, marked.region, marked.version) == (True, "南山区", 3)
    assert [job.arguments for job in Job.objects.all()] == [{"store": store.pk}]


def test_memo_once_per_form(store, advisor):
    customer, key = CustomerFactory(home_store=store), uuid.uuid4()

    for _ in range(2):
        services.write_memo(customer=customer, store=store, by=advisor, text="喜欢喝茶", form_key=key)

    assert list(Memo.objects.values_list("text", flat=True)) == ["喜欢喝茶"]


def test_columns_hold_no_clear_text_and_no_other_rows_ciphertext(store, advisor):
    customer, _ = make(store, advisor)
    other, _ = make(store, advisor, name="王芳", id_number="")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, address FROM customers_customer")
        raw = b"".join(bytes(value) for row in cursor.fetchall() for value in row if value)
        cursor.execute("SELECT number, number_index, last4_index FROM customers_phone")
        raw += b"".join(
            bytes(v) if not isinstance(v, str) else v.encode() for row in cursor.fetchall() for v in row
        )
        for clear in ("440301198603074421", "南山区", "13812342217", "2217"):
            assert clear.encode() not in raw
        cursor.execute("SELECT address FROM customers_customer WHERE id = %s", [customer.pk])
        stolen = cursor.fetchone()[0]
        cursor.execute("UPDATE customers_customer SET address = %s WHERE id = %s", [stolen, other.pk])

    assert Customer.objects.get(pk=customer.pk).address == DETAILS["address"]
    from customers.encryption import Tampered

    with pytest.raises(Tampered):
        _ = Customer.objects.get(pk=other.pk).address
