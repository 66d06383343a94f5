"""The floors, then every page of the site."""

from django.urls import include, path

from tests.bench import floor, floor_pages

urlpatterns = [
    path("api/floor/autosave/<str:slot>/", floor.autosave),
    path("floor/dossier/<uuid:share_id>/", floor.dossier),
    path("floor/brief/<uuid:case_id>/", floor.brief),
    path("floor/inbox/api/", floor.inbox_api),
    path("floor/inbox/", floor_pages.inbox),
    path("floor/rows/", floor_pages.twelve_rows),
    path("floor/login/", floor_pages.log_in),
    path("", include("config.urls")),
]
