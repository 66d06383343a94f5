"""What an intaker does over the API: cases, the brief and handovers."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_base import StrictSerializer, checked, page_of, paged
from accounts.refusals import Refusal
from intake.api.fits import BriefFitOut
from intake.api.who import user_of
from intake.brief import make_brief
from intake.models import Case, Handover, Layer
from intake.services import cases, handovers
from intake.views.handovers import pdf_response

STATUSES = [*Case.Status.values, cases.ENDED]


class CaseChangeIn(StrictSerializer):
    status = serializers.ChoiceField(choices=Case.Status.values, required=False)
    intake_at = serializers.DateTimeField(required=False, allow_null=True)
    assigned_to = serializers.UUIDField(required=False, allow_null=True)


class CaseOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    share = serializers.UUIDField(allow_null=True)
    student = serializers.CharField(allow_null=True)
    programme = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUSES)
    received_at = serializers.DateTimeField()
    intake_at = serializers.DateTimeField(allow_null=True)
    assigned_to = serializers.UUIDField(allow_null=True)


class BriefFieldOut(serializers.Serializer[Any]):
    unit = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of a field
    text = serializers.CharField()


class BriefOfferOut(serializers.Serializer[Any]):
    layer = serializers.ChoiceField(choices=Layer.values)
    text = serializers.CharField()


class BriefNeedOut(serializers.Serializer[Any]):
    unit = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of a field
    how_often = serializers.CharField(allow_blank=True)
    what_works = serializers.CharField(allow_blank=True)
    offers = BriefOfferOut(many=True)
    fit = BriefFitOut(allow_null=True)


class BriefOut(serializers.Serializer[Any]):
    student = serializers.DictField(child=serializers.CharField())
    fields = BriefFieldOut(many=True)  # type: ignore[assignment]  # the name of a field
    needs = BriefNeedOut(many=True)
    more = serializers.ListField(child=serializers.CharField())
    mentors = serializers.ListField(child=serializers.DictField(child=serializers.CharField()), required=False)


class HandoverIn(StrictSerializer):
    share = serializers.UUIDField()


class HandoverOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Handover.Status.values)


def _filters(*names: str) -> list[OpenApiParameter]:
    return [OpenApiParameter(name, str) for name in names]


@extend_schema(
    operation_id="intake_cases_list",
    parameters=_filters("status", "programme", "q", "ordering"),
    responses=page_of(CaseOut),
)
@api_view(["GET"])
def case_list(request: Request) -> Response:
    """The inbox of an intaker; search and order work in memory, within their programmes. A coordinator gets no name."""
    wanted = {name: request.query_params.get(name, "")[:100] for name in ("status", "programme", "q", "ordering")}
    if wanted["status"] and wanted["status"] not in STATUSES:
        raise Refusal("unknown_status", "Deze stap kennen we niet.", field="status")
    return paged(request, cases.list_cases(user_of(request), **wanted), case_json)


class CaseView(APIView):
    @extend_schema(responses=CaseOut)
    def get(self, request: Request, case_id: UUID) -> Response:
        """One case of the intaker's programmes; for a coordinator of the college without the student."""
        return Response(case_json(cases.get_case_to_give_or_404(user_of(request), case_id)))

    @extend_schema(request=CaseChangeIn, responses=CaseOut)
    def patch(self, request: Request, case_id: UUID) -> Response:
        """Moves a case one step, plans the talk or assigns it; a coordinator of the college assigns only."""
        row = cases.get_case_to_give_or_404(user_of(request), case_id)
        body = checked(CaseChangeIn, request)
        if row.status == cases.ENDED:
            raise Refusal("ended", cases.ENDED_LABEL, status=409)
        if not row.is_open and set(body) - {"assigned_to"}:
            raise Refusal("assign_only", "U kunt deze intake alleen aan iemand geven.", status=403)
        if body.get("assigned_to"):
            body["assigned_to"] = cases.get_assignee(body["assigned_to"])
        cases.change_case(case=row.case, by=user_of(request), fields=body, **body)
        return Response(case_json(cases.get_case_to_give_or_404(user_of(request), case_id)))


@extend_schema(responses=BriefOut)
@api_view(["GET"])
def case_brief(request: Request, case_id: UUID) -> Response:
    """The two-minute brief; a look is logged and a new case becomes read."""
    _, dossier = cases.read_case(case_id=case_id, by=user_of(request))
    return Response(make_brief(dossier).as_json())


@extend_schema(request=HandoverIn, responses={202: HandoverOut, 200: HandoverOut})
@api_view(["POST"])
def handover_request(request: Request) -> Response:
    """Queues the PDF of what the share shows now."""
    share_id = checked(HandoverIn, request)["share"]
    handover, is_new = handovers.request_handover(share_id=share_id, by=user_of(request))
    return Response(handover_json(handover), status=202 if is_new else 200)


@extend_schema(responses=HandoverOut)
@api_view(["GET"])
def handover_detail(request: Request, handover_id: UUID) -> Response:
    """How far the PDF is."""
    return Response(handover_json(handovers.get_handover_or_404(handover_id, user_of(request))))


@extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
@api_view(["GET"])
def handover_file(request: Request, handover_id: UUID) -> Response | HttpResponse:
    """The PDF; 409 before it is ready, 410 when it is void. A download is a look."""
    return pdf_response(handovers.open_file(handover_id=handover_id, by=user_of(request)))


def case_json(row: cases.CaseRow) -> dict[str, Any]:
    case = row.case
    return {
        "id": str(case.pk),
        "share": str(case.share_id) if row.is_open else None,
        "student": row.display_name,
        "programme": case.programme.code,
        "status": row.status,
        "received_at": case.received_at,
        "intake_at": None if row.status == cases.ENDED else case.intake_at,
        "assigned_to": str(case.assigned_to_id) if case.assigned_to_id else None,
    }


def handover_json(handover: Handover) -> dict[str, str]:
    return {"id": str(handover.pk), "status": handover.status}
