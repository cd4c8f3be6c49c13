from django.urls import path

from staff import views, views_exports

app_name = "staff"
urlpatterns = [
    path("store/", views.switch_store, name="switch_store"),
    path("profile/", views.profile, name="profile"),
    path("people/", views.people, name="people"),
    path("people/export/", views.people_export, name="people_export"),
    path("people/new/", views.person_new, name="person_new"),
    path("people/<int:pk>/", views.person_edit, name="person_edit"),
    path("people/<int:pk>/active/", views.person_active, name="person_active"),
    path("people/<int:pk>/password/", views.person_password, name="person_password"),
    path("exports/", views_exports.export_requests, name="export_requests"),
    path("exports/<int:pk>/approve/", views_exports.export_approve, name="export_approve"),
    path("exports/<int:pk>/refuse/", views_exports.export_refuse, name="export_refuse"),
    path("exports/<int:pk>/file/", views_exports.export_fetch, name="export_fetch"),
    path("audit/", views.audit, name="audit"),
    path("audit/export/", views.audit_export, name="audit_export"),
]
