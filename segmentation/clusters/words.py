"""What sets a cluster apart, in words a service manager speaks; made of stored figures when they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from segmentation.clusters.variables import VARIABLES
from staff.figures import number, percent
from staff.vocabulary import C3_GROUPS, CARE_STATUSES

# In deviations of all cars: less sets nobody apart; two traits are told all the same.
REMARKABLE, FAINT = 0.4, 0.1
FEWEST, MOST = 2, 4
# So many times its share among all cars, a group is worth a sentence.
LIFTED, LEAST_SHARE = 1.3, 0.15
# From such a loading on a variable belongs to a factor.
STRONG = 0.5
SUITS_WELL, SUITS, HARDLY = 0.7, 0.6, 0.5


@dataclass(frozen=True, slots=True)
class Trait:
    short: str
    sentence: str
    apart: float


def traits(cluster: dict[str, Any], every: dict[str, Any]) -> list[Trait]:
    """The two to four figures that set the cluster apart most from all cars, the strongest first."""
    told: list[Trait] = []
    for key, apart in sorted(cluster["apart"].items(), key=lambda item: -abs(item[1])):
        mean, all_mean = cluster["means"][key], every["means"][key]
        # Means of the figures and of their logarithms can lie on different sides: then nothing is claimed.
        contradicts = mean is None or all_mean is None or (mean > all_mean) != (apart > 0)
        enough = REMARKABLE if len(told) >= FEWEST else FAINT
        if contradicts or abs(apart) < enough or len(told) == MOST:
            continue
        variable = VARIABLES[key]
        shown, shown_all = variable.show(mean), variable.show(all_mean)
        if shown == shown_all:
            continue
        sentence = variable.high_told if apart > 0 else variable.low_told
        told.append(
            Trait(
                str(variable.high if apart > 0 else variable.low),
                str(sentence) % {"mean": shown, "all": shown_all},
                apart,
            )
        )
    return told


def headlines(clusters: list[list[Trait]]) -> list[str]:
    """Each cluster's strongest trait, and the next that no cluster with the same strongest one has too."""
    shorts = [tuple(trait.short for trait in traits) for traits in clusters]
    told = []
    for own in shorts:
        taken = {short for other in shorts if other is not own and other[:1] == own[:1] for short in other}
        rest = [short for short in own[1:] if short not in taken]
        told.append(_joined([*own[:1], *(rest or own[1:])[:1]]))
    return told


def _joined(shorts: list[str]) -> str:
    if not shorts:
        return _("much like all cars")
    return pgettext("between traits of a cluster", " · ").join(shorts)


def overlaps(cluster: dict[str, Any], every: dict[str, Any]) -> list[str]:
    """The one of the eight groups and the one care status that are most over-represented, in a sentence each."""
    sentences = []
    for family, words in (("c3", C3_GROUPS), ("care_status", CARE_STATUSES)):
        shares = {
            key: (count / cluster["cars"], every[family][key] / every["cars"])
            for key, count in cluster[family].items()
            if count
        }
        lifted = {
            key: (share, usual)
            for key, (share, usual) in shares.items()
            if share >= LEAST_SHARE and share >= LIFTED * usual
        }
        if lifted:
            key = max(lifted, key=lambda key: (lifted[key][0], key))
            share, usual = lifted[key]
            sentences.append(
                _("%(share)s of them are “%(group)s” (all cars: %(all)s).")
                % {"share": percent(share, 0), "group": words[key].label, "all": percent(usual, 0)}
            )
    return sentences


def clearness(score: float) -> str:
    """What a mean silhouette says; the steps are Kaufman and Rousseeuw's (1990)."""
    told = {"score": number(score, 2)}
    if score > 0.7:
        return _("The groups stand clearly apart (mean silhouette %(score)s, at best 1).") % told
    if score > 0.5:
        return _("The groups can be told apart well (mean silhouette %(score)s, at best 1).") % told
    if score > 0.25:
        return (
            _("The groups shade into each other at their edges (mean silhouette %(score)s, at best 1).")
            % told
        )
    return (
        _(
            "The groups shade into each other: where they are cut is arbitrary (mean silhouette %(score)s, at best 1)."
        )
        % told
    )


def left_out(result: dict[str, Any]) -> list[str]:
    """Why some of the chosen figures were not looked at."""
    sentences = {
        "unknown": _("“%(name)s” was left out: it is known for fewer than half of the cars."),
        "constant": _("“%(name)s” was left out: it is the same for all cars."),
        "alike": _("“%(name)s” was left out: it says nearly the same as “%(other)s”."),
    }
    return [
        sentences[why] % {"name": VARIABLES[key].label, "other": VARIABLES[other].label if other else ""}
        for key, (why, other) in result["left_out"].items()
    ]


def unknown(result: dict[str, Any]) -> list[str]:
    """How many cars count as the mean of a figure that is not known of them."""
    found = []
    for key, cars in result["unknown"].items():
        if cars:
            told = ngettext(
                "“%(name)s” is not known of %(cars)s car, which counts as the mean there.",
                "“%(name)s” is not known of %(cars)s cars, which count as the mean there.",
                cars,
            )
            found.append(told % {"name": VARIABLES[key].label, "cars": number(cars)})
    return found


def verdict(factors: dict[str, Any]) -> tuple[str, str]:
    """Tone and sentence: whether the figures suit a factor analysis."""
    if factors["kmo"] is None:
        return "warn", _(
            "Some of the figures follow from the others: KMO and Bartlett's test cannot be told. Choose fewer figures."
        )
    if factors["bartlett"]["p"] >= 0.05:
        return "bad", _(
            "The figures have hardly anything to do with each other: the factors below say nothing."
        )
    if factors["kmo"] < HARDLY:
        return "bad", _(
            "The figures do not suit a factor analysis: take the factors below for a guess at best."
        )
    if factors["kmo"] < SUITS:
        return "warn", _("The figures hardly suit a factor analysis: read the factors below with care.")
    if factors["kmo"] < SUITS_WELL:
        return "ok", _("The figures suit a factor analysis fairly.")
    return "ok", _("The figures suit a factor analysis well.")


def factor_told(keys: list[str], loadings: list[float]) -> str:
    """What goes with a factor and what goes against it."""
    strong = sorted(
        ((key, loading) for key, loading in zip(keys, loadings, strict=True) if abs(loading) >= STRONG),
        key=lambda item: -abs(item[1]),
    )
    rising = _listed(key for key, loading in strong if loading > 0)
    falling = _listed(key for key, loading in strong if loading < 0)
    if rising and falling:
        return _("Goes up with: %(rising)s. Goes against: %(falling)s.") % {
            "rising": rising,
            "falling": falling,
        }
    if rising:
        return _("Goes up with: %(rising)s.") % {"rising": rising}
    return _("No figure goes with it strongly.")


def _listed(keys: Any) -> str:
    return pgettext("list", ", ").join(str(VARIABLES[key].label) for key in keys)
