from segmentation.models.groups import C3, CareStatus, CustomerValue, Family
from segmentation.models.results import (
    SegmentSpell,
    SegmentSpellQuerySet,
    SegmentTally,
    VehicleSegment,
    VehicleSegmentQuerySet,
)
from segmentation.models.rules import (
    Bands,
    PublishedRules,
    RuleSet,
    RuleSetQuerySet,
    default_age_bands,
    default_cells,
    default_radius_bands,
    default_repair_kinds,
)
from segmentation.models.runs import SegmentRun, SegmentRunQuerySet, TouchedCar

__all__ = [
    "C3",
    "Bands",
    "CareStatus",
    "CustomerValue",
    "Family",
    "PublishedRules",
    "RuleSet",
    "RuleSetQuerySet",
    "SegmentRun",
    "SegmentRunQuerySet",
    "SegmentSpell",
    "SegmentSpellQuerySet",
    "SegmentTally",
    "TouchedCar",
    "VehicleSegment",
    "VehicleSegmentQuerySet",
    "default_age_bands",
    "default_cells",
    "default_radius_bands",
    "default_repair_kinds",
]
