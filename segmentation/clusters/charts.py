"""The two curves of an analysis as Chart.js configurations; colours are names of design tokens."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from staff.figures import number


def silhouettes(result: dict[str, Any]) -> dict[str, Any]:
    """The mean silhouette by number of groups; the chosen number is dark."""
    numbers = [k for k, _score in result["silhouettes"]]
    scores = [score for _k, score in result["silhouettes"]]
    colours = ["--ink" if k == result["k"] else "--line-2" for k in numbers]
    return {
        "id": "silhouettes",
        "label": _("How clearly the groups stand apart, by the number of groups"),
        "height": 206,
        "config": {
            "type": "bar",
            "data": {
                "labels": list(map(str, numbers)),
                "datasets": [
                    {
                        "label": _("mean silhouette"),
                        "data": [round(score, 3) for score in scores],
                        "backgroundColor": colours,
                        "borderRadius": 3,
                    }
                ],
            },
            "options": {"scales": _scales(_("number of groups"))},
        },
        "table": {
            "head": [_("Number of groups"), _("mean silhouette")],
            "rows": [[k, number(score, 3)] for k, score in result["silhouettes"]],
        },
    }


def scree(factors: dict[str, Any]) -> dict[str, Any]:
    """The eigenvalues in their order, with the line above which a factor is kept."""
    values = factors["eigenvalues"]
    whole = sum(values)
    shares = [value * 100 / whole for value in values]
    return {
        "id": "scree",
        "label": _("Eigenvalues of the correlations, the largest first; factors above 1 are kept"),
        "height": 206,
        "config": {
            "type": "line",
            "data": {
                "labels": list(range(1, len(values) + 1)),
                "datasets": [
                    {
                        "label": _("eigenvalue"),
                        "data": [round(value, 3) for value in values],
                        "borderColor": "--ink",
                        "backgroundColor": "--ink",
                        "borderWidth": 2,
                        "pointRadius": 3,
                    }
                ],
            },
            "options": {
                "scales": _scales(_("factor")),
                "plugins": {"lineAt": {"at": [{"v": 1, "t": "1"}]}},
            },
        },
        "table": {
            "head": [_("Factor"), _("eigenvalue"), _("of the variance"), _("together")],
            "rows": [
                [place, number(value, 3), f"{number(share, 1)}%", f"{number(sum(shares[:place]), 1)}%"]
                for place, (value, share) in enumerate(zip(values, shares, strict=True), start=1)
            ],
        },
    }


def _scales(below: str) -> dict[str, Any]:
    return {
        "y": {"grid": {"color": "--line"}, "beginAtZero": True, "ticks": {"maxTicksLimit": 5}},
        "x": {"grid": {"display": False}, "title": {"display": True, "text": below}},
    }
