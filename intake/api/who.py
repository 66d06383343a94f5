"""Who calls: what the services ask for, in the words of the types."""

from rest_framework.request import Request

from accounts.models import User
from accounts.refusals import NotHere


def user_of(request: Request) -> User:
    """Who is logged in: without one the call was refused before (IsAuthenticated)."""
    if not isinstance(request.user, User):
        raise NotHere()
    return request.user
