"""Every prefix on one screen."""

from django.urls import include, path

from config import health

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", include("config.api_urls")),
    path("", include("intake.urls")),  # first: a request passes every pattern above its own, and dossiers are read most
    path("", include("accounts.urls")),
    path("", include("passport.urls")),
    path("", include("consent.urls")),
    path("", include("school.urls")),
]
