"""``{% load segments %}``: what the group pages say about a key."""

from __future__ import annotations

from django import template

from customers.models import Visit
from segmentation import playbook
from staff.figures import clamp
from staff.vocabulary import CARE_STATUSES

register = template.Library()


@register.simple_tag
def play_short(key: str) -> str:
    """What to do with the group, in a few words."""
    return str(playbook.play(key).short)


@register.simple_tag
def bar_width(value: int, largest: int) -> str:
    """``value`` as percent of the longest bar."""
    return clamp(value * 100 / largest if largest else 0)


@register.filter
def cell_is_high(cell: str, dimension: int | str) -> bool:
    """Whether cell "110" is high in dimension 0 (services), 1 (spend) or 2 (repair ratio)."""
    return cell[int(dimension)] == "1"


@register.filter
def hundredths(value: int) -> str:
    """150 -> 1.5: a factor kept in percent."""
    return f"{value / 100:g}"


@register.filter
def care_name(key: str) -> str:
    return str(CARE_STATUSES[key].label)


@register.simple_tag
def care_keys() -> list[str]:
    """In the order in which they are tried."""
    return list(CARE_STATUSES)


@register.filter
def kind_names(kinds: list[str]) -> str:
    labels = dict(Visit.Kind.choices)
    return " · ".join(str(labels[kind]) for kind in kinds)
