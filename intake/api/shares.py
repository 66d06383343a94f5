"""Sharing over the API. It lives here because a yes opens a case and the preview shows the brief."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import step_up, vault
from accounts.api_base import Pages, StrictSerializer, checked, page_of, paged
from accounts.models import User
from accounts.refusals import Refusal
from consent import services as consent
from consent.api import FieldOut, ReplyOut, fields_json, replies_json
from consent.given import ShareList, find_own_share, get_own_share_or_404, own_preview, own_shares
from consent.links import LONGEST_EMAIL, LONGEST_LABEL, LinkTo
from consent.models import Purpose, RecipientKind, Share, ShareItem, ShareState
from consent.recipients import recipients_for
from consent.services import Wish, digest_of
from consent.texts import Dossier
from intake.api.fits import fit_replies_json
from intake.api.who import user_of
from intake.brief import make_brief
from intake.once_more import refuse_without
from intake.services import sharing
from intake.services.cases import placed_programmes
from passport.owner import own_passport


class RecipientIn(StrictSerializer):
    """One of recipients/, by its kind and id; or somebody without an account (`link`), by address and name."""

    kind = serializers.ChoiceField(choices=RecipientKind.values)
    id = serializers.UUIDField(required=False)
    email = serializers.CharField(max_length=LONGEST_EMAIL, required=False)
    label = serializers.CharField(max_length=LONGEST_LABEL, required=False)  # type: ignore[assignment]  # the name of a field

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wanted = {"kind", "email", "label"} if attrs["kind"] == RecipientKind.LINK else {"kind", "id"}
        if missing := wanted - attrs.keys():
            raise serializers.ValidationError({name: ["Dit veld is vereist."] for name in missing}, code="required")
        if wrong := attrs.keys() - wanted:
            raise serializers.ValidationError({name: ["Dit hoort hier niet."] for name in wrong}, code="unknown_field")
        return attrs


class NamedIn(serializers.ListField):
    """The care coordinators of the school who read along, by the id of their log-in; for the school team alone."""

    def __init__(self) -> None:
        super().__init__(child=serializers.UUIDField(), max_length=20, required=False)


class PlanIn(StrictSerializer):
    """What a student wants to share."""

    recipient = RecipientIn()
    purpose = serializers.ChoiceField(choices=Purpose.values)
    units = serializers.ListField(child=serializers.CharField(max_length=64), max_length=200)
    valid_until = serializers.DateField()
    starts_on = serializers.DateField(required=False, help_text="internship and work: the first day of the placement")
    warm_transfer = serializers.BooleanField(default=False)


class ShareIn(PlanIn):
    """The yes to it; `seen` is the ETag of shares/preview/, `named` who else at school reads along."""

    named = NamedIn()
    seen = serializers.CharField(max_length=64, required=False)


class ShareChangeIn(StrictSerializer):
    named = NamedIn()
    units = serializers.ListField(child=serializers.CharField(max_length=64), max_length=200, required=False)
    valid_until = serializers.DateField(required=False)
    warm_transfer = serializers.BooleanField(required=False)
    seen = serializers.CharField(max_length=64, required=False)


class UnitsIn(StrictSerializer):
    units = serializers.ListField(child=serializers.CharField(max_length=64), max_length=200)
    seen = serializers.CharField(max_length=64, required=False)


class ApproveIn(StrictSerializer):
    """A guardian's yes; `seen` is the ETag of the preview."""

    seen = serializers.CharField(max_length=64, required=False)


class DeclineIn(StrictSerializer):
    """A guardian's no, with a few words that only the student reads."""

    seen = serializers.CharField(max_length=64, required=False)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class NothingIn(StrictSerializer):
    """A call without a body."""


class RecipientOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=RecipientKind.values)
    id = serializers.UUIDField()
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of a field
    institution = serializers.CharField()


class ShareOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=ShareState.values)
    recipient = RecipientOut()
    purpose = serializers.ChoiceField(choices=Purpose.values)
    units = serializers.ListField(child=serializers.CharField())
    waiting = serializers.ListField(child=serializers.CharField())
    newer = serializers.ListField(child=serializers.CharField())
    valid_until = serializers.DateField()
    warm_transfer = serializers.BooleanField()
    named = serializers.ListField(child=serializers.UUIDField())
    created_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField()


