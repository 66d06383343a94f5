"""After the start; see intake/urls/__init__.py. A student's address names a moment, never a case or a person."""

from django.urls import path

from intake.views import college_mentor, first_day, follow_ups

urlpatterns = [
    path("na-de-start/", follow_ups.after_start, name="after_start"),
    path("na-de-start/eerste-dag/", first_day.first_day, name="first_day"),
    path("na-de-start/hoe-gaat-het/<slug:moment>/", follow_ups.follow_up, name="follow_up"),
    path("na-de-start/veranderd/", follow_ups.follow_up_next, name="follow_up_next"),
    path("na-de-start/wie-hoort-het/", follow_ups.follow_up_hears, name="follow_up_hears"),
    path("na-de-start/wie-hoort-het/bewijs/", follow_ups.follow_up_proofs, name="follow_up_proofs"),
    path(
        "na-de-start/wie-hoort-het/bewijs/<uuid:record_id>/",
        follow_ups.follow_up_proof_file,
        name="follow_up_proof_file",
    ),
    path("na-de-start/gesprekken.ics", follow_ups.after_talks_file, name="after_talks_file"),
    path("na-de-start/seintje-weg/", follow_ups.signal_back, name="signal_back"),
    path("na-de-start/gevraagd/<slug:about>/", follow_ups.after_asked, name="after_asked"),
    path("mbo/", college_mentor.college_students, name="college_students"),
    path("mbo/<uuid:share_id>/", college_mentor.college_student, name="college_student"),
    path("mbo/<uuid:case_id>/klopt-dit-nog/", college_mentor.college_review, name="college_review"),
    path("mbo/<uuid:case_id>/eerste-dag/", first_day.first_day_write, name="first_day_write"),
    path("seintje/<uuid:signal_id>/gezien/", college_mentor.signal_heard, name="signal_heard"),
    path("school/hoe-gaat-het/", college_mentor.back_to_school_list, name="back_to_school_list"),
    path("school/hoe-gaat-het/<uuid:case_id>/", college_mentor.back_to_school_one, name="back_to_school_one"),
]
