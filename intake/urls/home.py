"""At home: who is invited, what a guardian is asked, and what they approved."""

from django.urls import path

from intake.views import home, invitations, people

urlpatterns = [
    path("thuis/", home.home_approvals, name="home_approvals"),
    path("thuis/<uuid:share_id>/", home.approval, name="approval"),
    path("thuis/<uuid:share_id>/stoppen/", home.approval_stop, name="approval_stop"),
    path("delen/thuis/", invitations.invite_home, name="invite_home"),
    path("delen/mensen/", people.people, name="people"),
    path("delen/mensen/<uuid:near_id>/", people.person_end, name="person_end"),
    path("ouder-uitnodigen/", invitations.invite_parent, name="invite_parent"),
    path("uitnodiging/code/", invitations.invitation_code, name="invitation_code"),
    path("uitnodiging/antwoord/", invitations.invitation_answer, name="invitation_answer"),
    path("uitnodiging/<str:token>/", invitations.invitation, name="invitation"),
]