class ShareGivenOut(ShareOut):
    """`code`: by link alone, and this once; null while a guardian is asked. The student passes it on in person."""

    code = serializers.CharField(allow_null=True, required=False)


class PreviewOut(serializers.Serializer[Any]):
    student = serializers.DictField(child=serializers.CharField())
    brief = serializers.JSONField()
    fields = FieldOut(many=True)  # type: ignore[assignment]  # the name of a field


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
        pages = Pages()
        page = pages.paginate_queryset(own_shares(passport), request)
        return pages.get_paginated_response(shares_json(page or [], key))

    @extend_schema(request=ShareIn, responses={201: ShareGivenOut})
    def post(self, request: Request) -> Response:
        """Gives a share. Under 16 and outside school it waits for a guardian. By link it also answers the code."""
        passport, key = own_passport(request)
        body = checked(ShareIn, request)
        seen, named = body.pop("seen", ""), body.pop("named", ())
        refuse_without(request, passport, body["units"])
        share = sharing.give(
            student=passport.student, key=key, wish=_wish(body), by=user_of(request), seen=seen, named=named
        )
        return Response(share_json(share, key) | _code(share, key, user_of(request)), status=201)


class ShareView(APIView):
    @extend_schema(responses=ShareOut)
    def get(self, request: Request, share_id: UUID) -> Response:
        """One share of the logged-in student."""
        share, key = get_own_share_or_404(share_id, user_of(request))
        return Response(share_json(share, key))

    @extend_schema(request=ShareChangeIn, responses=ShareOut)
    def patch(self, request: Request, share_id: UUID) -> Response:
        """Takes units away, adds them, moves the end or the warm transfer, or says who else at school reads along."""
        share, key = get_own_share_or_404(share_id, user_of(request))
        body = checked(ShareChangeIn, request)
        if not body.keys() - {"seen"}:
            raise Refusal("nothing_to_change", "Hier staat niets om te veranderen.")
        if step_up.is_needed(request):
            new = set(body.get("units") or ()) - set(share_json(share, key)["units"])
            refuse_without(request, share.student.passport, new)
        changed = sharing.change(share=share, key=key, by=user_of(request), **body)
        return Response(share_json(changed, key))


@extend_schema(request=PlanIn, responses=PreviewOut)
@api_view(["POST"])
def plan(request: Request) -> Response:
    """What the recipient would get; nothing is saved. The ETag is the digest that POST shares/ carries as `seen`."""
    passport, key = own_passport(request)
    wish = _wish(checked(PlanIn, request))
    dossier = sharing.plan(student=passport.student, key=key, wish=wish).dossier(key)
    return _preview_answer(dossier, digest_of(dossier, key).hex())


@extend_schema(responses=PreviewOut)
@api_view(["GET"])
def preview(request: Request, share_id: UUID) -> Response:
    """What the recipient gets now, byte for byte; for a guardian who is asked, what they would get after a yes.

    The ETag is the digest a yes can carry as `seen`.
    """
    own = find_own_share(share_id, user_of(request))
    if own is None:
        dossier, seen = consent.preview_for_yes(share_id=share_id, by=user_of(request))
    else:
        share, key = own
        dossier = own_preview(share, key)
        seen = digest_of(dossier, key).hex()
    return _preview_answer(dossier, seen)


@extend_schema(request=UnitsIn, responses=ShareOut)
@api_view(["POST"])
def release(request: Request, share_id: UUID) -> Response:
    """Lets the recipient see the newest text of these units from now on."""
    share, key = get_own_share_or_404(share_id, user_of(request))
    body = checked(UnitsIn, request)
    if step_up.is_needed(request):
        refuse_without(request, share.student.passport, body["units"])
    released = sharing.release(share=share, key=key, by=user_of(request), **body)
    return Response(share_json(released, key))


@extend_schema(request=NothingIn, responses=ShareOut)
@api_view(["POST"])
def withdraw(request: Request, share_id: UUID) -> Response:
    """Stops sharing; holds at the next request of anyone. Under 16 also for a guardian with authority."""
    own = find_own_share(share_id, user_of(request))
    share, key = own or consent.get_share_with_say(share_id, user_of(request))
    checked(NothingIn, request)
    return Response(share_json(sharing.withdraw(share=share, by=user_of(request)), key, to_student=own is not None))


