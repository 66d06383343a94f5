"""Tips per need: for everybody, and the region's own screens; see intake/urls/__init__.py."""

from django.urls import path

from intake.views import tips

urlpatterns = [
    path("tips/", tips.public_tips, name="tips"),
    path("regio/tips/", tips.region_tips, name="region_tips"),
    path("regio/tips/zin/<uuid:sentence_id>/", tips.region_sentence, name="region_sentence"),
    path("regio/tips/<slug:need>/", tips.region_tip, name="region_tip"),
]
