"""What advisors and managers know beside the DMS, put in through the same services as their forms."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random

from django.utils import timezone

from customers.models import Complaint, Vehicle
from customers.services import close_complaint, log_complaint, mark_customer, mark_gone, respond_to_complaint
from dealer_crm.demo.group import ComplaintSpec, DemoGroup, GoneCar
from staff.models import Role, Store, User

_SOLUTIONS = (
    "已电话致歉，下次保养免工时费",
    "复检后更换零件，车主试车满意",
    "服务经理当面沟通，退还差额",
    "安排优先工位返工，次日交车",
    "已向车主解释质保条款，车主接受",
)


def add_care(group: DemoGroup, *, seed: int = 20) -> None:
    rng = Random(seed)
    stores = {store.code: store for store in Store.objects.all()}
    desks = {code: _someone(store, Role.ADVISOR) for code, store in stores.items()}
    for spec in group.complaints:
        _complain(spec, stores[spec.store], desks[spec.store], rng)
    for plate in group.price_sensitive_plates:
        vehicle = _car(plate)
        if vehicle is not None and vehicle.owner is not None:
            store = vehicle.home_store
            mark_customer(customer=vehicle.owner, by=desks[store.code], store=store, price_sensitive=True)
    for gone in group.gone_cars:
        _leave(gone, stores[gone.store], desks[gone.store])


def _someone(store: Store, role: Role) -> User:
    return User.objects.filter(memberships__store=store, memberships__role=role).earliest("username")


def _car(plate: str) -> Vehicle | None:
    return Vehicle.objects.select_related("owner", "home_store").filter(plate=plate).order_by("-pk").first()


def _complain(spec: ComplaintSpec, store: Store, desk: User, rng: Random) -> None:
    vehicle = _car(spec.plate)
    if vehicle is None:
        return
    complaint, _ = log_complaint(
        vehicle=vehicle,
        store=store,
        by=desk,
        opened_on=spec.opened_on,
        text=spec.text,
        channel=spec.channel,
        severity=spec.severity,
    )
    if spec.closed_on:
        solution = rng.choice(_SOLUTIONS)
        close_complaint(complaint=complaint, by=desk, closed_on=spec.closed_on, solution=solution)
    elif rng.random() < 0.7:
        respond_to_complaint(complaint=complaint, by=desk)
    _backdate(complaint, spec, rng)


def _backdate(complaint: Complaint, spec: ComplaintSpec, rng: Random) -> None:
    """The services' clock is now; these words were spoken on their day, and mostly answered within hours."""
    opened = timezone.make_aware(
        datetime.combine(spec.opened_on, time(9 + rng.randrange(8), rng.randrange(60)))
    )
    answered = min(opened + timedelta(minutes=rng.randint(20, 900)), timezone.now())
    row = Complaint.objects.filter(pk=complaint.pk)
    row.update(opened_at=min(opened, timezone.now()))
    row.filter(first_response_at__isnull=False).update(first_response_at=max(answered, opened))


def _leave(gone: GoneCar, store: Store, desk: User) -> None:
    vehicle = _car(gone.plate)
    if vehicle is not None:
        mark_gone(vehicle=vehicle, version=vehicle.version, state=gone.state, by=desk, store=store)
