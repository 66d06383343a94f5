"""Support offers over the API: anybody reads them, the coordinator of the college writes; the office log keeps it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_base import checked, page_of, paged
from intake.api.offers import FILTERS, PARAMETERS, OfferChangeIn, OfferIn, OfferOut, offer_json
from intake.api.who import user_of
from intake.services.offers import get_kept, get_offer, list_offers
from school.services import offers


class OffersView(APIView):
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(operation_id="offers_list", parameters=PARAMETERS, responses=page_of(OfferOut), auth=[])
    def get(self, request: Request) -> Response:
        """What programmes give per need; public."""
        rows: Any = list_offers(**{name: request.query_params.get(name, "") for name in FILTERS})
        return paged(request, rows, offer_json)

    @extend_schema(operation_id="offers_create", request=OfferIn, responses={201: OfferOut})
    def post(self, request: Request) -> Response:
        """Writes a text of the coordinator's own college; 409 when that need has one in this layer."""
        body = checked(OfferIn, request)
        programme = get_kept(body.pop("programme"), user_of(request))
        row = offers.add(programme=programme, by=user_of(request), **body)
        return Response(offer_json(row), status=201)


class OfferView(APIView):
    @extend_schema(operation_id="offers_update", request=OfferChangeIn, responses=OfferOut)
    def patch(self, request: Request, offer_id: UUID) -> Response:
        """Other words, another layer or another need."""
        row = get_offer(offer_id, user_of(request))
        offers.change(offer=row, by=user_of(request), **checked(OfferChangeIn, request))
        return Response(offer_json(get_offer(offer_id, user_of(request))))

    @extend_schema(operation_id="offers_destroy", responses={204: None})
    def delete(self, request: Request, offer_id: UUID) -> Response:
        """Takes a text away."""
        offers.remove(offer=get_offer(offer_id, user_of(request)), by=user_of(request))
        return Response(status=204)
