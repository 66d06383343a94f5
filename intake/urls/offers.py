"""What programmes give and who helps in the region: public, but for the student's own and what a region keeps."""

from django.urls import path

from intake.views import offers, region_help

urlpatterns = [
    path("hulp-per-opleiding/", offers.offers_compare, name="offers_compare"),
    path("hulp-bij-mijn-opleidingen/", offers.offers_own, name="offers_own"),
    path("hulp-in-de-regio/", region_help.region_help, name="region_help"),
    path("regio/hulp/", region_help.region_help_list, name="region_help_list"),
    path("regio/hulp/nieuw/<uuid:region_id>/", region_help.region_help_new, name="region_help_new"),
    path("regio/hulp/<uuid:help_id>/", region_help.region_help_edit, name="region_help_edit"),
]
