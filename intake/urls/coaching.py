"""A coach and a student; see intake/urls/__init__.py. An address holds a share, or of the student nothing at all."""

from django.urls import path

from intake.views import coaching

urlpatterns = [
    path("coach/", coaching.coach_students, name="coach_students"),
    path("coach/<uuid:share_id>/", coaching.coach_student, name="coach_student"),
    path("coach/<uuid:share_id>/gesprek/", coaching.coach_moment, name="coach_moment_new"),
    path("coach/<uuid:share_id>/gesprek/<uuid:moment_id>/", coaching.coach_moment, name="coach_moment"),
    path("coach/<uuid:share_id>/gesprek/<uuid:moment_id>/weg/", coaching.coach_moment_off, name="coach_moment_off"),
    path("coach/<uuid:share_id>/gesprek/<uuid:moment_id>/gedaan/", coaching.coach_promise, name="coach_promise"),
    path("jouw-coach/", coaching.own_coach, name="own_coach"),
    path("jouw-coach/code/", coaching.own_coach_code, name="own_coach_code"),
    path("jouw-coach/toch-niet/", coaching.own_coach_off, name="own_coach_off"),
    path("jouw-coach/<uuid:moment_id>/gedaan/", coaching.own_coach_tick, name="own_coach_tick"),
    path("jouw-coach/<uuid:moment_id>/weg/", coaching.own_coach_remove, name="own_coach_remove"),
]
