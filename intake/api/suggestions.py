"""What somebody of the school team proposes beside an answer they read; see the contract."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_base import StrictSerializer, checked, page_of, paged
from consent import services as consent
from intake.api.who import user_of
from passport.suggestions import Proposal


class SuggestIn(StrictSerializer):
    unit = serializers.CharField(max_length=64)
    value = serializers.JSONField()


class WrittenOut(serializers.Serializer[Any]):
    """Without what the student decided: that is not the writer's to know."""

    id = serializers.UUIDField()
    unit = serializers.CharField()
    value = serializers.JSONField()
    at = serializers.DateTimeField()


class SuggestionsView(APIView):
    @extend_schema(operation_id="dossier_suggestions_list", responses=page_of(WrittenOut))
    def get(self, request: Request, share_id: UUID) -> Response:
        """What the caller proposed at units they read here, newest first."""
        by = user_of(request)
        return paged(request, consent.own_suggestions(consent.writing_at(share_id, by), by), _json)

    @extend_schema(request=SuggestIn, responses={201: WrittenOut})
    def post(self, request: Request, share_id: UUID) -> Response:
        """Proposes a value at one unit of a live `lob` share; the student decides."""
        by = user_of(request)
        consent.writing_at(share_id, by)
        body = checked(SuggestIn, request)
        return Response(_json(consent.suggest(share_id=share_id, by=by, **body)), status=201)


def _json(one: Proposal) -> dict[str, Any]:
    return {"id": str(one.id), "unit": one.unit.key, "value": one.value, "at": one.at}
