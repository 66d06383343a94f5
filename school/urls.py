"""The lesson, the talk and the class."""

from django.urls import URLPattern, URLResolver, include, path

from school.views import authority, board, counsellor, digest, lessons, own, papers, parents, talks

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("school.office_urls")),
    path("gezag/", authority.authority_list, name="authority"),
    path("gezag/<uuid:tie_id>/", authority.authority_check, name="authority_check"),
    path("gezag/<uuid:tie_id>/stoppen/", authority.authority_end, name="authority_end"),
    path("klas/", board.desk, name="desk"),
    path("klas/<uuid:class_id>/", board.class_board, name="class_board"),
    path("klas/<uuid:class_id>/inloggen/", board.class_login, name="class_login"),
    path("klas/<uuid:class_id>/gehoord/", board.class_heard, name="class_heard"),
    path("klas/<uuid:class_id>/jaarplan/", lessons.class_plan, name="class_plan"),
    path("klas/<uuid:class_id>/les/", lessons.lesson_new, name="lesson_new"),
    path("les/<uuid:lesson_id>/", lessons.lesson, name="lesson"),
    path("les/<uuid:lesson_id>/start/", lessons.lesson_start, name="lesson_start"),
    path("les/<uuid:lesson_id>/stop/", lessons.lesson_stop, name="lesson_stop"),
    path("les/<uuid:lesson_id>/dag/", lessons.lesson_move, name="lesson_move"),
    path("les/<uuid:lesson_id>/bord/", lessons.lesson_board, name="lesson_board"),
    path("vandaag/hand/", own.hand, name="hand"),
    path("vandaag/praten/", own.wish_to_talk, name="wish_to_talk"),
    path("samen/", own.together, name="together"),
    path("instellingen/mentor/", own.mentor_sees, name="mentor_sees"),
    path("gesprek/", talks.talk_guides, name="talk_guides"),
    path("gesprek/boekje/", talks.talk_booklet, name="talk_booklet"),
    path("gesprek/<slug:section>/", talks.talk_guide, name="talk_guide"),
    path("ouders/", parents.parents, name="parents"),
    path("ouders/praten/<int:place>/", parents.home_talk, name="home_talk"),
    path("ouders/ouderavond/", parents.parents_evening, name="parents_evening"),
    path("decaan/", counsellor.counsellor, name="counsellor"),
    path("gedeeld/<uuid:share_id>/doorstroomdossier/", papers.transfer_text, name="transfer_text"),
    path("mijn-papier/opp/", papers.own_opinion, name="own_opinion"),
    path("mijn-papier/bewijs/", papers.own_proof, name="own_proof"),
    path("instellingen/mail/nieuws/", digest.mail_wish, name="mail_wish"),
    path("mail/stoppen/<str:token>/", digest.mail_stop, name="mail_stop"),
]
