"""What a recipient reads over the API, and what the student hears back. Every door is consent/access.py."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import vault
from accounts.api_base import Pages, StrictSerializer, checked, page_of, paged
from accounts.entrance import who_is_in
from accounts.identity import identity_of
from consent import access, proofs, services
from consent.ledger import Action
from consent.looks import looks_of
from consent.models import Reply, Share
from consent.recipients import names_of
from consent.texts import Dossier
from passport.owner import own_passport


class AcknowledgeIn(StrictSerializer):
    reply = serializers.CharField(max_length=2000, trim_whitespace=True)


class FieldOut(serializers.Serializer[Any]):
    unit = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of the field, not of a serializer
    section = serializers.CharField()
    type = serializers.CharField()
    value = serializers.JSONField()


class DossierHeadOut(serializers.Serializer[Any]):
    share = serializers.UUIDField()
    student = serializers.DictField(child=serializers.CharField())
    purpose = serializers.CharField()
    valid_until = serializers.DateField()
    released_at = serializers.DateTimeField()


class DossierOut(DossierHeadOut):
    fields = FieldOut(many=True)  # type: ignore[assignment]  # the name of a field


class ReplyOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField()
    kind = serializers.ChoiceField(choices=["read", "fit"])
    unit = serializers.CharField(allow_null=True)
    answer = serializers.CharField(allow_null=True)
    text = serializers.CharField()


class LookOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField()
    institution = serializers.CharField()
    share = serializers.UUIDField(allow_null=True)
    action = serializers.CharField()
    units = serializers.ListField(child=serializers.CharField())


class SignatureOut(serializers.Serializer[Any]):
    algorithm = serializers.CharField()
    key_id = serializers.CharField()
    public_key = serializers.CharField()
    value = serializers.CharField()


class ReceiptOut(serializers.Serializer[Any]):
    """The fields of ISO/IEC TS 27560, as https://w3id.org/dpv/schema/dpv-27560 groups them, and the signature."""

    header = serializers.DictField()
    event = serializers.DictField()
    notice = serializers.DictField()
    processing = serializers.DictField()
    parties = serializers.ListField(child=serializers.DictField())
    signature = SignatureOut()


@extend_schema(operation_id="dossiers_list", responses=page_of(DossierHeadOut))
@api_view(["GET"])
def dossiers(request: Request) -> Response:
    """Everything that is shared with the logged-in person now; names only, so no look is logged."""
    pages = Pages()
    page = pages.paginate_queryset(access.newest_open_shares(who_is_in(request)), request) or []
    keys = vault.open_keys({share.student_id for share in page})
    heads = [_head_json(share, keys[share.student_id]) for share in page if share.student_id in keys]
    return pages.get_paginated_response(heads)


@extend_schema(responses=DossierOut)
@api_view(["GET"])
def dossier(request: Request, share_id: UUID) -> Response:
    """Opens one dossier; the look is logged for the student."""
    return Response(dossier_json(access.read(share_id=share_id, by=who_is_in(request), action=Action.READ)))


@extend_schema(request=AcknowledgeIn, responses={201: ReplyOut})
@api_view(["POST"])
def acknowledge(request: Request, share_id: UUID) -> Response:
    """Tells the student it was read."""
    access.get_share_or_404(share_id, who_is_in(request))
    text = checked(AcknowledgeIn, request)["reply"]
    reply = services.write_reply(share_id=share_id, text=text, by=who_is_in(request))
    return Response(_reply_json(reply, text.strip(), names_of([reply.by])[reply.by_id]), status=201)


@extend_schema(responses=page_of(LookOut))
@api_view(["GET"])
def views(request: Request) -> Response:
    """Who looked at what, newest first."""
    passport, key = own_passport(request)
    return paged(request, looks_of(passport, key))


@extend_schema(responses=ReceiptOut)
@api_view(["GET"])
def receipt(request: Request, share_id: UUID) -> Response:
    """The newest signed consent record of a share, for the student and for a guardian who approved it."""
    share, key = proofs.get_share_for_proof_or_404(share_id, who_is_in(request))
    return Response(proofs.newest_proof_or_404(share, key).record)


def dossier_json(dossier: Dossier) -> dict[str, Any]:
    return {
        "share": str(dossier.share.pk),
        "student": dict(dossier.student),
        "purpose": dossier.share.purpose,
        "valid_until": dossier.share.valid_until,
        "released_at": dossier.share.released_at,
        "fields": fields_json(dossier),
    }


def fields_json(dossier: Dossier) -> list[dict[str, Any]]:
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
    replies = services.replies_to(share, key)
    names = names_of(reply.by for reply, _ in replies)
    return [_reply_json(reply, text, names[reply.by_id]) for reply, text in replies]


def _head_json(share: Share, key: vault.Key) -> dict[str, Any]:
    return {
        "share": str(share.pk),
        "student": {"display_name": identity_of(share.student, key).display_name},
        "purpose": share.purpose,
        "valid_until": share.valid_until,
        "released_at": share.released_at,
    }


def _reply_json(reply: Reply, text: str, by: str) -> dict[str, Any]:
    return {
        "at": reply.at,
        "by": by,
        "kind": "read",
        "unit": None,
        "answer": None,
        "text": text,
    }
