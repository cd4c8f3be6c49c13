from django.urls import path

from staff import views

app_name = "staff"
urlpatterns = [
    path("store/", views.switch_store, name="switch_store"),
    path("profile/", views.profile, name="profile"),
    path("people/", views.people, name="people"),
]
