"""A finished analysis as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from segmentation.clusters import charts, words
from segmentation.clusters.variables import VARIABLES, Variable
from segmentation.models import C3, CareStatus

# Heat of a table's cell in percent: from there on it is dark and its figure light; between, neither could be read.
DARK_FROM, DARK = 35, 85


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    percent: float

    @property
    def is_dark(self) -> bool:
        return self.percent >= DARK_FROM

    @property
    def heat(self) -> int:
        if self.is_dark:
            return round(DARK + (100 - DARK) * (min(self.percent, 100) - DARK_FROM) / (100 - DARK_FROM))
        return round(self.percent * 1.3)


@dataclass(frozen=True, slots=True)
class Part:
    """Cars of a cluster that have one of the eight groups or care statuses."""

    key: str
    cars: int
    share: float

    @property
    def cell(self) -> Cell:
        return Cell("", self.share * 100)


@dataclass(frozen=True, slots=True)
class Cluster:
    number: int
    headline: str
    traits: list[words.Trait]
    overlaps: list[str]
    cars: int
    share: float
    revenue_fen: int
    revenue_share: float | None
    c3: list[Part]
    care_status: list[Part]

    @property
    def letter(self) -> str:
        return letter(self.number)

    @property
    def per_car_fen(self) -> int:
        return round(self.revenue_fen / self.cars)

    @property
    def largest(self) -> list[Part]:
        """The three of the eight groups most of its cars are in."""
        return sorted((part for part in self.c3 if part.cars), key=lambda part: -part.cars)[:3]


@dataclass(frozen=True, slots=True)
class Centre:
    """A figure's mean in all cars, and in each cluster with how far apart that is."""

    variable: Variable
    every: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Loading:
    variable: Variable
    cells: list[Cell]
    communality: float
    kmo: float | None


@dataclass(frozen=True, slots=True)
class Factor:
    number: int
    explained: float
    told: str


def letter(number: int) -> str:
    """A for 1."""
    return chr(ord("A") + number - 1)


def clusters(result: dict[str, Any]) -> list[Cluster]:
    traits = [words.traits(found, result["all"]) for found in result["clusters"]]
    return [
        _cluster(result, number, *told)
        for number, told in enumerate(zip(words.headlines(traits), traits, strict=True), start=1)
    ]


def _cluster(result: dict[str, Any], number: int, headline: str, traits: list[words.Trait]) -> Cluster:
    found, every = result["clusters"][number - 1], result["all"]
    return Cluster(
        number=number,
        headline=headline,
        traits=traits,
        overlaps=words.overlaps(found, every),
        cars=found["cars"],
        share=found["cars"] / every["cars"],
        revenue_fen=found["revenue_fen"],
        revenue_share=found["revenue_fen"] / every["revenue_fen"] if every["revenue_fen"] > 0 else None,
        c3=_parts(found, "c3", C3.values),
        care_status=_parts(found, "care_status", CareStatus.values),
    )


def _parts(found: dict[str, Any], family: str, keys: list[str]) -> list[Part]:
    counts = found[family]
    return [Part(key, counts.get(key, 0), counts.get(key, 0) / found["cars"]) for key in keys]


def centres(result: dict[str, Any]) -> list[Centre]:
    rows = []
    for key in result["keys"]:
        variable = VARIABLES[key]
        cells = [
            # A whole deviation away is as hot as it gets.
            Cell(_shown(variable, found["means"][key]), min(abs(found["apart"][key]), 1) * 60)
            for found in result["clusters"]
        ]
        rows.append(Centre(variable, _shown(variable, result["all"]["means"][key]), cells))
    return rows


def _shown(variable: Variable, mean: float | None) -> str:
    return "—" if mean is None else variable.show(mean)


def loadings(result: dict[str, Any]) -> list[Loading]:
    told = result["factors"]
    rows = []
    for place, key in enumerate(result["keys"]):
        row = told["loadings"][place]
        cells = [Cell(f"{value:.2f}".replace("-", "−"), value * value * 100) for value in row]
        kmo = told["kmo_by"][place] if told["kmo_by"] else None
        rows.append(Loading(VARIABLES[key], cells, sum(value * value for value in row), kmo))
    return rows


def factors(result: dict[str, Any]) -> list[Factor]:
    told = result["factors"]
    columns = zip(*told["loadings"], strict=True)
    return [
        Factor(number, explained, words.factor_told(result["keys"], list(column)))
        for number, (column, explained) in enumerate(zip(columns, told["explained"], strict=True), start=1)
    ]


def context(result: dict[str, Any]) -> dict[str, Any]:
    """All that the result page needs besides the analysis itself."""
    found: dict[str, Any] = {
        "clusters": clusters(result),
        "every": {
            "c3": _parts(result["all"], "c3", C3.values),
            "care_status": _parts(result["all"], "care_status", CareStatus.values),
        },
        "centres": centres(result),
        "silhouettes": charts.silhouettes(result),
        "silhouette_told": words.clearness(dict(result["silhouettes"])[result["k"]]),
        "notes": words.left_out(result) + words.unknown(result),
    }
    if result["factors"]:
        tone, verdict = words.verdict(result["factors"])
        found |= {
            "scree": charts.scree(result["factors"]),
            "loadings": loadings(result),
            "factors": factors(result),
            "above_one": sum(value > 1 for value in result["factors"]["eigenvalues"]),
            "explained": sum(result["factors"]["explained"]),
            "tone": tone,
            "verdict": verdict,
        }
    return found
