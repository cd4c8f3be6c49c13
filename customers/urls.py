from django.urls import path

from customers.views import (
    card,
    complaints,
    corrections,
    edit,
    lists,
    reception,
    tags,
    vehicles,
    visits,
)
from customers.views.imports import decide, progress, result, upload

app_name = "customers"

desk = [
    path("reception/", reception.reception, name="reception"),
    path("search/", lists.search, name="search"),
]
cards = [
    path("cards/", lists.customer_list, name="list"),
    path("cards/export/", lists.customer_list_export, name="list_export"),
    path("cards/new/", edit.new, name="new"),
    path("cards/<int:pk>/", card.card, name="card"),
    path("cards/<int:pk>/edit/", edit.edit, name="edit"),
    path("cards/<int:pk>/memos/", card.memo_add, name="memo_add"),
    path("cards/<int:pk>/tags/", tags.tag_add, name="tag_add"),
    path("cards/<int:pk>/tags/<int:tag>/remove/", tags.tag_remove, name="tag_remove"),
    path("cards/<int:pk>/cars/new/", vehicles.vehicle_new, name="vehicle_new"),
    path("phones/<int:pk>/reveal/", card.reveal_phone, name="reveal_phone"),
]
cars = [
    path("cars/<int:pk>/edit/", vehicles.vehicle_edit, name="vehicle_edit"),
    path("cars/<int:pk>/owner/", vehicles.owner_change, name="owner_change"),
    path("cars/<int:pk>/visits/new/", visits.visit_new, name="visit_new"),
    path("cars/<int:pk>/complaints/new/", complaints.complaint_new, name="complaint_new"),
]
history = [
    path("visits/", visits.visits, name="visits"),
    path("visits/export/", visits.visits_export, name="visits_export"),
    path("visits/<int:pk>/", visits.visit, name="visit"),
    path("visits/<int:pk>/correct/", corrections.visit_correct, name="visit_correct"),
    path("complaints/", complaints.complaints, name="complaints"),
    path("complaints/export/", complaints.complaints_export, name="complaints_export"),
    path("complaints/<int:pk>/", complaints.complaint_close, name="complaint_close"),
]
imports = [
    path("imports/", upload.history, name="imports"),
    path("imports/export/", upload.history_export, name="imports_export"),
    path("imports/upload/", upload.upload, name="import_upload"),
    path("imports/<int:pk>/", result.result, name="import_result"),
    path("imports/<int:pk>/header/", decide.header, name="import_header"),
    path("imports/<int:pk>/columns/", decide.mapping, name="import_mapping"),
    path("imports/<int:pk>/preview/", decide.preview, name="import_preview"),
    path("imports/<int:pk>/take/", decide.take, name="import_take"),
    path("imports/<int:pk>/correct/", decide.correct, name="import_correct"),
    path("imports/<int:pk>/progress/", progress.progress, name="import_progress"),
    path("imports/<int:pk>/cancel/", progress.cancel, name="import_cancel"),
    path("imports/<int:pk>/rejected/", result.rejected, name="import_rejected"),
    path("imports/<int:pk>/undo/", result.undo, name="import_undo"),
    path("visits/<int:pk>/row/", result.row, name="import_row"),
]

urlpatterns = [*desk, *cards, *cars, *history, *imports]
