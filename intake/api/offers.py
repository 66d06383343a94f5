"""How a support offer looks over the API: public to read, written by the coordinator of its college (school/api.py)."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from accounts.api_base import StrictSerializer
from intake.models import Layer, Offer
from intake.services.offers import LONGEST

FILTERS = ("programme", "need", "institution")
PARAMETERS = [OpenApiParameter(name, str) for name in FILTERS]


class OfferOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    programme = serializers.CharField()
    institution = serializers.CharField()
    level = serializers.IntegerField(allow_null=True)
    need = serializers.CharField()
    layer = serializers.ChoiceField(choices=Layer.values)
    text = serializers.CharField()


class OfferIn(StrictSerializer):
    programme = serializers.CharField(max_length=32)
    need = serializers.CharField(max_length=32)
    layer = serializers.ChoiceField(choices=Layer.values)
    text = serializers.CharField(max_length=LONGEST)


class OfferChangeIn(StrictSerializer):
    """A text stays with its programme: at another programme it is another offer."""

    need = serializers.CharField(max_length=32, required=False)
    layer = serializers.ChoiceField(choices=Layer.values, required=False)
    text = serializers.CharField(max_length=LONGEST, required=False)


def offer_json(row: Offer) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "programme": row.programme.code,
        "institution": row.programme.institution.name,
        "level": row.programme.level,
        "need": row.need,
        "layer": row.layer,
        "text": row.text,
    }
