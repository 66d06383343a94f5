"""What is a student's own and comes from every room at once: the export."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from intake.once_more import refuse_stale
from intake.services.export import own_export
from passport.owner import own_passport


class ExportOut(serializers.Serializer[Any]):
    """Everything of one student; the parts are as the pages and the other calls show them."""

    made_at = serializers.DateTimeField()
    account = serializers.DictField()
    identity = serializers.DictField(child=serializers.CharField(allow_blank=True))
    places = serializers.ListField(child=serializers.DictField())
    people = serializers.ListField(child=serializers.DictField())
    questionnaire = serializers.CharField()
    route = serializers.CharField(allow_null=True)
    answers = serializers.ListField(child=serializers.DictField())
    suggestions = serializers.ListField(child=serializers.DictField())
    shares = serializers.ListField(child=serializers.DictField())
    consents = serializers.ListField(child=serializers.DictField())
    looks = serializers.ListField(child=serializers.DictField())
    replies = serializers.ListField(child=serializers.DictField())
    law_requests = serializers.ListField(child=serializers.DictField())


@extend_schema(responses=ExportOut)
@api_view(["GET"])
def passport_export(request: Request) -> Response:
    """Everything of the logged-in student, with every kept text, every consent and every look."""
    passport, key = own_passport(request)
    refuse_stale(request)
    return Response(own_export(passport.student, key), headers={"Cache-Control": "no-store, private"})
