"""An intaker's answer to one need, over the API."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import vault
from accounts.api_base import StrictSerializer, checked
from consent.models import Share
from intake.api.who import user_of
from intake.models import Fit, FitAnswer
from intake.services import cases, fits


class FitIn(StrictSerializer):
    """`no` needs a comment and an alternative, and waits until a second person of the college saw it."""

    answer = serializers.ChoiceField(choices=FitAnswer.values)
    comment = serializers.CharField(max_length=fits.LONGEST, allow_blank=True, required=False, default="")
    alternative = serializers.CharField(max_length=fits.LONGEST, allow_blank=True, required=False, default="")


class FitOut(serializers.Serializer[Any]):
    """`state` is `sent` once the student can read it; before that a no is `waiting`, or `returned` to talk about."""

    unit = serializers.CharField()
    answer = serializers.ChoiceField(choices=FitAnswer.values)
    comment = serializers.CharField(allow_blank=True)
    alternative = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=Fit.State.values)
    at = serializers.DateTimeField()


class BriefFitOut(serializers.Serializer[Any]):
    """What the student was told, cut like everything on the brief."""

    answer = serializers.ChoiceField(choices=FitAnswer.values)
    comment = serializers.CharField(allow_blank=True)
    alternative = serializers.CharField(allow_blank=True)


@extend_schema(request=FitIn, responses=FitOut)
@api_view(["PUT"])
def fit(request: Request, case_id: UUID, need: str) -> Response:
    """Answers one need (its code) of a case; the student reads it at once, a no after a second person saw it."""
    by = user_of(request)
    cases.get_open_case_or_404(by, case_id)
    body = checked(FitIn, request)
    row = fits.put_fit(case_id=case_id, by=by, need=need, **body)
    said = {"unit": f"{fits.SUPPORT}{need}", **body, "state": row.state, "at": row.at}
    return Response(said)


def fit_replies_json(share: Share, key: vault.Key) -> list[dict[str, object]]:
    """The answers on a share as lines of `shares/{id}/replies/`; `text` is the comment and what can be done instead."""
    return [
        {
            "at": one.at,
            "by": one.by,
            "kind": "fit",
            "unit": one.unit,
            "answer": one.answer,
            "text": "\n".join(text for text in (one.comment, one.alternative) if text),
        }
        for one in fits.fits_for_student(share, key)
    ]
