from django.apps import AppConfig


class WiringConfig(AppConfig):
    """Makes the project's own commands (demo, demo_logins) known to Django."""

    name = "dealer_crm"
    label = "wiring"
