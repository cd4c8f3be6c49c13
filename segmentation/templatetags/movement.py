"""``{% load movement %}``: how the pages of the movement name a group or status."""

from __future__ import annotations

from django import template
from django.utils.html import format_html

from segmentation.movement_page import name
from staff.templatetags.ui import group_mark
from staff.vocabulary import C3_GROUPS

register = template.Library()


@register.simple_tag
def movement_name(key: str, family: str) -> str:
    return name(key, family)


@register.simple_tag
def movement_head(key: str, family: str) -> str:
    """The head of a column: the three bars above the name."""
    if key not in C3_GROUPS:
        return format_html('<span class="xs">{}</span>', name(key, family))
    css = f"g-{C3_GROUPS[key].css}"
    return format_html(
        '<span class="{}">{}<br><span class="xs">{}</span></span>', css, group_mark(key), name(key)
    )
