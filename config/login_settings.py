"""Who is logged in, by which door and for how long; a part of config/settings.py.

Everything is django-allauth's; what it has no answer to is in accounts/ and said there. docs/asvs.md lists the doors.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlparse

from config import env

_HTTPS = urlparse(env.text("BASE_URL", "http://localhost:8000")).scheme == "https"

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["accounts.hashers.SchoolArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # also of the link in an invitation of staff
LOGIN_URL = "/inloggen/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # without content, by the worker: accounts/adapter.py
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_FORMS = {"reset_password_from_key": "accounts.doors.forms.NewPasswordForm"}

# A class of sixty sits behind one address: the address limit is wide, the limit per account is not. A card has its own
# count in the database (accounts/badges.py), a mail code too (accounts/mail_codes.py); these are on top.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "reauthenticate": "5/5m/user",
    "request_login_code": "60/m/ip,3/10m/key,20/d/key",
    "reset_password": "20/m/ip,3/10m/key",
    "reset_password_from_key": "60/m/ip",
}
# Without it a client's own X-Forwarded-For says nothing; with it only what our own proxies wrote does.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", default=0)

# --- Second factor and passkeys ----------------------------------------------------------------------------
MFA_ADAPTER = "accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Overstappaspoort"
MFA_RECOVERY_CODE_DIGITS = 12
MFA_RATE_LIMITS = {"webauthn_login": "300/m/ip"}
MFA_FORMS = {
    "add_webauthn": "accounts.doors.forms.PasskeyForm",
    "login_webauthn": "accounts.doors.forms.PasskeyLogInForm",
    "authenticate_webauthn": "accounts.doors.forms.PasskeyStepForm",
    "reauthenticate_webauthn": "accounts.doors.forms.PasskeyOnceMoreForm",
    "activate_totp": "accounts.doors.forms.NewAppForm",
    "authenticate": "accounts.doors.forms.CodeForm",
}

# --- School log-in: Entree Federatie, SURFconext, or another OpenID provider --------------------------------
OIDC_PROVIDERS = env.oidc_providers("OIDC_PROVIDERS")
SOCIALACCOUNT_ADAPTER = "accounts.school_login.SchoolLoginAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5


def school_apps(providers: list[dict[str, str]]) -> dict[str, Any]:
    """What django-allauth wants to know of OIDC_PROVIDERS: no scope but openid, no look at userinfo, PKCE."""
    apps = [
        {
            "provider_id": one["id"],
            "name": one["name"],
            "client_id": one["client_id"],
            "secret": one["client_secret"],
            "settings": {"server_url": one["issuer"], "fetch_userinfo": False, "uid_field": "sub"},
        }
        for one in providers
    ]
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "SCOPE": ["openid"], "APPS": apps}}


SOCIALACCOUNT_PROVIDERS = school_apps(OIDC_PROVIDERS)

# --- Sessions ----------------------------------------------------------------------------------------------
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_NAME = "__Host-session" if _HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _HTTPS else "csrf"
MESSAGE_STORAGE = "config.messages.Messages"
# (idle, in all) per kind of session; see house.md, "Sessions".
SESSION_LIMITS = {
    "shared": (timedelta(minutes=20), timedelta(hours=2)),
    "own": (timedelta(hours=12), timedelta(days=14)),
    "staff": (timedelta(minutes=30), timedelta(hours=8)),
}
