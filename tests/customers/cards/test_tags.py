"""Tags: a store's own words and the group's, put on customers and taken off."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from customers import services
from customers.models import Customer, CustomerTag, StoreCustomer, Tag
from staff.models import AuditEntry, Role
from tests.customers.factories import CustomerFactory, VehicleFactory
from tests.staff.factories import MembershipFactory, UserFactory


@pytest.fixture
def li(store):
    return CustomerFactory(home_store=store, name="李海燕")


def names(customer):
    return [link.tag.name for link in customer.tag_links.order_by("tag__name")]


def add(client, customer, name):
    return client.post(reverse("customers:tag_add", args=[customer.pk]), {"name": name})


def remove(client, customer, tag):
    return client.post(reverse("customers:tag_remove", args=[customer.pk, tag.pk]))


def test_words_that_read_alike_are_one_tag_of_the_store(store, advisor, li):
    first, new = services.add_tag(customer=li, store=store, by=advisor, name="VIP 客户")

    again, new_again = services.add_tag(customer=li, store=store, by=advisor, name="ｖｉｐ客户")

    assert (again, new, new_again) == (first, True, False)
    assert (names(li), Tag.objects.count()) == (["VIP 客户"], 1)
    assert AuditEntry.objects.filter(action="customer.tag").count() == 1


def test_each_store_has_its_own_words_and_one_of_each(store, other_store):
    Tag.objects.create(store=store, name="老客户")
    Tag.objects.create(store=other_store, name="老客户")
    Tag.objects.create(name="老客户")

    for of in (store, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            Tag.objects.create(store=of, name="老 客户")


def test_the_groups_word_is_taken_where_there_is_one(store, advisor, li):
    Tag.objects.create(store=store, name="怕等")
    of_the_group = Tag.objects.create(name="怕等")

    tag, _new = services.add_tag(customer=li, store=store, by=advisor, name="怕等")

    assert tag == of_the_group


def test_a_tag_leaves_the_version_of_the_card_alone(store, advisor, li):
    services.add_tag(customer=li, store=store, by=advisor, name="怕等")

    assert Customer.objects.get(pk=li.pk).version == li.version


@pytest.mark.parametrize("role", [Role.ADVISOR, Role.AGENT, Role.MANAGER, Role.ADMIN])
def test_tags_come_and_go_on_the_card(client, store, li, role):
    client.force_login(MembershipFactory(store=store, role=role).user)

    assert add(client, li, " 怕等 ").status_code == 302
    page = client.get(reverse("customers:card", args=[li.pk]))
    tag = Tag.objects.get()

    assert page.context["tags"] == [(tag, True)]
    assert [remove(client, li, tag).status_code for _ in range(2)] == [302, 302]
    assert (names(li), list(Tag.objects.all())) == ([], [tag])
    assert AuditEntry.objects.filter(action="customer.untag").count() == 1


def test_technicians_read_tags_only(client, store, advisor, technician, li):
    tag, _new = services.add_tag(customer=li, store=store, by=advisor, name="怕等")
    client.force_login(technician)

    page = client.get(reverse("customers:card", args=[li.pk]))

    assert page.context["tags"] == [(tag, False)]
    assert (add(client, li, "x").status_code, remove(client, li, tag).status_code) == (403, 403)


@pytest.mark.parametrize("name", ["", "   ", "一" * 21, "\u200b", "ﷺ" * 20])
def test_what_is_no_word_is_refused(client, advisor, li, name):
    client.force_login(advisor)

    answer = add(client, li, name)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])
    assert not Tag.objects.exists()


def test_a_shared_customer_shows_each_store_its_own_words(client, store, other_store, advisor, li):
    StoreCustomer.objects.create(customer=li, store=other_store)
    theirs, _new = services.add_tag(customer=li, store=other_store, by=advisor, name="南山的话")
    Tag.objects.create(name="集团词")
    group, _new = services.add_tag(customer=li, store=store, by=advisor, name="集团词")
    client.force_login(advisor)

    page = client.get(reverse("customers:card", args=[li.pk]))

    assert page.context["tags"] == [(group, True)]
    assert "南山的话" not in page.content.decode()
    assert remove(client, li, theirs).status_code == 404
    assert CustomerTag.objects.filter(tag=theirs).exists()


def test_a_store_where_one_may_not_edit_keeps_its_word(client, store, other_store, advisor, li):
    StoreCustomer.objects.create(customer=li, store=other_store)
    theirs, _new = services.add_tag(customer=li, store=other_store, by=advisor, name="南山的话")
    MembershipFactory(user=advisor, store=other_store, role=Role.TECHNICIAN)
    client.force_login(advisor)
    client.post(reverse("staff:switch_store"), {"store": store.pk})

    page = client.get(reverse("customers:card", args=[li.pk]))

    assert page.context["tags"] == [(theirs, False)]
    assert remove(client, li, theirs).status_code == 403


def test_another_stores_customer_is_404(client, other_store, advisor):
    theirs = CustomerFactory(home_store=other_store)
    client.force_login(advisor)

    assert add(client, theirs, "怕等").status_code == 404


def test_words_offered_are_the_stores_most_used_first(client, store, other_store, advisor, li):
    for name in ("少用", "常用", "已有"):
        Tag.objects.create(store=store, name=name)
    Tag.objects.create(store=other_store, name="别店")
    services.add_tag(customer=CustomerFactory(home_store=store), store=store, by=advisor, name="常用")
    services.add_tag(customer=li, store=store, by=advisor, name="已有")
    client.force_login(advisor)

    page = client.get(reverse("customers:card", args=[li.pk]))

    assert page.context["tag_words"] == ["常用", "少用"]


def test_list_by_tag(client, store, advisor, li):
    tagged, _plain = VehicleFactory(owner=li), VehicleFactory(owner=CustomerFactory(home_store=store))
    tag, _new = services.add_tag(customer=li, store=store, by=advisor, name="怕等")
    client.force_login(advisor)

    page = client.get(reverse("customers:list"), {"tag": tag.pk})

    assert [car for car, _labels in page.context["rows"]] == [tagged]


def test_another_stores_tag_narrows_nothing(client, store, other_store, advisor, li):
    car = VehicleFactory(owner=li)
    theirs, _new = services.add_tag(customer=li, store=other_store, by=advisor, name="南山的话")
    client.force_login(advisor)

    page = client.get(reverse("customers:list"), {"tag": theirs.pk})

    assert [row for row, _labels in page.context["rows"]] == [car]


def test_superusers_make_the_groups_words_on_the_admin_site(client, db):
    boss = UserFactory(is_superuser=True, is_staff=True)
    client.force_login(boss)
    address = reverse("admin:customers_tag_add")

    made = client.post(address, {"name": "大客户", "store": ""})
    again = client.post(address, {"name": "大 客户", "store": ""})

    assert (made.status_code, again.status_code) == (302, 200)
    assert [(tag.name, tag.store) for tag in Tag.objects.all()] == [("大客户", None)]


def test_nobody_else_makes_words_there(client, admin_user):
    admin_user.is_staff = True
    admin_user.save()
    client.force_login(admin_user)

    assert client.get(reverse("admin:customers_tag_add")).status_code == 403
