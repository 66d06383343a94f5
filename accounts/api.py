"""Who am I."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import vault
from accounts.entrance import who_is_in
from accounts.identity import guardian_name, identity_of
from accounts.models import User
from accounts.services import roles_of


class MeOut(serializers.Serializer[Any]):
    username = serializers.CharField()
    display_name = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())


@extend_schema(responses=MeOut)
@api_view(["GET"])
def me(request: Request) -> Response:
    """The logged-in person with the roles they have today."""
    user = who_is_in(request)
    return Response({"username": user.username, "display_name": display_name_of(user), "roles": roles_of(user)})


def display_name_of(user: User) -> str:
    """How the site calls this user on their own screens."""
    if user.is_student:
        return identity_of(user.student, vault.open_key(user.student.pk)).display_name
    if hasattr(user, "guardian"):
        return guardian_name(user.guardian)
    return user.staff_name
