"""Every prefix on one screen."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("config.api_urls")),
    path("", include("accounts.urls")),
    path("", include("passport.urls")),
    path("", include("intake.urls")),
]
