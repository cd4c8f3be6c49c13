from django.urls import path

from segmentation import (
    views,
    views_clusters,
    views_explain,
    views_movement,
    views_rules,
    views_saved,
    views_saved_edit,
)

app_name = "segmentation"
urlpatterns = [
    path("", views.groups, name="groups"),
    path("rules/", views.rules, name="rules"),
    path("what-if/", views_rules.what_if, name="what_if"),
    path("rules/versions/", views_rules.versions, name="rule_versions"),
    path("rules/drafts/", views_rules.draft_new, name="draft_new"),
    path("rules/drafts/<int:pk>/", views_rules.draft, name="draft"),
    path("rules/drafts/<int:pk>/publish/", views_rules.draft_publish, name="draft_publish"),
    path("rules/drafts/<int:pk>/discard/", views_rules.draft_discard, name="draft_discard"),
    path("movement/", views_movement.overview, name="movement"),
    path("movement/cars/", views_movement.cars, name="movement_cars"),
    path("clusters/", views_clusters.overview, name="clusters"),
    path("clusters/<int:pk>/", views_clusters.result, name="cluster_result"),
    path("clusters/<int:pk>/progress/", views_clusters.progress, name="cluster_progress"),
    path("clusters/<int:pk>/again/", views_clusters.again, name="cluster_again"),
    path("clusters/<int:pk>/<int:number>/", views_clusters.cars, name="cluster_cars"),
    path("clusters/<int:pk>/<int:number>/save/", views_clusters.save, name="cluster_save"),
    path("saved/", views_saved.saved_list, name="saved_list"),
    path("saved/new/", views_saved_edit.saved_new, name="saved_new"),
    path("saved/<int:pk>/", views_saved.saved, name="saved"),
    path("saved/<int:pk>/edit/", views_saved_edit.saved_edit, name="saved_edit"),
    path("saved/<int:pk>/export/", views_saved.saved_export, name="saved_export"),
    path("saved/<int:pk>/freeze/", views_saved.saved_freeze, name="saved_freeze"),
    path("saved/<int:pk>/copy/", views_saved.saved_copy, name="saved_copy"),
    path("saved/<int:pk>/archive/", views_saved.saved_archive, name="saved_archive"),
    path("saved/<int:pk>/restore/", views_saved.saved_restore, name="saved_restore"),
    path("cars/<int:pk>/<str:family>/", views_explain.explain, name="explain"),
    path("<str:family>/<str:key>/", views.vehicles, name="vehicles"),
    path("<str:family>/<str:key>/export/", views.vehicles_export, name="vehicles_export"),
]
