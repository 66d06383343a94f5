"""Sharing over the API. It lives here because a yes opens a case and the preview shows the brief."""

from datetime import date
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import vault
from accounts.api_base import StrictSerializer, checked, page_of, paged
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.api import FieldOut, ReplyOut, fields_json, replies_json
from consent.models import Purpose, RecipientKind, Share, ShareState
from consent.recipients import recipient_of, recipients_for
from consent.services import Wish, digest_of, newer_units, units_of
from intake.brief import make_brief
from intake.services import sharing
from intake.services.cases import placed_programmes
from passport.owner import own_passport


class RecipientIn(StrictSerializer):
    """One of recipients/: its kind and id."""

    kind = serializers.ChoiceField(choices=RecipientKind.values)
    id = serializers.UUIDField()


class ShareIn(StrictSerializer):
    recipient = RecipientIn()
    purpose = serializers.ChoiceField(choices=Purpose.values)
    units = serializers.ListField(child=serializers.CharField(max_length=64), max_length=200)
    valid_until = serializers.DateField()
    warm_transfer = serializers.BooleanField(default=False)
    seen = serializers.CharField(max_length=64, required=False)


class ShareChangeIn(StrictSerializer):
    units = serializers.ListField(child=serializers.CharField(max_length=64), max_length=200, required=False)
    valid_until = serializers.DateField(required=False)
    warm_transfer = serializers.BooleanField(required=False)


class UnitsIn(StrictSerializer):
    units = serializers.ListField(child=serializers.CharField(max_length=64), max_length=200)


class NothingIn(StrictSerializer):
    """A call without a body."""


class RecipientOut(serializers.Serializer):
    kind = serializers.ChoiceField(choices=RecipientKind.values)
    id = serializers.UUIDField()
    code = serializers.CharField()
    label = serializers.CharField()
    institution = serializers.CharField()


class ShareOut(serializers.Serializer):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=ShareState.values)
    recipient = RecipientOut()
    purpose = serializers.ChoiceField(choices=Purpose.values)
    units = serializers.ListField(child=serializers.CharField())
    newer = serializers.ListField(child=serializers.CharField())
    valid_until = serializers.DateField()
    warm_transfer = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField()


class PreviewOut(serializers.Serializer):
    student = serializers.DictField(child=serializers.CharField())
    brief = serializers.JSONField()
    fields = FieldOut(many=True)  # type: ignore[assignment]


@extend_schema(parameters=[OpenApiParameter("q", str)], responses=page_of(RecipientOut))
@api_view(["GET"])
def recipients(request: Request) -> Response:
    """With whom the logged-in student can share."""
    passport, _ = own_passport(request)
    query = request.query_params.get("q", "")[:100]
    found = recipients_for(passport.student, q=query, placed=placed_programmes(passport.student_id))
    return paged(request, [one.as_json() for one in found])


class SharesView(APIView):
    @extend_schema(operation_id="shares_list", responses=page_of(ShareOut))
    def get(self, request: Request) -> Response:
        """Every share of the logged-in student, newest first."""
        passport, key = own_passport(request)
        shares = Share.objects.filter(student=passport.student_id).order_by("-created_at")
        shares = shares.select_related("student__passport", "programme__institution", "institution")
        return paged(request, [share_json(share, key) for share in shares])

    @extend_schema(request=ShareIn, responses={201: ShareOut})
    def post(self, request: Request) -> Response:
        """Gives a share. Under 16 and outside school it waits for a guardian."""
        passport, key = own_passport(request)
        body = checked(ShareIn, request)
        recipient = body.pop("recipient")
        seen = body.pop("seen", "")
        wish = Wish(recipient["kind"], recipient["id"], body.pop("purpose"), tuple(body.pop("units")), **body)
        share = sharing.give(student=passport.student, key=key, wish=wish, by=request.user, seen=seen)
        return Response(share_json(share, key), status=201)


class ShareView(APIView):
    @extend_schema(responses=ShareOut)
    def get(self, request: Request, share_id: UUID) -> Response:
        """One share of the logged-in student."""
        share, key = own_share(request, share_id)
        return Response(share_json(share, key))

    @extend_schema(request=ShareChangeIn, responses=ShareOut)
    def patch(self, request: Request, share_id: UUID) -> Response:
        """Takes units away, adds them, moves the end or the warm transfer."""
        share, key = own_share(request, share_id)
        body = checked(ShareChangeIn, request)
        if not body:
            raise Refusal("nothing_to_change", "Hier staat niets om te veranderen.")
        changed = sharing.change(share=share, key=key, by=request.user, **body)
        return Response(share_json(changed, key))


@extend_schema(responses=PreviewOut)
@api_view(["GET"])
def preview(request: Request, share_id: UUID) -> Response:
    """What the recipient gets now, byte for byte. The ETag is the digest a yes can carry as `seen`."""
    share, key = own_share(request, share_id)
    items = share.items.select_related("answer__newest", "revision")
    dossier = access.preview(share=share, items=items, key=key)
    response = Response(preview_json(dossier))
    response["ETag"] = f'"{digest_of(dossier, key).hex()}"'
    return response


@extend_schema(request=UnitsIn, responses=ShareOut)
@api_view(["POST"])
def release(request: Request, share_id: UUID) -> Response:
    """Lets the recipient see the newest text of these units from now on."""
    share, key = own_share(request, share_id)
    units = checked(UnitsIn, request)["units"]
    return Response(share_json(sharing.release(share=share, key=key, units=units, by=request.user), key))


@extend_schema(request=NothingIn, responses=ShareOut)
@api_view(["POST"])
def withdraw(request: Request, share_id: UUID) -> Response:
    """Stops sharing; holds at the next request of anyone."""
    share, key = own_share(request, share_id)
    checked(NothingIn, request)
    return Response(share_json(sharing.withdraw(share=share, by=request.user), key))


@extend_schema(responses=page_of(ReplyOut))
@api_view(["GET"])
def replies(request: Request, share_id: UUID) -> Response:
    """What the recipient wrote back."""
    share, key = own_share(request, share_id)
    return paged(request, replies_json(share, key))


def own_share(request: Request, share_id: UUID) -> tuple[Share, vault.Key]:
    """A share of the logged-in student with the student's key. Raises NotHere."""
    passport, key = own_passport(request)
    shares = Share.objects.select_related("student__passport", "programme__institution", "institution")
    share = shares.filter(student=passport.student_id, pk=share_id).first()
    if share is None:
        raise NotHere()
    return share, key


def preview_json(dossier: access.Dossier) -> dict[str, Any]:
    return {
        "student": dict(dossier.student),
        "brief": make_brief(dossier).as_json(),
        "fields": fields_json(dossier),
    }


def share_json(share: Share, key: vault.Key) -> dict[str, Any]:
    until: date = share.valid_until
    return {
        "id": str(share.pk),
        "status": _status(share),
        "recipient": recipient_of(share).as_json(),
        "purpose": share.purpose,
        "units": units_of(share, key),
        "newer": newer_units(share, key) if share.is_open else [],
        "valid_until": until,
        "warm_transfer": share.warm_transfer,
        "created_at": share.created_at,
        "released_at": share.released_at,
    }


def _status(share: Share) -> str:
    return ShareState.EXPIRED if share.is_past and share.is_open else share.state
