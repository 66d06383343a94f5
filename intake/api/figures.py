"""The figures over the API: what was published once, rounded; nothing is computed on request."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.entrance import who_is_in
from intake.services import figures as service


class FigureOut(serializers.Serializer[Any]):
    value = serializers.IntegerField(allow_null=True)
    suppressed = serializers.BooleanField()


class FigureRowOut(serializers.Serializer[Any]):
    row = serializers.CharField()
    figures = serializers.DictField(child=FigureOut())


class FigureTableOut(serializers.Serializer[Any]):
    table = serializers.ChoiceField(choices=list(service.TITLES))
    rows = FigureRowOut(many=True)


class FiguresOut(serializers.Serializer[Any]):
    region = serializers.CharField(allow_null=True)
    institution = serializers.CharField(allow_null=True)
    year = serializers.CharField(allow_null=True)
    published_on = serializers.DateField(allow_null=True)
    tables = FigureTableOut(many=True)


@extend_schema(parameters=[OpenApiParameter("region", str), OpenApiParameter("year", str)], responses=FiguresOut)
@api_view(["GET"])
def figures(request: Request) -> Response:
    """The newest published tables, or those of `year` (as 2025-2026): of a region for its coordinator, of a school or
    college for theirs. Whole fives, rounded down; what is left out is null and suppressed, whatever the reason."""
    said = request.query_params
    found = service.find(who_is_in(request), region=said.get("region", ""), year=said.get("year", ""))
    return Response(service.as_answer(found))
