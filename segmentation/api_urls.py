"""Addresses of the JSON under ``/api/v1/segments/``."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.urls import path

from segmentation.api import MovementView, SegmentsView

app_name = "segmentation_api"


# Plain functions: DRF's own views are exempt from the project's check of forms, and these are not to be.
def segments(request: HttpRequest) -> HttpResponseBase:
    return SegmentsView.as_view()(request)


def movement(request: HttpRequest) -> HttpResponseBase:
    return MovementView.as_view()(request)


urlpatterns = [
    path("", segments, name="segments"),
    path("movement/", movement, name="movement"),
]
