"""«Mijn gegevens», as a student does it; see intake/urls/__init__.py."""

from django.urls import path

from intake.views import leaving

urlpatterns = [
    path("instellingen/mijn-gegevens/", leaving.own_data, name="own_data"),
    path("instellingen/mijn-gegevens/stil/", leaving.own_data_freeze, name="own_data_freeze"),
    path("instellingen/mijn-gegevens/paspoort.json", leaving.own_data_json, name="own_data_json"),
    path("instellingen/mijn-gegevens/paspoort.html", leaving.own_data_page, name="own_data_page"),
    path("instellingen/mijn-gegevens/wissen/", leaving.own_data_erase, name="own_data_erase"),
    path("instellingen/mijn-gegevens/niet-wissen/", leaving.own_data_keep, name="own_data_keep"),
    path("gewist/", leaving.erased, name="erased"),
]
