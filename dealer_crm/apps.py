from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WiringConfig(AppConfig):
    """Makes the project's own commands (demo, demo_logins) known to Django."""

    name = "dealer_crm"
    label = "wiring"

    def ready(self) -> None:
        from allauth.usersessions.models import UserSession

        # The admin lists this table, to which allauth gives no name that could be translated.
        UserSession._meta.verbose_name = _("sign-in")
        UserSession._meta.verbose_name_plural = _("sign-ins")
