"""Template library of the house: ``{% load ui %}``.

Tags
  {% icon "phone" %}                                Lucide icon, inline; label="..." when it stands alone
  {% plate "粤B6K92D" size="lg" %}                   number plate, green for new-energy cars
  {% group_chip "high_risk" size="lg" plain=True %} customer group: colour, three-bar mark, name
  {% group_mark "high_risk" %}                      the three bars alone; {% group_css "high_risk" %} -> "g-risk"
  {% group_keys as keys %}                          the eight keys in order
  {% care_pill "lost" note="..." %}                 care status as a pill
  {% control form.plate size="s" %}                 a form field's control in the house style
  {% charts_script %}                               once, in the block "scripts" of a page with charts
Filters
  fen: yuan yuan_whole yuan_short · numbers: number signed percent km clamp
  others: mask_phone group_name undo_url device
"""

from __future__ import annotations

from functools import cache
from typing import Any

import lucide
from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext

from staff.figures import (
    NOTHING,
    clamp,
    km,
    mask_phone,
    number,
    percent,
    signed,
    yuan,
    yuan_short,
    yuan_whole,
)
from staff.vocabulary import C3_GROUPS, CARE_STATUSES, Group

register = template.Library()

for figure in (clamp, km, mask_phone, number, percent, signed, yuan, yuan_short, yuan_whole):
    register.filter(figure.__name__, figure)


# Marks


@cache
def _svg(name: str) -> str:
    return lucide._render_icon(name, 24, **{"class": "i", "aria-hidden": "true"})


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Unknown names raise ``lucide.IconDoesNotExist``: a wrong name is a mistake in the template."""
    svg = mark_safe(_svg(name))  # noqa: S308  (from the icon package, not from a user)
    return format_html('{}<span class="sr">{}</span>', svg, label) if label else svg


@register.simple_tag
def plate(value: str | None, size: str = "") -> str:
    """Plates have 7 characters, those of new-energy cars 8."""
    text = "".join(character for character in value or "" if character not in " ·・.-")
    if not text:
        return NOTHING
    classes = " ".join(filter(None, ("plate", "nev" if len(text) == 8 else "", size)))
    shown = f"{text[:2]}·{text[2:]}" if len(text) > 6 else text
    return format_html('<span class="{}">{}</span>', classes, shown)


def _bars(bars: str, size: str = "") -> SafeString:
    marks = mark_safe("".join("<b></b>" if bar == "1" else '<b class="l"></b>' for bar in bars))  # noqa: S308
    return format_html('<span class="{}" aria-hidden="true">{}</span>', f"tri {size}".strip(), marks)


def _explained(group: Group) -> str:
    high, low = pgettext("threshold", "high"), pgettext("threshold", "low")
    visits, repair, spend = (high if bar == "1" else low for bar in group.bars)
    return gettext("Service visits %(visits)s · repair ratio %(repair)s · spend %(spend)s") % {
        "visits": visits,
        "repair": repair,
        "spend": spend,
    }


@register.simple_tag
def group_chip(key: str | None, size: str = "", plain: bool = False) -> str:
    group = C3_GROUPS.get(key or "")
    if group is None:
        return format_html('<span class="st">{}</span>', gettext("Not grouped yet"))
    classes = " ".join(filter(None, ("gc", f"g-{group.css}", "pl" if plain else "", size)))
    return format_html(
        '<span class="{}" title="{}">{}{}</span>', classes, _explained(group), _bars(group.bars), group.label
    )


@register.simple_tag
def group_mark(key: str | None, size: str = "") -> str:
    group = C3_GROUPS.get(key or "")
    return _bars(group.bars, size) if group else ""


@register.simple_tag
def group_css(key: str | None) -> str:
    """Sets ``--c`` to the group's colour for everything inside the element that carries it."""
    group = C3_GROUPS.get(key or "")
    return f"g-{group.css}" if group else ""


@register.simple_tag
def group_keys() -> tuple[str, ...]:
    """The eight keys in their usual order: ``{% group_keys as keys %}``."""
    return tuple(C3_GROUPS)


@register.filter
def group_name(key: str | None) -> str:
    group = C3_GROUPS.get(key or "")
    return str(group.label) if group else gettext("Not grouped yet")


@register.simple_tag
def care_pill(key: str | None, note: str = "") -> str:
    status = CARE_STATUSES.get(key or "")
    if status is None:
        return ""
    label = f"{status.label} · {note}" if note else status.label
    return format_html('<span class="{}">{}{}</span>', f"st {status.tone}", icon(status.icon), label)


# Forms and scripts


@register.simple_tag
def control(field: BoundField, size: str = "", **attrs: str) -> SafeString:
    """The widget with class "in"; underscores in attribute names become dashes: ``data_key="n"``."""
    widget = field.field.widget
    extra: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in attrs.items()}
    if not isinstance(widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        classes = f"{widget.attrs.get('class', '')} {size} {attrs.get('class', '')}".split()
        extra["class"] = " ".join(dict.fromkeys(["in", *classes]))
    if widget.attrs.get("placeholder") == field.label:
        extra["placeholder"] = False  # the label above says it already
    return field.as_widget(attrs=extra)


@register.filter
def field_kind(field: BoundField) -> str:
    """How ``components/field.html`` lays the field out: check, choices or plain."""
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return "choices"
    return "check" if isinstance(widget, CheckboxInput) else "plain"


@register.simple_tag
def charts_script() -> SafeString:
    return format_html(
        '<script src="{}" defer data-mode="{}" data-cdn="{}" data-local="{}" data-integrity="{}" data-timeout="{}">'
        "</script>",
        static("charts.js"),
        settings.CHARTS_MODE,
        settings.CHARTJS_CDN_URL,
        static("vendor/chart.umd.min.js"),
        settings.CHARTJS_SRI,
        settings.CHARTJS_TIMEOUT_MS,
    )


@register.filter
def undo_url(extra_tags: Any) -> str:
    """The address in ``messages.success(request, text, extra_tags=f"undo:{url}")``."""
    tags = str(extra_tags or "").split()
    return next((tag.removeprefix("undo:") for tag in tags if tag.startswith("undo:")), "")


BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def device(user_agent: str | None) -> str:
    """What a person calls it: Chrome · Windows. The order matters: Edge also says Chrome, Chrome says Safari."""
    agent = user_agent or ""
    names = [next((name for mark, name in marks if mark in agent), "") for marks in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, names)) or agent[:60]
