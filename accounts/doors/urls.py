"""Every door, and every page about them. Of django-allauth's own addresses only those here exist (docs/asvs.md)."""

from django.urls import path, re_path

from accounts.doors.views import badge, passkeys, school, staff, tokens, ways

urlpatterns = [
    path("kaart/", badge.badge_type, name="badge_type"),
    path("kaart/<str:token>/", badge.badge, name="badge"),
    path("inloggen/pincode/", badge.badge_pin, name="badge_pin"),
    path("inloggen/pincode/kiezen/", badge.badge_choose, name="badge_choose"),
    path("inloggen/passkey/", passkeys.PasskeyLogIn.as_view(), name="mfa_login_webauthn"),
    path("inloggen/tweede-stap/", staff.SecondStep.as_view(), name="mfa_authenticate"),
    path("inloggen/school/<slug:provider_id>/", school.leave, name="openid_connect_login"),
    path("inloggen/school/<slug:provider_id>/terug/", school.come_back, name="openid_connect_callback"),
    path("wachtwoord/vergeten/", staff.forgot_password, name="account_reset_password"),
    re_path(
        r"^wachtwoord/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        staff.NewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
    path("tweede-stap/", staff.second_step, name="second_factor"),
    path("nog-even/", ways.once_more, name="account_reauthenticate"),
    path("nog-even/passkey/", passkeys.PasskeyOnceMore.as_view(), name="mfa_reauthenticate_webauthn"),
    path("instellingen/sleutels/", tokens.own_tokens, name="own_tokens"),
    path("instellingen/sleutels/nieuw/", tokens.own_token_new, name="own_token_new"),
    path("instellingen/sleutels/<uuid:token_id>/weg/", tokens.own_token_revoke, name="own_token_revoke"),
    path("instellingen/inloggen/", ways.own_login, name="own_login"),
    path("instellingen/inloggen/pincode/", ways.own_pin, name="own_login_pin"),
    path("instellingen/inloggen/mail/", ways.own_mail_add, name="own_login_mail"),
    path("instellingen/inloggen/mail/code/", ways.own_mail_code, name="own_login_mail_code"),
    path("instellingen/inloggen/mail/weg/", ways.own_mail_remove, name="own_login_mail_remove"),
    path("instellingen/inloggen/uit/", ways.end_session, name="own_login_end"),
    path("instellingen/inloggen/school/<slug:provider_id>/weg/", school.untie, name="own_login_untie"),
    path("instellingen/inloggen/passkey/", passkeys.NewPasskey.as_view(), name="mfa_add_webauthn"),
    path("instellingen/inloggen/passkey/<int:pk>/weg/", passkeys.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("instellingen/inloggen/app/", staff.NewApp.as_view(), name="mfa_activate_totp"),
    path("instellingen/inloggen/app/weg/", staff.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("instellingen/inloggen/noodcodes/", staff.EmergencyCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "instellingen/inloggen/noodcodes/nieuw/", staff.NewEmergencyCodes.as_view(), name="mfa_generate_recovery_codes"
    ),
]
