"""Everything of a coordinator: the class list, the cards, staff, years and the log."""

from django.urls import path

from school.views import cards, classlist, days, offer_files, offers, office, passports, staff, years

urlpatterns = [
    path("beheer/", office.office, name="office"),
    path("beheer/<uuid:place_id>/", office.office_place, name="office_place"),
    path("beheer/<uuid:place_id>/klassen/", office.office_classes, name="office_classes"),
    path("beheer/<uuid:place_id>/klassenlijst/", classlist.class_list_upload, name="class_list_upload"),
    path("beheer/klassenlijst/<uuid:list_id>/", classlist.class_list_columns, name="class_list_columns"),
    path("beheer/klassenlijst/<uuid:list_id>/nakijken/", classlist.class_list_check, name="class_list_check"),
    path("beheer/klas/<uuid:class_id>/kaarten/", cards.class_cards, name="class_cards"),
    path("beheer/<uuid:place_id>/medewerkers/", staff.office_staff, name="office_staff"),
    path("beheer/<uuid:place_id>/medewerkers/<uuid:membership_id>/", staff.office_post, name="office_post"),
    path("beheer/<uuid:place_id>/opleidingen/", office.office_programmes, name="office_programmes"),
    path("beheer/<uuid:place_id>/opleidingen/hulp.csv", offer_files.office_offers_file, name="office_offers_file"),
    path("beheer/<uuid:place_id>/opleidingen/inlezen/", offer_files.office_offers_upload, name="office_offers_upload"),
    path("beheer/<uuid:place_id>/opleidingen/<uuid:programme_id>/", office.office_programme, name="office_programme"),
    path("beheer/<uuid:place_id>/opleidingen/<uuid:programme_id>/hulp/", offers.office_offers, name="office_offers"),
    path(
        "beheer/<uuid:place_id>/opleidingen/<uuid:programme_id>/hulp/<slug:need>/",
        offers.office_offer,
        name="office_offer",
    ),
    path("een-dag-bij/", days.programme_days, name="programme_days"),
    path("een-dag-bij/<uuid:programme_id>/", days.programme_day, name="programme_day"),
    path("een-dag-bij/<uuid:programme_id>/<uuid:sentence_id>/", days.programme_sentence, name="programme_sentence"),
    path("een-dag-nakijken/", days.day_reviews, name="day_reviews"),
    path("een-dag-nakijken/<uuid:programme_id>/", days.day_review, name="day_review"),
    path("beheer/<uuid:place_id>/schooljaar/", years.office_year, name="office_year"),
    path("beheer/<uuid:place_id>/logboek/", office.office_log, name="office_log"),
    path("paspoort-voor/", passports.invite_passport, name="invite_passport"),
    path("paspoort-voor-jou/code/", passports.passport_invitation_code, name="passport_invitation_code"),
    path("paspoort-voor-jou/antwoord/", passports.passport_invitation_answer, name="passport_invitation_answer"),
    path("paspoort-voor-jou/<str:token>/", passports.passport_invitation, name="passport_invitation"),
    path("zo-houd-je-je-paspoort/", years.keep_passport, name="keep_passport"),
]
