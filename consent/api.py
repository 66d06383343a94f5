"""What a recipient reads over the API, and what the student hears back. Every door is consent/access.py."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import vault
from accounts.api_base import StrictSerializer, checked, page_of, paged
from accounts.identity import identity_of
from consent import access, services
from consent.ledger import Action
from consent.looks import looks_of
from consent.models import Share
from passport.owner import own_passport


class AcknowledgeIn(StrictSerializer):
    reply = serializers.CharField(max_length=2000, trim_whitespace=True)


class FieldOut(serializers.Serializer):
    unit = serializers.CharField()
    label = serializers.CharField()
    section = serializers.CharField()
    type = serializers.CharField()
    value = serializers.JSONField()


class DossierHeadOut(serializers.Serializer):
    share = serializers.UUIDField()
    student = serializers.DictField(child=serializers.CharField())
    purpose = serializers.CharField()
    valid_until = serializers.DateField()
    released_at = serializers.DateTimeField()


class DossierOut(DossierHeadOut):
    fields = FieldOut(many=True)  # type: ignore[assignment]


class ReplyOut(serializers.Serializer):
    at = serializers.DateTimeField()
    by = serializers.CharField()
    kind = serializers.ChoiceField(choices=["read", "fit"])
    unit = serializers.CharField(allow_null=True)
    answer = serializers.CharField(allow_null=True)
    text = serializers.CharField()


class LookOut(serializers.Serializer):
    at = serializers.DateTimeField()
    by = serializers.CharField()
    institution = serializers.CharField()
    share = serializers.UUIDField()
    action = serializers.CharField()
    units = serializers.ListField(child=serializers.CharField())


@extend_schema(operation_id="dossiers_list", responses=page_of(DossierHeadOut))
@api_view(["GET"])
def dossiers(request: Request) -> Response:
    """Everything that is shared with the logged-in person now; names only, so no look is logged."""
    shares = list(access.open_shares(request.user).order_by("-released_at", "pk"))
    keys = vault.open_keys({share.student_id for share in shares})
    return paged(request, [_head_json(share, keys[share.student_id]) for share in shares if share.student_id in keys])


@extend_schema(responses=DossierOut)
@api_view(["GET"])
def dossier(request: Request, share_id: UUID) -> Response:
    """Opens one dossier; the look is logged for the student."""
    return Response(dossier_json(access.read(share_id=share_id, by=request.user, action=Action.READ)))


@extend_schema(request=AcknowledgeIn, responses=ReplyOut)
@api_view(["POST"])
def acknowledge(request: Request, share_id: UUID) -> Response:
    """Tells the student it was read."""
    access.get_share_or_404(share_id, request.user)
    text = checked(AcknowledgeIn, request)["reply"]
    reply = services.write_reply(share_id=share_id, text=text, by=request.user)
    return Response(_reply_json(reply, text.strip()), status=201)


@extend_schema(responses=page_of(LookOut))
@api_view(["GET"])
def views(request: Request) -> Response:
    """Who looked at what, newest first."""
    passport, key = own_passport(request)
    return paged(request, looks_of(passport, key))


def dossier_json(dossier: access.Dossier) -> dict[str, Any]:
    return {
        "share": str(dossier.share.pk),
        "student": dict(dossier.student),
        "purpose": dossier.share.purpose,
        "valid_until": dossier.share.valid_until,
        "released_at": dossier.share.released_at,
        "fields": fields_json(dossier),
    }


def fields_json(dossier: access.Dossier) -> list[dict[str, Any]]:
    return [
        {
            "unit": said.unit.key,
            "label": said.unit.label,
            "section": said.unit.question.section,
            "type": str(said.type),
            "value": said.value,
        }
        for said in dossier.said
    ]


def replies_json(share: Share, key: vault.Key) -> list[dict[str, Any]]:
    return [_reply_json(reply, text) for reply, text in services.replies_to(share, key)]


def _head_json(share: Share, key: vault.Key) -> dict[str, Any]:
    return {
        "share": str(share.pk),
        "student": {"display_name": identity_of(share.student, key).display_name},
        "purpose": share.purpose,
        "valid_until": share.valid_until,
        "released_at": share.released_at,
    }


def _reply_json(reply: Any, text: str) -> dict[str, Any]:
    return {
        "at": reply.at,
        "by": reply.by.staff_name,
        "kind": "read",
        "unit": None,
        "answer": None,
        "text": text,
    }
