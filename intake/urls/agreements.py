"""The support agreement; see intake/urls/__init__.py. An address holds a case, never a student."""

from django.urls import path

from intake.views import agreements

urlpatterns = [
    path("intake/afspraken/", agreements.agreement_list, name="agreement_list"),
    path("intake/<uuid:case_id>/afspraken/", agreements.case_agreement, name="case_agreement"),
    path("intake/<uuid:case_id>/afspraken/maken/", agreements.case_agreement_draft, name="case_agreement_draft"),
    path("intake/<uuid:case_id>/afspraken/aanbieden/", agreements.case_agreement_offer, name="case_agreement_offer"),
    path("intake/<uuid:case_id>/afspraken/tekenen/", agreements.case_agreement_sign, name="case_agreement_sign"),
    path(
        "intake/<uuid:case_id>/afspraken/klopt-dit-nog/", agreements.case_agreement_review, name="case_agreement_review"
    ),
    path(
        "intake/<uuid:case_id>/afspraken/werkte-goed/", agreements.case_agreement_worked, name="case_agreement_worked"
    ),
    path("onze-afspraken/", agreements.own_agreements, name="own_agreements"),
    path("onze-afspraken/<uuid:case_id>/", agreements.own_agreement, name="own_agreement"),
    path("onze-afspraken/<uuid:case_id>/klopt-dit-nog/", agreements.own_agreement_review, name="own_agreement_review"),
    path("thuis/afspraken/<uuid:case_id>/", agreements.home_agreement, name="home_agreement"),
    path("afspraken/<uuid:agreement_id>/bestand/", agreements.agreement_file, name="agreement_file"),
]
