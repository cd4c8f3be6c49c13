"""A small dealership and its sister store, with one row of everything, for the tests that walk all pages.

Every text of the sister store carries a marker, so that a page that shows any of it gives itself away. Only the
store's own name does not: whoever types a guest's whole plate at the desk is told which store knows the car.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from django.utils import timezone

from callcenter.models import Call
from customers.models import Complaint, CustomerTag, Memo, Tag, Visit
from customers.models.imports import Import
from customers.services import imports
from jobs.engine import run_all
from segmentation import drafts
from segmentation.models import C3, CareStatus, VehicleSegment
from segmentation.saved.services import create_segment
from segmentation.saved.tree import Condition, Group, Mode
from staff.models import ExportRequest, Role, User
from staff.services import record
from tests.callcenter.factories import record as record_call
from tests.campaigns.factories import car, draft, opened, rules
from tests.customers.factories import (
    ComplaintFactory,
    CustomerFactory,
    VehicleFactory,
    VisitFactory,
    add_phone,
)
from tests.jobs.factories import JobFactory
from tests.segmentation.clusters.factories import analysed
from tests.staff.factories import ExportRequestFactory, MembershipFactory, StoreFactory, UserFactory

# Rare enough that no page has one by chance; the plate and the order number are marked by their shape.
MARKERS = {"own": "甲记", "foreign": "乙记"}
PLATES = {"own": "粤B5A5A5", "foreign": "琼Z7Q7Q7"}
PHONES = {"own": "13800001111", "foreign": "13900007373"}
VINS = {"own": "LSGJA52U5BH000011", "foreign": "LSGZZ99Z9ZH737373"}
FOREIGN_TRACES = (MARKERS["foreign"], "琼Z7Q7Q7", "琼Z·7Q7Q7", "7373", "LSGZZ99Z9Z", "WX-ZZ73")


class Shop:
    """One store with people of every role and one row of everything."""

    def __init__(self, side: str) -> None:
        self.side, self.mark = side, MARKERS[side]
        self.store = StoreFactory(code=side.upper(), name=f"{self.mark[0]}店")
        self.people = {role.value: self._person(role) for role in Role}
        self.person = self._person(Role.ADVISOR)
        self._cars()
        self._saved_segment()
        self._campaign()
        # After the campaign: it does not invite cars with an open complaint.
        self.complaint: Complaint = ComplaintFactory(vehicle=self.vehicle, text=f"{self.mark}异味")
        self._imports()
        self.job = JobFactory(store=self.store, progress_note=self.mark, status="failed", failure="refused")
        self.export, self.export_ready = self._exports()
        record(
            user=self.person, action="customer.edit", store=self.store, subject=self.customer, note=self.mark
        )

    def _person(self, role: Role) -> User:
        # A password that can be changed, though nobody can sign in with it.
        user = UserFactory(full_name=f"{self.mark}{role.label}", password="kept elsewhere")
        return MembershipFactory(store=self.store, role=role, user=user).user

    def _cars(self) -> None:
        today = date.today()
        self.customer = CustomerFactory(home_store=self.store, name=f"{self.mark}车主")
        self.phone = add_phone(self.customer, PHONES[self.side])
        self.vehicle = VehicleFactory(owner=self.customer, plate=PLATES[self.side], vin=VINS[self.side])
        order = "WX-ZZ73" if self.side == "foreign" else "WX-AA11"
        self.visit: Visit = VisitFactory(
            vehicle=self.vehicle, order_no=order, visited_on=today - timedelta(days=200)
        )
        Memo.objects.create(
            customer=self.customer, store=self.store, author=self.person, text=f"{self.mark}备忘"
        )
        self.tag = Tag.objects.create(store=self.store, name=f"{self.mark}标签")
        CustomerTag.objects.create(customer=self.customer, tag=self.tag, created_by=self.person)
        car(self.store, owner={"name": f"{self.mark}次车主"}, plate=PLATES[self.side][:-1] + "8")
        self.segment = VehicleSegment.objects.create(
            vehicle=self.vehicle,
            store=self.store,
            as_of=today,
            rule_set=rules(),
            c3=C3.PROFITABLE_LOYAL,
            care_status=CareStatus.ACTIVE,
            maintenance_count=3,
            repair_like_count=2,
            spend_fen=500_000,
            last_visit_on=self.visit.visited_on,
            first_seen_on=date(2024, 1, 1),
            c3_since=today,
            care_since=today,
        )
        self.analysis = analysed(self.store, [self.vehicle], as_of=today)

    def _campaign(self) -> None:
        today = date.today()
        span = {"starts_on": today, "ends_on": today + timedelta(days=30)}
        self.campaign = opened(self.store, today=today, name=f"{self.mark}活动", **span)
        self._calls()
        self.draft = draft(self.store, name=f"{self.mark}草稿", **span)
        self.rules = drafts.start(store=self.store, by=self.people["manager"])

    def _saved_segment(self) -> None:
        tree = Group(Mode.ALL, (Condition("c3", "in", ("profitable_loyal",)),))
        self.saved = create_segment(
            name=f"{self.mark}客群",
            note=f"{self.mark}说明",
            stores=[self.store],
            tree=tree,
            by=self.people["manager"],
            form_key=uuid.uuid4(),
        )

    def _imports(self) -> None:
        """One export written, and one that waits at its preview."""
        self.imported, self.previewed = (self._import(number) for number in (1, 2))
        imports.start_commit(imported=self.imported, by=self.people["manager"])
        run_all()
        self.imported.refresh_from_db()
        self.imported_visit = Visit.objects.get(store=self.store, order_no=self._order_no(1))

    def _order_no(self, number: int) -> str:
        return f"{'WX-ZZ73' if self.side == 'foreign' else 'WX-AA11'}-{number}"

    def _import(self, number: int) -> Import:
        row = {
            "工单号": self._order_no(number),
            "车牌号": f"{PLATES[self.side][:-1]}{number}",
            "客户名称": f"{self.mark}导入",
            "联系电话": f"{PHONES[self.side][:-5]}{number}{PHONES[self.side][-4:]}",
            "开单日期": (date.today() - timedelta(days=9)).isoformat(),
            "业务类型": "保养",
            "行驶里程": "41260",
            "实收金额": "500.00",
        }
        text = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
        imported, _new = imports.receive_upload(
            file=SimpleUploadedFile(f"{self.mark}.csv", text.encode()),
            file_name=f"{self.mark}.csv",
            store=self.store,
            by=self.people["manager"],
            form_key=uuid.uuid4(),
        )
        imports.start_check(imported=imported, by=self.people["manager"])
        run_all()
        imported.refresh_from_db()
        return imported

    def _exports(self) -> tuple[ExportRequest, ExportRequest]:
        """A long list that waits for a second person, and one that the manager may fetch."""
        asked = ExportRequestFactory(stores=[self.store], requested_by=self.person, reason=f"{self.mark}盘点")
        ready = ExportRequestFactory(
            stores=[self.store],
            requested_by=self.people["manager"],
            reason=f"{self.mark}邮寄",
            approved_by=self.people["admin"],
            content=self.mark.encode(),
        )
        return asked, ready

    def _calls(self) -> None:
        """One call to be made, and one that the agent has just made."""
        agent = self.people["agent"]
        calls = Call.objects.filter(target__campaign=self.campaign).in_order()
        made, self.call = calls
        self.attempt = record_call(made, agent, when=timezone.now())


def in_english(client: Client) -> Client:
    """The language is the chosen one, whatever the browser prefers."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


