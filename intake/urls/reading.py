"""See intake/urls/__init__.py."""

from django.urls import URLPattern, path

from intake.views import batches, dossiers, fits, handovers, inbox, intake_talk, notes, suggesting, talks, unmet

urlpatterns: list[URLPattern] = [
    path("intake/", inbox.inbox, name="inbox"),
    path("intake/<uuid:case_id>/", inbox.case_brief, name="case_brief"),
    path("intake/<uuid:case_id>/alles/", inbox.case_dossier, name="case_dossier"),
    path("intake/<uuid:case_id>/tekst/", inbox.case_text, name="case_text"),
    path("intake/<uuid:case_id>/gelezen/", inbox.case_reply, name="case_reply"),
    path("intake/<uuid:case_id>/stap/", inbox.case_step, name="case_step"),
    path("intake/geef/", inbox.case_assign, name="case_assign"),
    path("intake/<uuid:case_id>/gesprek/", intake_talk.case_plan, name="case_plan"),
    path("intake/<uuid:case_id>/gesprek.ics", intake_talk.case_talk_file, name="case_talk_file"),
    path("intake/<uuid:case_id>/antwoord/", fits.fit_write, name="fit_write"),
    path("met-zijn-tweeen/", fits.second_looks, name="second_looks"),
    path("met-zijn-tweeen/<uuid:fit_id>/", fits.second_look_at, name="second_look"),
    path("hulp-die-er-nog-niet-is/", unmet.unmet_needs, name="unmet_needs"),
    path("gedeeld/", dossiers.dossier_list, name="dossier_list"),
    path("gedeeld/<uuid:share_id>/", dossiers.dossier, name="dossier"),
    path("gedeeld/<uuid:share_id>/gelezen/", dossiers.dossier_reply, name="dossier_reply"),
    path("gedeeld/<uuid:share_id>/voorstel/<int:place>/", suggesting.dossier_suggest, name="dossier_suggest"),
    path("gedeeld/<uuid:share_id>/gesprek/", talks.talk_plan, name="talk_plan"),
    path("gedeeld/<uuid:share_id>/afspraken/", talks.talk_outcome, name="talk_outcome"),
    path("gedeeld/<uuid:share_id>/notitie/", notes.note_write, name="note_write"),
    path("gedeeld/<uuid:share_id>/briefje/", notes.remark_write, name="remark_write"),
    path("overdracht/", handovers.handover_start, name="handover_start"),
    path("overdracht/samen/", batches.batch_start, name="batch_start"),
    path("overdracht/samen/<uuid:batch_id>/", batches.batch, name="batch"),
    path("overdracht/samen/<uuid:batch_id>/woord/", batches.batch_word, name="batch_word"),
    path("overdracht/samen/<uuid:batch_id>/bestand/", batches.batch_file, name="batch_file"),
    path("overdracht/<uuid:handover_id>/", handovers.handover, name="handover"),
    path("overdracht/<uuid:handover_id>/bestand/", handovers.handover_file, name="handover_file"),
    path("controle/", handovers.check, name="check"),
    path("controle/<str:code>/", handovers.check, name="check"),
]
