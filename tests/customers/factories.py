"""Customers with their card as the services make it: grams, store links and phone indexes included."""

from datetime import date

import factory

from customers.contacts import new_phone
from customers.grams import write_grams
from customers.models import Complaint, Customer, Ownership, Phone, StoreCustomer, Vehicle, Visit
from tests.staff.factories import StoreFactory


class CustomerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Customer
        skip_postgeneration_save = True

    home_store = factory.SubFactory(StoreFactory)
    name = factory.Sequence(lambda n: f"车主{n}")

    @factory.post_generation
    def link(obj, create, extracted, **kwargs):  # noqa: N805  # factory_boy passes the object
        StoreCustomer.objects.create(customer=obj, store=obj.home_store)
        write_grams([obj])


def add_phone(customer: Customer, number: str, *, is_primary: bool = True) -> Phone:
    phone = new_phone(customer=customer, number=number, is_primary=is_primary)
    phone.save()
    return phone


class VehicleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Vehicle
        skip_postgeneration_save = True

    owner = factory.SubFactory(CustomerFactory)
    home_store = factory.SelfAttribute("owner.home_store")
    plate = factory.Sequence(lambda n: f"粤B{n:05d}")
    model = "新君越 2.0T"
    purchased_on = date(2024, 1, 1)

    @factory.post_generation
    def ownership(obj, create, extracted, **kwargs):  # noqa: N805  # factory_boy passes the object
        if obj.owner_id:
            Ownership.objects.create(vehicle=obj, customer=obj.owner)


class VisitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Visit

    vehicle = factory.SubFactory(VehicleFactory)
    store = factory.SelfAttribute("vehicle.home_store")
    customer = factory.SelfAttribute("vehicle.owner")
    order_no = factory.Sequence(lambda n: f"WX{n:06d}")
    visited_on = date(2026, 5, 1)
    kind = Visit.Kind.MAINTENANCE
    paid_fen = 50_000


class ComplaintFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Complaint

    vehicle = factory.SubFactory(VehicleFactory)
    store = factory.SelfAttribute("vehicle.home_store")
    customer = factory.SelfAttribute("vehicle.owner")
    text = "空调异味"
    opened_on = date(2026, 5, 1)
