"""What customers itself puts on the card: visits, complaints, memos, changes of owner, and the apology that is due."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from customers.card import Contribution, Greeting, TimelineEntry
from customers.models import Complaint, Customer, Memo, Ownership, Vehicle, Visit
from staff.models import User
from staff.templatetags.ui import km

# A taxi firm's card would otherwise carry thousands of rows; older visits are in the list of visits.
NEWEST = 400
APOLOGY_MONTHS = 6
ICONS = {
    Visit.Kind.MAINTENANCE: "wrench",
    Visit.Kind.REPAIR: "wrench",
    Visit.Kind.ACCIDENT: "car-front",
    Visit.Kind.WARRANTY: "shield-check",
    Visit.Kind.OTHER: "sparkles",
}


def contribute(
    *, user: User, customer: Customer | None, vehicles: list[Vehicle], today: date
) -> Contribution:
    found = Contribution()
    about = Q(vehicle__in=[vehicle.pk for vehicle in vehicles])
    if customer is not None:
        about |= Q(customer=customer)
    complaints = list(
        Complaint.objects.visible_to(user)
        .filter(about)
        .select_related("handler")
        .order_by("-opened_on", "-pk")[:NEWEST]
    )
    found.greetings += _apology(complaints, vehicles, today)
    found.timeline += [_complaint_entry(complaint) for complaint in complaints]
    visits = (
        Visit.objects.visible_to(user).standing().filter(about).select_related("vehicle", "advisor", "store")
    )
    visits = visits.prefetch_related("lines").order_by("-visited_on", "-pk")[:NEWEST]
    found.timeline += [_visit_entry(visit, customer) for visit in visits]
    found.timeline += _owner_entries(vehicles)
    if customer is not None:
        memos = Memo.objects.visible_to(user).filter(customer=customer).select_related("author")[:NEWEST]
        found.timeline += [_memo_entry(memo) for memo in memos]
    return found


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)


def _apology(complaints: list[Complaint], vehicles: list[Vehicle], today: date) -> list[Greeting]:
    """One sentence about the newest complaint that still counts; an open one comes before a closed one."""
    since = months_before(today, APOLOGY_MONTHS)
    mine = {vehicle.pk for vehicle in vehicles}
    due = [
        complaint
        for complaint in complaints
        if complaint.vehicle_id in mine and (complaint.closed_on is None or complaint.opened_on > since)
    ]
    if not due:
        return []
    newest = max(due, key=lambda complaint: (complaint.closed_on is None, complaint.opened_on, complaint.pk))
    if newest.closed_on is None:
        text = _("“%(text)s”, complained on %(day)s, is still open.")
    else:
        text = _("“%(text)s”, complained on %(day)s, was settled. Ask how it is now.")
    said = {
        "text": newest.text[:60],
        "day": formats.date_format(newest.opened_on, pgettext("date in a sentence", "j M")),
    }
    return [
        Greeting(
            order=2, tone="bad", icon="message-square-warning", title=_("Apologise first"), text=text % said
        )
    ]


def _complaint_entry(complaint: Complaint) -> TimelineEntry:
    is_open = complaint.closed_on is None
    who = _("handled by %(name)s") % {"name": complaint.handler} if complaint.handler else ""
    parts = [complaint.solution, who]
    return TimelineEntry(
        on=complaint.opened_on,
        kind="complaint",
        icon="message-square-warning",
        title=_("Complaint: %(text)s") % {"text": complaint.text},
        text=_("; ").join(part for part in parts if part),
        tone="bad",
        badge=pgettext("complaint", "open") if is_open else pgettext("complaint", "closed"),
        url=reverse("customers:complaint_close", args=[complaint.pk]) if is_open else "",
    )


def _visit_entry(visit: Visit, customer: Customer | None) -> TimelineEntry:
    items = _(", ").join(line.name for line in visit.lines.all())
    advisor = str(visit.advisor or visit.advisor_name)
    parts = [
        str(visit.vehicle),
        items,
        km(visit.odometer_km) if visit.odometer_km else "",
        _("advisor %(name)s") % {"name": advisor} if advisor else "",
        visit.store.name,
    ]
    # Whose car it was then is no business of the present owner's card: only that it was another's.
    other = customer is not None and visit.customer_id is not None and visit.customer_id != customer.pk
    return TimelineEntry(
        on=visit.visited_on,
        kind="visit",
        icon=ICONS.get(Visit.Kind(visit.kind), "wrench"),
        title=f"{capfirst(visit.get_kind_display())} · {visit.order_no}",
        text=_("; ").join(part for part in parts if part),
        tone="ok",
        amount_fen=visit.paid_fen,
        badge=_("earlier owner") if other else _("rework") if visit.is_rework else "",
        url=reverse("customers:visit", args=[visit.pk]),
    )


def _owner_entries(vehicles: list[Vehicle]) -> list[TimelineEntry]:
    """Hand-overs of the cars in view, without a name: the earlier owner is somebody else's card."""
    plates = {vehicle.pk: str(vehicle) for vehicle in vehicles}
    changes = Ownership.objects.filter(vehicle__in=plates, since_on__isnull=False).values_list(
        "vehicle_id", "since_on"
    )
    return [
        TimelineEntry(
            on=since_on,
            kind="owner",
            icon="arrow-right-left",
            title=_("%(plate)s changed hands") % {"plate": plates[vehicle_id]},
            text=_("Earlier visits stay with the earlier owner."),
        )
        for vehicle_id, since_on in changes.order_by("-since_on")
        if since_on is not None
    ]


def _memo_entry(memo: Memo) -> TimelineEntry:
    return TimelineEntry(
        on=timezone.localtime(memo.created_at).date(),
        kind="memo",
        icon="sticky-note",
        title=memo.text,
        text=str(memo.author),
        tone="info",
    )