# Object column of the table of pages -> the arguments of its address.
OBJECTS: dict[str, Callable[[Shop], dict[str, Any]]] = {
    "customer": lambda shop: {"pk": shop.customer.pk},
    "vehicle": lambda shop: {"pk": shop.vehicle.pk},
    "tag": lambda shop: {"pk": shop.customer.pk, "tag": shop.tag.pk},
    "phone": lambda shop: {"pk": shop.phone.pk},
    "visit": lambda shop: {"pk": shop.visit.pk},
    "complaint": lambda shop: {"pk": shop.complaint.pk},
    "import": lambda shop: {"pk": shop.imported.pk},
    "preview": lambda shop: {"pk": shop.previewed.pk},
    "row": lambda shop: {"pk": shop.imported_visit.pk},
    "call": lambda shop: {"pk": shop.call.pk},
    "attempt": lambda shop: {"pk": shop.attempt.pk},
    "campaign": lambda shop: {"pk": shop.campaign.pk},
    "draft": lambda shop: {"pk": shop.draft.pk},
    "rules": lambda shop: {"pk": shop.rules.pk},
    "export": lambda shop: {"pk": shop.export.pk},
    "export_ready": lambda shop: {"pk": shop.export_ready.pk},
    "analysis": lambda shop: {"pk": shop.analysis.pk},
    "cluster": lambda shop: {"pk": shop.analysis.pk, "number": 1},
    "saved": lambda shop: {"pk": shop.saved.pk},
    "job": lambda shop: {"pk": shop.job.pk},
    "person": lambda shop: {"pk": shop.person.pk},
    "car_group": lambda shop: {"pk": shop.vehicle.pk, "family": "c3"},
    # Names no row: what the page shows is narrowed to the user's stores.
    "group": lambda shop: {"family": "c3", "key": "profitable_loyal"},
}


def fingerprint() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but those of sessions."""
    passing = {"sessions.session", "usersessions.usersession", "contenttypes.contenttype", "auth.permission"}
    tables: list[type[models.Model]] = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label_lower not in passing
    ]
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in tables}
