"""Coming in, going out, and the pages anyone may read."""

from django.urls import include, path

from accounts import offline, security_txt, views

urlpatterns = [
    path("", views.home, name="home"),
    path("inloggen/", views.LogIn.as_view(), name="account_login"),
    path("", include("accounts.doors.urls")),
    path("inloggen/mail/", views.student_mail_code, name="student_mail_code"),
    path("inloggen/code/", views.mail_code, name="account_request_login_code"),
    path("inloggen/code/invullen/", views.type_mail_code, name="account_confirm_login_code"),
    path("uitloggen/", views.log_out, name="logout"),
    path("klaar/", views.goodbye, name="goodbye"),
    path("demo/", views.demo, name="demo"),
    path("eigen-telefoon/", views.own_device, name="own_device"),
    path("instellingen/", views.own_settings, name="settings"),
    path("instellingen/mail/", views.settings_mail, name="settings_mail"),
    path("lezen/", views.reading, name="reading"),
    path("geen-internet/", offline.no_network, name="no_network"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("welkom/", views.welcome, name="welcome"),
    path("hulp/", views.help_page, name="help"),
    path("privacy/", views.privacy, name="privacy"),
    path("toegankelijkheid/", views.accessibility, name="accessibility"),
    path(".well-known/security.txt", security_txt.security_txt, name="security_txt"),
]
