"""The pages around a day to look; see intake/urls/__init__.py. An address holds a day or a sign-up, never a student."""

from django.urls import path

from intake.views import taster_days, taster_keeping

urlpatterns = [
    path("meelopen/", taster_days.days, name="taster_days"),
    path("meelopen/<uuid:day_id>/", taster_days.day, name="taster_day"),
    path("meelopen/<uuid:day_id>/agenda/", taster_days.day_file, name="taster_day_file"),
    path("meelopen/<uuid:day_id>/kaartje/", taster_days.card, name="taster_card"),
    path("meeloopdagen/", taster_keeping.kept_days, name="taster_kept"),
    path("meeloopdagen/nieuw/<uuid:place_id>/", taster_keeping.put_up, name="taster_new"),
    path("meeloopdagen/<uuid:day_id>/", taster_keeping.names, name="taster_names"),
    path("meeloopdagen/<uuid:day_id>/veranderen/", taster_keeping.edit, name="taster_edit"),
    path("meeloopdagen/naam/<uuid:sign_up_id>/", taster_keeping.name, name="taster_name"),
    path("buddy/", taster_keeping.buddy_days, name="buddy_days"),
]
