from django.urls import path

from campaigns import views

app_name = "campaigns"
urlpatterns = [
    path("", views.campaign_list, name="list"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/targets/", views.target_list, name="targets"),
    path("<int:pk>/targets/export/", views.target_list_export, name="targets_export"),
    path("<int:pk>/open/", views.open_, name="open"),
    path("<int:pk>/close/", views.close, name="close"),
]