@extend_schema(request=ApproveIn, responses=ShareOut)
@api_view(["POST"])
def approve(request: Request, share_id: UUID) -> Response:
    """A guardian's yes, under 16: the share opens, or what waits on top of it is released."""
    _, key = consent.get_share_with_say(share_id, user_of(request))
    share = sharing.approve(share_id=share_id, by=user_of(request), **checked(ApproveIn, request))
    return Response(share_json(share, key, to_student=False))


@extend_schema(request=DeclineIn, responses=ShareOut)
@api_view(["POST"])
def decline(request: Request, share_id: UUID) -> Response:
    """A guardian's no, under 16: it blocks, whoever said yes."""
    _, key = consent.get_share_with_say(share_id, user_of(request))
    share = sharing.decline(share_id=share_id, by=user_of(request), **checked(DeclineIn, request))
    return Response(share_json(share, key, to_student=False))


@extend_schema(responses=page_of(ReplyOut))
@api_view(["GET"])
def replies(request: Request, share_id: UUID) -> Response:
    """What the recipient wrote back and what a programme answered to each need, newest first."""
    share, key = get_own_share_or_404(share_id, user_of(request))
    rows = [*replies_json(share, key), *fit_replies_json(share, key)]
    return paged(request, sorted(rows, key=lambda row: row["at"], reverse=True))


def preview_json(dossier: Dossier) -> dict[str, Any]:
    return {
        "student": dict(dossier.student),
        "brief": make_brief(dossier).as_json(),
        "fields": fields_json(dossier),
    }


def share_json(share: Share, key: vault.Key, *, to_student: bool = True) -> dict[str, Any]:
    """A share as its student reads it. A guardian is not told which answers have a newer text."""
    return shares_json([share], key, to_student=to_student)[0]


def shares_json(shares: Sequence[Share], key: vault.Key, *, to_student: bool = True) -> list[dict[str, Any]]:
    """Shares of one student; the queries do not grow with the shares."""
    opened = ShareList(shares, key) if shares else None
    return [_share_json(share, opened, to_student) for share in shares] if opened else []


def _share_json(share: Share, opened: ShareList, to_student: bool) -> dict[str, Any]:
    may_wait = opened.needs_yes(share.recipient_kind)
    is_new = share.state == ShareState.AWAITING_GUARDIAN
    # Also before the night's work: over at the end of its day, and no waiting from the birthday on.
    is_over = share.is_open and (share.is_past or (is_new and not may_wait))
    is_open = share.is_open and not is_over
    waiting = opened.units(share, ShareItem.State.GIVEN if is_new else ShareItem.State.WAITING)
    return {
        "id": str(share.pk),
        "status": ShareState.EXPIRED if is_over else share.state,
        "recipient": opened.recipients[share.pk].as_json(),
        "purpose": share.purpose,
        "units": [unit.key for unit in opened.units(share)],
        "waiting": [unit.key for unit in waiting] if is_open and may_wait else [],
        "newer": opened.newer(share) if is_open and to_student else [],
        "valid_until": share.valid_until,
        "warm_transfer": share.warm_transfer,
        "named": [str(one) for one in consent.named_ids(share)],
        "created_at": share.created_at,
        "released_at": share.released_at,
    }


def _preview_answer(dossier: Dossier, seen: str) -> Response:
    return Response(preview_json(dossier), headers={"ETag": f'"{seen}"'})


def _wish(body: dict[str, Any]) -> Wish:
    recipient, starts_on = body.pop("recipient"), body.pop("starts_on", None)
    if recipient["kind"] == RecipientKind.LINK:
        body["link"] = LinkTo(recipient["email"], recipient["label"], starts_on)
    elif starts_on is not None:
        raise Refusal("no_placement", "Een eerste dag hoort alleen bij stage of werk.", field="starts_on")
    purpose, units = body.pop("purpose"), tuple(body.pop("units"))
    return Wish(recipient["kind"], recipient.get("id"), purpose, units, **body)


def _code(share: Share, key: vault.Key, by: User) -> dict[str, str | None]:
    """The code of a new link, told once."""
    if share.recipient_kind != RecipientKind.LINK:
        return {}
    return {"code": consent.make_code(share=share, key=key, by=by) if share.state == ShareState.ACTIVE else None}
