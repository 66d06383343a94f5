"""Handovers in bulk over the API (contract, `handovers/batch/`)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import StrictSerializer, checked
from intake.api.who import user_of
from intake.services import batches
from intake.views.batches import zip_response

# `class` is a word of Python itself, so this one is made by hand.
BatchIn = type(
    "BatchIn",
    (StrictSerializer,),
    {
        "class": serializers.UUIDField(required=False),
        "programme": serializers.CharField(required=False, max_length=36),
        "__module__": __name__,
    },
)


class BatchOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    total = serializers.IntegerField()


class BatchCountsOut(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    ready = serializers.IntegerField()
    failed = serializers.IntegerField()
    void = serializers.IntegerField()


@extend_schema(request=BatchIn, responses={202: BatchOut})
@api_view(["POST"])
def batch_request(request: Request) -> Response:
    """Queues the handovers of a class (its school team, warm transfers) or of a programme (its intaker)."""
    body = checked(BatchIn, request)
    batch = batches.start_batch(
        by=user_of(request), school_class=body.get("class"), programme=body.get("programme", "")
    )
    return Response({"id": str(batch.pk), "total": batches.size_of(batch)}, status=202)


@extend_schema(responses=BatchCountsOut)
@api_view(["GET"])
def batch_detail(request: Request, batch_id: UUID) -> Response:
    """How far it is, in numbers."""
    counts = batches.counts_of(batches.lines_of(batches.get_batch_or_404(batch_id, user_of(request))))
    return Response({name: getattr(counts, name) for name in ("total", "ready", "failed", "void")})


@extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
@api_view(["GET"])
def batch_file(request: Request, batch_id: UUID) -> Response | HttpResponse:
    """The ZIP, every file asked again and logged; 409 before all is ready, 410 when nothing may be fetched.

    Not locked with a word: it goes straight to the program that asked, not to somebody's downloads.
    """
    return zip_response(batches.make_zip(batch=batches.get_batch_or_404(batch_id, user_of(request))))
