"""The API, every call on one screen (contract, API)."""

from django.urls import path, re_path

from accounts import api as accounts
from config.openapi import docs, nothing_here, openapi_json
from consent import api as consent
from intake.api import agreements, batches, figures, fits, follow_ups, own, shares, suggestions, work
from passport import api as passport
from school import api as school

urlpatterns = [
    path("openapi.json", openapi_json, name="api_openapi"),
    path("docs/", docs, name="api_docs"),
    path("me/", accounts.me, name="api_me"),
    path("questionnaire/", passport.published_questionnaire, name="api_questionnaire"),
    path("passport/", passport.PassportView.as_view(), name="api_passport"),
    path("passport/export/", own.passport_export, name="api_passport_export"),
    path("passport/answers/<str:key>/", passport.AnswerView.as_view(), name="api_answer"),
    path("passport/answers/<str:key>/history/", passport.answer_history, name="api_answer_history"),
    path("passport/answers/<str:key>/suggestions/", passport.answer_suggestions, name="api_suggestions"),
    path(
        "passport/answers/<str:key>/suggestions/<uuid:suggestion_id>/accept/",
        passport.suggestion_accept,
        name="api_suggestion_accept",
    ),
    path(
        "passport/answers/<str:key>/suggestions/<uuid:suggestion_id>/decline/",
        passport.suggestion_decline,
        name="api_suggestion_decline",
    ),
    path("recipients/", shares.recipients, name="api_recipients"),
    path("shares/", shares.SharesView.as_view(), name="api_shares"),
    path("shares/preview/", shares.plan, name="api_share_plan"),
    path("shares/<uuid:share_id>/", shares.ShareView.as_view(), name="api_share"),
    path("shares/<uuid:share_id>/preview/", shares.preview, name="api_share_preview"),
    path("shares/<uuid:share_id>/release/", shares.release, name="api_share_release"),
    path("shares/<uuid:share_id>/withdraw/", shares.withdraw, name="api_share_withdraw"),
    path("shares/<uuid:share_id>/approve/", shares.approve, name="api_share_approve"),
    path("shares/<uuid:share_id>/decline/", shares.decline, name="api_share_decline"),
    path("shares/<uuid:share_id>/replies/", shares.replies, name="api_share_replies"),
    path("shares/<uuid:share_id>/receipt/", consent.receipt, name="api_share_receipt"),
    path("views/", consent.views, name="api_views"),
    path("dossiers/", consent.dossiers, name="api_dossiers"),
    path("dossiers/<uuid:share_id>/", consent.dossier, name="api_dossier"),
    path("dossiers/<uuid:share_id>/acknowledge/", consent.acknowledge, name="api_acknowledge"),
    path(
        "dossiers/<uuid:share_id>/suggestions/", suggestions.SuggestionsView.as_view(), name="api_dossier_suggestions"
    ),
    path("intake/cases/", work.case_list, name="api_cases"),
    path("intake/cases/<uuid:case_id>/", work.CaseView.as_view(), name="api_case"),
    path("intake/cases/<uuid:case_id>/brief/", work.case_brief, name="api_case_brief"),
    path("intake/cases/<uuid:case_id>/fits/<slug:need>/", fits.fit, name="api_fit"),
    path("intake/cases/<uuid:case_id>/follow-ups/", follow_ups.FollowUpsView.as_view(), name="api_follow_ups"),
    path("intake/cases/<uuid:case_id>/agreement/", agreements.AgreementView.as_view(), name="api_agreement"),
    path("intake/cases/<uuid:case_id>/agreement/sign/", agreements.agreement_sign, name="api_agreement_sign"),
    path("handovers/", work.handover_request, name="api_handovers"),
    path("handovers/batch/", batches.batch_request, name="api_batches"),
    path("handovers/batch/<uuid:batch_id>/", batches.batch_detail, name="api_batch"),
    path("handovers/batch/<uuid:batch_id>/file/", batches.batch_file, name="api_batch_file"),
    path("handovers/<uuid:handover_id>/", work.handover_detail, name="api_handover"),
    path("handovers/<uuid:handover_id>/file/", work.handover_file, name="api_handover_file"),
    path("figures/", figures.figures, name="api_figures"),
    path("offers/", school.OffersView.as_view(), name="api_offers"),
    path("offers/<uuid:offer_id>/", school.OfferView.as_view(), name="api_offer"),
    re_path(r"^(?P<path>.*)$", nothing_here, name="api_nothing_here"),
]
