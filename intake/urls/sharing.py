"""Sharing as a student does it, the home page and «Wie keek er?»."""

from django.urls import path

from intake.views import fits, giving, intake_talk, links, notes, readers, reviews, sharing, talks, today

urlpatterns = [
    path("vandaag/", today.today, name="today"),
    path("wie-keek/", today.looks, name="looks"),
    path("afgesproken/", notes.own_notes, name="own_notes"),
    path("afgesproken/<uuid:note_id>/punt/", notes.note_tick, name="note_tick"),
    path("afgesproken/<uuid:note_id>/weg/", notes.note_remove, name="note_remove"),
    path("van-thuis/", notes.own_remarks, name="own_remarks"),
    path("van-thuis/<uuid:remark_id>/verbergen/", notes.remark_hide, name="remark_hide"),
    path("delen/", sharing.share_list, name="share_list"),
    path("delen/nieuw/", giving.share_who, name="share_who"),
    path("delen/nieuw/met-een-link/<slug:goal>/", links.share_link_to, name="share_link_to"),
    path("delen/nieuw/<uuid:draft_id>/wat/", giving.share_what, name="share_what"),
    path("delen/nieuw/<uuid:draft_id>/waarom/", giving.share_why, name="share_why"),
    path("delen/nieuw/<uuid:draft_id>/tot-wanneer/", giving.share_until, name="share_until"),
    path("delen/nieuw/<uuid:draft_id>/voorbeeld/", giving.share_preview, name="share_preview"),
    path("delen/nieuw/<uuid:draft_id>/klopt-dit/", giving.share_confirm, name="share_confirm"),
    path("delen/klopt-dit-nog/", reviews.review, name="review"),
    path("delen/<uuid:share_id>/", sharing.share, name="share"),
    path("delen/<uuid:share_id>/klopt-dit-nog/", reviews.review, name="share_review"),
    path("delen/<uuid:share_id>/veranderen/", sharing.share_change, name="share_change"),
    path(
        "delen/<uuid:share_id>/veranderen/<uuid:draft_id>/", sharing.share_change_confirm, name="share_change_confirm"
    ),
    path("delen/<uuid:share_id>/nieuwe-tekst/", sharing.share_release, name="share_release"),
    path("delen/<uuid:share_id>/opnieuw/", sharing.share_anew, name="share_anew"),
    path("delen/<uuid:share_id>/houden/", sharing.share_keep, name="share_keep"),
    path("delen/<uuid:share_id>/meelezen/", readers.share_readers, name="share_readers"),
    path("delen/<uuid:share_id>/gesprek/", talks.share_talk, name="share_talk"),
    path("delen/mijn-gesprek/", intake_talk.intake_talk_next, name="intake_talk_next"),
    path("delen/<uuid:share_id>/intake/", intake_talk.share_intake_talk, name="share_intake_talk"),
    path("delen/<uuid:share_id>/intake/gesprek.ics", intake_talk.share_talk_file, name="share_talk_file"),
    path("delen/<uuid:share_id>/antwoorden/", fits.share_fits, name="share_fits"),
    path("delen/<uuid:share_id>/code/", links.share_code, name="share_code"),
    path("delen/<uuid:share_id>/mail/", links.share_mail, name="share_mail"),
    path("delen/<uuid:share_id>/veiligheid/", links.share_safety, name="share_safety"),
    path("delen/<uuid:share_id>/stoppen/", sharing.share_stop, name="share_stop"),
    path("inzage/<str:token>/", links.link, name="link"),
]
