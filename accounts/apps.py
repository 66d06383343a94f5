"""How the list of one's own sessions is kept: by us, at the log-in, without an address and a browser's full name."""

from allauth.usersessions.apps import UserSessionsConfig


class OwnSessions(UserSessionsConfig):
    """django-allauth's table and services, without its signals: those write down everybody's IP address.

    accounts/sessions.py writes the row at the log-in instead.
    """

    def ready(self) -> None:
        """Connects nothing."""
