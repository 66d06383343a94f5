"""At home: what a guardian is asked, and what they approved."""

from django.urls import path

from intake.views import home

urlpatterns = [
    path("thuis/", home.home_approvals, name="home_approvals"),
    path("thuis/<uuid:share_id>/", home.approval, name="approval"),
    path("thuis/<uuid:share_id>/stoppen/", home.approval_stop, name="approval_stop"),
]
