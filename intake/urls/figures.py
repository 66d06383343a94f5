"""The figures of a year; see intake/urls/__init__.py."""

from django.urls import path

from intake.views import figures

urlpatterns = [
    path("cijfers/", figures.figures, name="figures"),
    path("cijfers/<uuid:publication_id>/", figures.figures_of, name="figures_of"),
    path("cijfers/<uuid:publication_id>/tabellen.csv", figures.figures_csv, name="figures_csv"),
]
