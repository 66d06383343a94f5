"""The support agreement over the API: the college drafts and offers it, student, home and college sign it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_base import StrictSerializer, checked
from accounts.models import User
from accounts.refusals import NotHere
from intake.api.who import user_of
from intake.models import Agreement, SignatureRole
from intake.once_more import refuse_stale
from intake.services import agreement_drafting, agreement_signing, agreements
from intake.services.agreement_texts import LONGEST, MOST_ROWS, Row


class AgreementRowIn(StrictSerializer):
    """One agreement. `need`: the code of the need it came from, if any; `internship`: the one row about it."""

    what = serializers.CharField(max_length=LONGEST["what"])
    who = serializers.CharField(max_length=LONGEST["who"])
    starts_on = serializers.DateField()
    works = serializers.CharField(max_length=LONGEST["works"], help_text="how we know that it works")
    need = serializers.SlugField(max_length=32, required=False, allow_blank=True)
    internship = serializers.BooleanField(default=False)


class AgreementIn(StrictSerializer):
    """The whole text. It is offered to the student at once, unless `status` is `draft`."""

    rows = AgreementRowIn(many=True, max_length=MOST_ROWS + 1)  # type: ignore[call-arg]  # with many=True it may
    review_date = serializers.DateField(help_text="after today, at most a year away")
    signer = serializers.ChoiceField(choices=Agreement.Signer.values, default=Agreement.Signer.INTAKER)
    status = serializers.ChoiceField(choices=["draft", "offered"], default="offered")


class AgreementSignIn(StrictSerializer):
    """`seen`: the digest of the text that was read; needed for a yes."""

    answer = serializers.ChoiceField(choices=["yes", "no"], default="yes")
    seen = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)


class AgreementSignatureOut(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=SignatureRole.values)
    name = serializers.CharField()
    at = serializers.DateTimeField()


class AgreementRowOut(serializers.Serializer[Any]):
    what = serializers.CharField()
    who = serializers.CharField()
    starts_on = serializers.DateField()
    works = serializers.CharField()
    need = serializers.CharField(allow_blank=True)
    internship = serializers.BooleanField()


class AgreementVersionOut(serializers.Serializer[Any]):
    """One version; of a refused one there is no text any more."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Agreement.Status.values)
    student = serializers.CharField(allow_null=True)
    programme = serializers.CharField(allow_null=True)
    institution = serializers.CharField(allow_null=True)
    rows = AgreementRowOut(many=True)
    review_date = serializers.DateField()
    signer = serializers.ChoiceField(choices=Agreement.Signer.values)
    offered_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    signatures = AgreementSignatureOut(many=True)
    digest = serializers.CharField(allow_blank=True)
    waits_for = serializers.ListField(child=serializers.ChoiceField(choices=SignatureRole.values))


class AgreementOut(AgreementVersionOut):
    case = serializers.UUIDField()
    earlier = AgreementVersionOut(many=True)


class AgreementView(APIView):
    @extend_schema(responses=AgreementOut)
    def get(self, request: Request, case_id: UUID) -> Response:
        """The newest version this person may see, and the earlier ones. A look, but for the student."""
        return _answer(user_of(request), case_id)

    @extend_schema(request=AgreementIn, responses=AgreementOut)
    def put(self, request: Request, case_id: UUID) -> Response:
        """Drafts the version that is not signed yet, and offers it. Another text takes every signature away."""
        by = user_of(request)
        agreements.college_or_404(by, case_id)
        body = checked(AgreementIn, request)
        agreement_drafting.put_draft(
            case_id=case_id,
            by=by,
            rows=[_row(one) for one in body["rows"]],
            review_date=body["review_date"],
            signer=body["signer"],
            offer=body["status"] == "offered",
        )
        return _answer(by, case_id)


@extend_schema(request=AgreementSignIn, responses={200: AgreementOut, 204: None})
@api_view(["POST"])
def agreement_sign(request: Request, case_id: UUID) -> Response:
    """A yes to the text that was seen (409 `changed`), or a no of the student or of home, which stops nothing else."""
    by = user_of(request)
    standing = agreements.standing_or_404(by, case_id)
    if not agreements.visible(standing):
        raise NotHere()
    body = checked(AgreementSignIn, request)
    if body["answer"] == "no":
        agreement_signing.refuse(case_id=case_id, by=by)
    else:
        if not standing.is_college:
            refuse_stale(request)
        agreement_signing.sign(case_id=case_id, by=by, seen=body["seen"])
    if standing.is_coordinator:  # their part is done, and the case is not theirs to read
        return Response(status=204)
    return _answer(by, case_id)


def _row(said: dict[str, Any]) -> Row:
    return Row(
        what=said["what"],
        who=said["who"],
        starts_on=said["starts_on"],
        works=said["works"],
        need=said.get("need", ""),
        is_internship=said["internship"],
    )


def _answer(by: User, case_id: UUID) -> Response:
    standing = agreements.standing_or_404(by, case_id)
    newest, *earlier = agreements.read(standing, by)
    found = _version(standing, newest) | {"case": str(case_id)}
    return Response(found | {"earlier": [_version(standing, one) for one in earlier]})


def _version(standing: agreements.Standing, one: agreements.Opened) -> dict[str, Any]:
    row, content = one.agreement, one.content
    waits = agreement_signing.waits_for(standing, row) if row.status == Agreement.Status.OFFERED else []
    return {
        "id": str(row.pk),
        "version": row.version,
        "status": row.status,
        "student": content.name if content else None,
        "programme": content.programme if content else None,
        "institution": content.institution if content else None,
        "rows": [
            {
                "what": line.what,
                "who": line.who,
                "starts_on": line.starts_on,
                "works": line.works,
                "need": line.need,
                "internship": line.is_internship,
            }
            for line in (content.rows if content else ())
        ],
        "review_date": row.review_date,
        "signer": row.signer,
        "offered_at": row.offered_at,
        "decided_at": row.decided_at,
        "signatures": [{"role": found.role, "name": found.name, "at": found.at} for found in one.signatures],
        "digest": one.digest,
        "waits_for": [str(role) for role in waits],
    }
