"""The models of the brand and what keeping one costs. Fen, first-hand prices of a city store."""

from typing import NamedTuple


class Model(NamedTuple):
    name: str
    vds: str
    weight: int
    service_parts_fen: int
    service_labour_fen: int
    price_factor: float
    # An energy letter makes the plate a new-energy one: D runs on its battery only, F is a plug-in hybrid.
    energy: str = ""
    sold_for_years: int = 12
    for_fleets: int = 1


MODELS = (
    Model("新君越", "GM8W2", 24, 52_000, 18_000, 1.15, for_fleets=3),
    Model("新君威", "GG5S1", 19, 46_000, 16_000, 1.0),
    Model("GL8", "UD8C7", 13, 68_000, 22_000, 1.35, for_fleets=8),
    Model("陆尊", "UA83E", 8, 74_000, 24_000, 1.5, for_fleets=6),
    Model("威朗", "JB5A3", 13, 36_000, 13_000, 0.8, for_fleets=2),
    Model("昂科威", "RL6X4", 12, 58_000, 18_000, 1.2),
    Model("英朗", "PC5E6", 8, 33_000, 12_000, 0.75),
    Model("微蓝 6", "EV6D9", 5, 24_000, 12_000, 0.7, energy="D", sold_for_years=5),
    Model("GL8 陆尊 PHEV", "UP8F5", 2, 66_000, 22_000, 1.4, energy="F", sold_for_years=3),
)
CAB = MODELS[4]
