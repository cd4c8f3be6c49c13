from segmentation.models.clusters import AnalysedStore, ClusterAnalysis, ClusterAnalysisQuerySet, ClusterCar
from segmentation.models.groups import C3, CareStatus, CustomerValue, Family
from segmentation.models.results import (
    NearCar,
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
from segmentation.models.saved import SavedSegment, SavedSegmentQuerySet, SavedSegmentStore, SegmentMember

__all__ = [
    "C3",
    "AnalysedStore",
    "Bands",
    "CareStatus",
    "ClusterAnalysis",
    "ClusterAnalysisQuerySet",
    "ClusterCar",
    "CustomerValue",
    "Family",
    "NearCar",
    "PublishedRules",
    "RuleSet",
    "RuleSetQuerySet",
    "SavedSegment",
    "SavedSegmentQuerySet",
    "SavedSegmentStore",
    "SegmentMember",
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
