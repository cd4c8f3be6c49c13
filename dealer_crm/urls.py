"""The project's table of contents."""

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language

from dealer_crm import views

# The support screens' own sign-in page would know no limit of tries.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents it
admin.site.site_header = admin.site.site_title = admin.site.index_title = _("Dealer CRM")

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("language/", set_language, name="set_language"),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    # allauth's pages link to it; the adapter keeps it closed.
    path("account/signup/", account.signup, name="account_signup"),
    path("account/devices/", include("allauth.usersessions.urls")),
    path("staff/", include("staff.urls")),
    path("jobs/", include("jobs.urls")),
    path("customers/", include("customers.urls")),
    path("segments/", include("segmentation.urls")),
    path("campaigns/", include("campaigns.urls")),
    path("calls/", include("callcenter.urls")),
    path("dashboard/", include("dashboards.urls")),
    path("api/v1/segments/", include("segmentation.api_urls")),
    path("admin/", admin.site.urls),
]

handler400 = "dealer_crm.views.bad_request"
handler403 = "dealer_crm.views.forbidden"
handler404 = "dealer_crm.views.not_found"
handler500 = "dealer_crm.views.server_error"
