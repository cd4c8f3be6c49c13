from django.urls import path

from callcenter import views

app_name = "callcenter"
urlpatterns = [
    path("queue/", views.today, name="today"),
    path("queue/export/", views.today_export, name="today_export"),
    path("queue/start/", views.start, name="start"),
    path("queue/<int:pk>/", views.work, name="work"),
    path("queue/<int:pk>/outcome/", views.outcome, name="outcome"),
    path("queue/<int:pk>/skip/", views.skip, name="skip"),
    path("queue/attempts/<int:pk>/undo/", views.undo, name="undo"),
    path("bookings/", views.bookings, name="bookings"),
    path("bookings/export/", views.bookings_export, name="bookings_export"),
]
