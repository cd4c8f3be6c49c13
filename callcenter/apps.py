from django.apps import AppConfig


class CallCenterConfig(AppConfig):
    name = "callcenter"
