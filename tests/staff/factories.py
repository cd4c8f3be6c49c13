import uuid
from datetime import timedelta

import factory
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from staff.models import ExportRequest, Membership, Role, Store, User


class StoreFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Store

    code = factory.Sequence(lambda n: f"S{n}")
    name = factory.Sequence(lambda n: f"第{n}店")


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    full_name = factory.Sequence(lambda n: f"员工{n}")
    password = "!"  # tests sign in with force_login


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    store = factory.SubFactory(StoreFactory)
    role = Role.ADVISOR


class ExportRequestFactory(factory.django.DjangoModelFactory):
    """Asked by somebody; ``approved_by`` also decides, and ``content`` is the file then."""

    class Meta:
        model = ExportRequest
        skip_postgeneration_save = True

    class Params:
        approved_by = None

    requested_by = factory.SubFactory(UserFactory)
    form_key = factory.LazyFunction(uuid.uuid4)
    list_name = "customers"
    address = factory.LazyFunction(lambda: reverse("customers:list_export"))
    scope = "all"
    format = "csv"
    language = "en"
    rows = 1000
    reason = "年度盘点"
    decided_by = factory.SelfAttribute("approved_by")
    state = factory.LazyAttribute(lambda made: "approved" if made.approved_by else "asked")
    decided_at = factory.LazyAttribute(lambda made: timezone.now() if made.approved_by else None)
    expires_at = factory.LazyAttribute(
        lambda made: timezone.now() + timedelta(hours=1) if made.approved_by else None
    )

    @factory.post_generation
    def stores(self, create, stores, **kwargs):
        self.stores.set(stores or [])

    @factory.post_generation
    def content(self, create, content, **kwargs):
        if content is not None:
            self.made_rows = 1
            self.file.save("export", ContentFile(content))
