"""How it goes after the start; see the contract."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_base import StrictSerializer, checked, page_of, paged
from intake.api.who import user_of
from intake.models import Moment, Side
from intake.services import follow_ups
from intake.services.follow_ups import LONGEST, Answers, Destination, Status


class FollowUpIn(StrictSerializer):
    moment = serializers.ChoiceField(choices=Moment.values)
    status = serializers.ChoiceField(choices=Status.values)
    destination = serializers.ChoiceField(choices=Destination.values, required=False)
    to_programme = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)
    note = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)


class FollowUpOut(serializers.Serializer[Any]):
    moment = serializers.ChoiceField(choices=Moment.values)
    by = serializers.ChoiceField(choices=Side.values)
    at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=Status.values)
    destination = serializers.ChoiceField(choices=Destination.values)
    to_programme = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)


class FollowUpsView(APIView):
    @extend_schema(operation_id="case_follow_ups_list", responses=page_of(FollowUpOut))
    def get(self, request: Request, case_id: UUID) -> Response:
        """What the caller may know of how it goes, oldest first; a look is logged."""
        return paged(request, follow_ups.read(case_id=case_id, by=user_of(request)), follow_ups.Told.as_json)

    @extend_schema(request=FollowUpIn, responses={201: FollowUpOut})
    def post(self, request: Request, case_id: UUID) -> Response:
        """Answers one moment for the caller's side; said again it changes the fields it names and no other."""
        by = user_of(request)
        follow_ups.refuse_outsiders(case_id, by)
        body = checked(FollowUpIn, request)
        moment = body.pop("moment")
        row = follow_ups.answer(case_id=case_id, by=by, moment=moment, answers=Answers.of(body), only=list(body))
        told = follow_ups.as_answered(row)
        return Response(told.as_json(), status=201)
