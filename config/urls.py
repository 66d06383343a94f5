"""Every prefix on one screen."""

from django.urls import include, path

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"

urlpatterns = [
    path("api/v1/", include("config.api_urls")),
    path("", include("intake.urls")),  # first: a request passes every pattern above its own, and dossiers are read most
    path("", include("accounts.urls")),
    path("", include("passport.urls")),
    path("", include("consent.urls")),
    path("", include("school.urls")),
]
