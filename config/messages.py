"""Where a message for the next page waits: in a cookie, else in the session. Both are for this host alone."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookie(CookieStorage):
    """Django's, under the name that keeps a cookie to this host and to https (ASVS 3.3.1)."""

    cookie_name = "__Host-messages" if settings.HTTPS else "messages"


class Messages(FallbackStorage):
    """Django's default, with the cookie above."""

    storage_classes = (HostCookie, SessionStorage)
