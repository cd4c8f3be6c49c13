from django.urls import path

from segmentation import views

app_name = "segmentation"
urlpatterns = [
    path("", views.groups, name="groups"),
    path("rules/", views.rules, name="rules"),
    path("<str:family>/<str:key>/", views.vehicles, name="vehicles"),
]
