"""Figures to Chart.js configurations; colours are names of design tokens, which charts.js resolves."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dashboards.reports import MonthFigure


def visits_by_month(figures: list[MonthFigure]) -> dict[str, Any]:
    """Two years of months; the last twelve as the line, the twelve before as last year's. The present month is open."""
    before, now = figures[:-12], figures[-12:]
    return _line(
        "visits-by-month",
        _("Visits by month, this year against last"),
        [_month(figure.month) for figure in now],
        [
            (_("last 12 months"), [figure.visits for figure in now], "--ink", 2),
            (_("the year before"), [figure.visits for figure in before], "--ink-3", 1.5),
        ],
    )


def revenue_by_month(figures: list[MonthFigure]) -> dict[str, Any]:
    before, now = figures[:-12], figures[-12:]
    labels = [_month(figure.month) for figure in now]
    series = [
        (_("last 12 months"), [_yuan(figure) for figure in now], "--ink-2"),
        (_("the year before"), [_yuan(figure) for figure in before], "--line-2"),
    ]
    return {
        "id": "revenue-by-month",
        "label": _("Revenue by month in yuan, this year against last"),
        "height": 206,
        "config": {
            "type": "bar",
            "data": {
                "labels": labels,
                "datasets": [
                    {"label": name, "data": data, "backgroundColor": colour, "borderRadius": 3}
                    for name, data, colour in series
                ],
            },
            "options": {"scales": _scales()},
        },
        "table": _table(labels, [(name, data) for name, data, _colour in series]),
    }


def _line(
    chart_id: str, label: str, labels: list[str], series: list[tuple[str, list[int], str, float]]
) -> dict[str, Any]:
    return {
        "id": chart_id,
        "label": label,
        "height": 206,
        "config": {
            "type": "line",
            "data": {
                "labels": labels,
                "datasets": [
                    {
                        "label": name,
                        "data": data,
                        "borderColor": colour,
                        "backgroundColor": colour,
                        "borderWidth": width,
                        "pointRadius": 2 if width == 2 else 0,
                        "tension": 0.25,
                    }
                    for name, data, colour, width in series
                ],
            },
            "options": {"interaction": {"mode": "index", "intersect": False}, "scales": _scales()},
        },
        "table": _table(labels, [(name, data) for name, data, _colour, _width in series]),
    }


def _scales() -> dict[str, Any]:
    return {
        "y": {"grid": {"color": "--line"}, "beginAtZero": True, "ticks": {"maxTicksLimit": 5}},
        "x": {"grid": {"display": False}},
    }


def _table(labels: list[str], series: list[tuple[str, list[int]]]) -> dict[str, Any]:
    rows = [[label, *(data[index] for _name, data in series)] for index, label in enumerate(labels)]
    return {
        "head": [pgettext("column of a table of months", "Month"), *(name for name, _data in series)],
        "rows": rows,
    }


def _month(day: date) -> str:
    return date_format(day, pgettext("date format of a month on a chart's axis", "M y"))


def _yuan(figure: MonthFigure) -> int:
    return round(figure.paid_fen / 100)
