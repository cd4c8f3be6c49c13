"""Personal data in templates, as far as a role sees it: ``{{ vehicle.vin|vin_for:sight }}``."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

from customers.models import Customer, Vehicle
from customers.privacy import Sight
from customers.values.plates import normalise_plate

register = template.Library()


@register.filter
def vin_for(vin: str, sight: Sight) -> str:
    return sight.vin(vin)


@register.filter
def id_number_for(id_number: str, sight: Sight) -> str:
    return sight.id_number(id_number)


@register.filter
def address_for(address: str, sight: Sight) -> str:
    return sight.address(address)


@register.filter
def age_since(day: date | None, today: date | None = None) -> str:
    """``3 years 7 months`` since the day; under a month nothing is worth saying."""
    if day is None:
        return ""
    today = today or timezone.localdate()
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    years, rest = divmod(max(months, 0), 12)
    parts = []
    if years:
        parts.append(ngettext("%(n)s year", "%(n)s years", years) % {"n": years})
    if rest:
        parts.append(ngettext("%(n)s month", "%(n)s months", rest) % {"n": rest})
    return " ".join(parts) or gettext("under a month")


@register.filter
def waited(since: datetime, until: datetime | None = None) -> str:
    """How long somebody waits: in hours for two days, then in days."""
    hours = int(((until or timezone.now()) - since).total_seconds() // 3600)
    if hours < 1:
        return gettext("under an hour")
    if hours < 48:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}


@register.filter
def years_old(birthday: date | None, today: date) -> str:
    if birthday is None:
        return ""
    years = today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))
    return ngettext("%(n)s year old", "%(n)s years old", years) % {"n": years}


@register.filter
def salutation(customer: object) -> str:
    """How the owner is addressed at the desk, after the name."""
    words = {"female": gettext("Ms"), "male": gettext("Mr")}
    return words.get(getattr(customer, "gender", ""), "")


@register.filter
def polite_name(customer: Customer) -> str:
    """The name with its title as it is spoken; an export's name may hold the title already."""
    title = salutation(customer)
    if not title or title in customer.name:
        return customer.name
    return pgettext("spoken name", "%(title)s %(name)s") % {"title": title, "name": customer.name}


@register.filter
def car_name(vehicle: Vehicle) -> str:
    """Brand and model, without saying the brand twice."""
    model = vehicle.display_model
    return model if not vehicle.brand or vehicle.brand in model else f"{vehicle.brand} {model}".strip()


@register.simple_tag
def marked_plate(plate: str, sought: str) -> str:
    """The plate with the part that was typed marked."""
    part = normalise_plate(sought)
    before, found, after = plate.partition(part) if part else (plate, "", "")
    return format_html("{}<mark>{}</mark>{}", before, found, after) if found else plate


@register.simple_tag
def facts(*values: object) -> SafeString:
    """The values that say something, with a dot between them."""
    return format_html_join(" · ", "{}", ((value,) for value in values if value not in (None, "")))
