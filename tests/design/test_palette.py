"""The eight group colours stay apart for every eye and stand out from the card, in both themes.

The tokens are read out of app.css: a change of palette that fails here is refused. Colour blindness is simulated
after Machado, Oliveira and Fernandes (2009), full severity, on linear light; distance is OKLab times 100.
"""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "static" / "app.css").read_text(encoding="utf-8")
GROUPS = ("loyal", "split", "risk", "opp", "cost", "dig", "lowc", "myst")
MINIMUM_DISTANCE = 9.9
MINIMUM_CONTRAST = 3.0

Matrix = tuple[tuple[float, float, float], ...]
VISIONS: dict[str, Matrix] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def tokens(theme: str) -> dict[str, str]:
    selector = {"light": r":root, \[data-theme=light\]", "dark": r"\[data-theme=dark\]"}[theme]
    block = re.search(rf"^\s*{selector} \{{(.*?)^\s*\}}", CSS, re.MULTILINE | re.DOTALL)
    assert block, theme
    return dict(re.findall(r"(--[\w-]+): (#[0-9A-F]{6})", block[1]))


def linear(colour: str) -> tuple[float, ...]:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)


def times(matrix: Matrix, vector: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def oklab(light: tuple[float, ...]) -> tuple[float, ...]:
    cones = times(
        (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        ),
        light,
    )
    roots = tuple(max(cone, 0) ** (1 / 3) for cone in cones)
    return times(
        (
            (0.2104542553, 0.7936177850, -0.0040720468),
            (1.9779984951, -2.4285922050, 0.4505937099),
            (0.0259040371, 0.7827717662, -0.8086757660),
        ),
        roots,
    )


def distance(one: str, other: str, vision: str) -> float:
    seen = [
        oklab(tuple(min(max(c, 0), 1) for c in times(VISIONS[vision], linear(colour))))
        for colour in (one, other)
    ]
    return 100 * sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        red, green, blue = linear(colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_pair_of_groups_can_be_told_apart(theme, vision):
    colours = tokens(theme)

    close = {
        (a, b): round(distance(colours[f"--g-{a}"], colours[f"--g-{b}"], vision), 2)
        for a, b in combinations(GROUPS, 2)
        if distance(colours[f"--g-{a}"], colours[f"--g-{b}"], vision) < MINIMUM_DISTANCE
    }

    assert close == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_groups_stand_out_from_the_card(theme):
    colours = tokens(theme)

    faint = [g for g in GROUPS if contrast(colours[f"--g-{g}"], colours["--surface"]) < MINIMUM_CONTRAST]

    assert faint == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "token", ["--ink", "--ink-2", "--ink-3", "--accent", "--ok", "--warn", "--bad", "--info"]
)
def test_text_can_be_read_on_page_card_and_inset(theme, token):
    colours = tokens(theme)

    assert all(
        contrast(colours[token], colours[ground]) >= 4.5 for ground in ("--bg", "--surface", "--surface-2")
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tone", ["ok", "warn", "bad", "info"])
def test_status_text_can_be_read_on_its_pill(theme, tone):
    colours = tokens(theme)

    assert contrast(colours[f"--{tone}"], colours[f"--{tone}-soft"]) >= 4.5


def test_the_measure_itself():
    """Known values: black on white is 21:1 and 100 apart in OKLab; a red and a green close up for a deutan."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert distance("#000000", "#FFFFFF", "normal") == pytest.approx(100, abs=0.1)
    assert distance("#C83700", "#227F5D", "deutan") < distance("#C83700", "#227F5D", "normal") / 2
