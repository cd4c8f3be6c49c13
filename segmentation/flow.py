"""Draws a movement: bands between two columns of groups, as numbers for an SVG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import ngettext

from segmentation.movement import GONE, KEYS, Movement
from staff.figures import number
from staff.vocabulary import C3_GROUPS, CARE_STATUSES

WIDTH, HEIGHT, GAP, BAR = 740, 560, 14, 12
LEFT, RIGHT = 180, WIDTH - 180 - BAR
MIDDLE = WIDTH / 2
# Thinner bands would vanish.
THINNEST = 0.6


@dataclass(frozen=True, slots=True)
class Node:
    x: str
    y: str
    middle: str
    height: str
    css: str
    label: str
    count: str
    label_x: int
    count_x: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Band:
    d: str
    width: str
    css: str
    title: str
    same: bool


@dataclass(frozen=True, slots=True)
class Flow:
    nodes: list[Node]
    bands: list[Band]
    width: int = WIDTH
    height: int = HEIGHT


def css(key: str) -> str:
    """The class that sets the colour of a group or status."""
    if key in C3_GROUPS:
        return f"g-{C3_GROUPS[key].css}"
    tone = CARE_STATUSES[key].tone if key in CARE_STATUSES else ""
    return f"c-{tone or 'none'}"


def flow(movement: Movement, name: Callable[[str], str]) -> Flow:
    """Coloured by where the cars come from; who stayed is drawn first and paler."""
    keys = KEYS[movement.family]
    left, right = [*keys, movement.arrived], [*keys, GONE]
    matrix = movement.matrix
    outgoing = {key: sum(matrix[key].values()) for key in left}
    incoming = {key: sum(row.get(key, 0) for row in matrix.values()) for key in right}
    scale = (HEIGHT - GAP * (len(left) - 1)) / max(1, sum(outgoing.values()))
    tops, ends = _stacked(outgoing, scale), _stacked(incoming, scale)
    colour = {key: css(key) for key in right} | {movement.arrived: "c-none"}
    nodes = [_node(LEFT, tops[key], outgoing[key], scale, colour[key], name(key)) for key in left]
    nodes += [_node(RIGHT, ends[key], incoming[key], scale, colour[key], name(key)) for key in right]
    bands = []
    for was in left:
        for became in right:
            cars = matrix[was].get(became, 0)
            if cars:
                thick = cars * scale
                title = ngettext("%(was)s → %(became)s: %(n)s car", "%(was)s → %(became)s: %(n)s cars", cars)
                words = {"was": name(was), "became": name(became), "n": number(cars)}
                d = _curve(tops[was] + thick / 2, ends[became] + thick / 2)
                width = f"{max(thick, THINNEST):.1f}"
                bands.append(Band(d, width, colour[was], title % words, was == became))
                tops[was] += thick
                ends[became] += thick
    return Flow(nodes, sorted(bands, key=lambda band: not band.same))


def _stacked(counts: dict[str, int], scale: float) -> dict[str, float]:
    tops, y = {}, 0.0
    for key, count in counts.items():
        tops[key] = y
        y += count * scale + GAP
    return tops


def _node(x: int, y: float, count: int, scale: float, colour: str, label: str) -> Node:
    high = count * scale
    is_left = x == LEFT
    return Node(
        str(x), f"{y:.1f}", f"{y + high / 2:.1f}", f"{high:.1f}", colour, label, number(count),
        label_x=x - 52 if is_left else x + BAR + 52,
        count_x=x - 8 if is_left else x + BAR + 8,
        anchor="end" if is_left else "start",
    )  # fmt: skip


def _curve(y1: float, y2: float) -> str:
    return f"M{LEFT + BAR},{y1:.1f}C{MIDDLE},{y1:.1f} {MIDDLE},{y2:.1f} {RIGHT},{y2:.1f}"
