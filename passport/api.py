"""The student's own passport over the API; see the contract for every field."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api_base import StrictSerializer, checked, page_of, paged, same_account_or_401
from accounts.entrance import who_is_in
from passport import questionnaire, services, suggestions
from passport.models import Passport, Suggestion
from passport.owner import own_passport
from passport.questionnaire_json import questionnaire_json
from passport.services import Sheet, Text
from passport.suggestions import Proposal
from passport.values import Status


class RouteIn(StrictSerializer):
    route = serializers.CharField(allow_null=True, max_length=16)


class AnswerIn(StrictSerializer):
    status = serializers.CharField(max_length=16)
    value = serializers.JSONField(required=False, allow_null=True, default=None)
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class AnswerOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    status = serializers.ChoiceField(choices=[status.value for status in Status])
    value = serializers.JSONField(allow_null=True)
    revision = serializers.IntegerField()
    updated_at = serializers.DateTimeField(allow_null=True)


class HistoryOut(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    status = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    updated_at = serializers.DateTimeField()
    by = serializers.CharField()
    suggested_by = serializers.CharField(required=False)


class SuggestionOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    unit = serializers.CharField()
    value = serializers.JSONField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=Suggestion.State.values)


class AcceptIn(StrictSerializer):
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)


class NothingIn(StrictSerializer):
    pass


class UnitOut(serializers.Serializer[Any]):
    unit = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of the field, not of a serializer
    section = serializers.CharField()
    answered = serializers.BooleanField()
    sensitive = serializers.BooleanField()


class PassportOut(serializers.Serializer[Any]):
    route = serializers.CharField(allow_null=True)
    questionnaire = serializers.CharField()
    answers = serializers.DictField(child=AnswerOut())
    units = UnitOut(many=True)


class QuestionnaireOut(serializers.Serializer[Any]):
    version = serializers.CharField()
    title = serializers.CharField()
    routes = serializers.ListField(child=serializers.JSONField())
    needs = serializers.ListField(child=serializers.JSONField())
    sections = serializers.ListField(child=serializers.JSONField())
    glossary = serializers.DictField(child=serializers.CharField())


@extend_schema(responses=QuestionnaireOut)
@api_view(["GET"])
def published_questionnaire(request: Request) -> Response:
    """The published questions."""
    return Response(questionnaire_json(questionnaire.of_version(questionnaire.published().pk)))


class PassportView(APIView):
    @extend_schema(responses=PassportOut)
    def get(self, request: Request) -> Response:
        """The whole passport of the logged-in student."""
        passport, key = own_passport(request)
        return Response(passport_json(services.open_sheet(passport, key)))

    @extend_schema(request=RouteIn, responses=PassportOut)
    def patch(self, request: Request) -> Response:
        """Sets the route."""
        passport, key = own_passport(request)
        route = checked(RouteIn, request)["route"]
        services.choose_route(passport=passport, key=key, route=route, by=who_is_in(request))
        return Response(passport_json(services.open_sheet(passport, key)))


class AnswerView(APIView):
    @extend_schema(request=AnswerIn, responses=AnswerOut)
    def put(self, request: Request, key: str) -> Response:
        """Keeps a new text when `revision` is the newest one seen; else 409 with the newest."""
        same_account_or_401(request)
        passport, data_key = own_passport(request)
        services.question_or_404(services.questions_of(passport), key)
        body = checked(AnswerIn, request)
        try:
            text = services.save_answer(
                passport=passport, key=data_key, question_key=key, by=who_is_in(request), **body
            )
        except services.Conflict as conflict:
            return _conflict(passport, conflict)
        return Response(answer_json(services.as_shown(passport, text)))


@extend_schema(responses=page_of(HistoryOut))
@api_view(["GET"])
def answer_history(request: Request, key: str) -> Response:
    """Every kept text of one question, newest first."""
    passport, data_key = own_passport(request)
    services.question_or_404(services.questions_of(passport), key)
    return paged(request, [_history_json(text) for text in services.history(passport, data_key, key)])


@extend_schema(operation_id="answer_suggestions_list", responses=page_of(SuggestionOut))
@api_view(["GET"])
def answer_suggestions(request: Request, key: str) -> Response:
    """What the school team proposed at one question, newest first; what was decided goes after a month."""
    passport, data_key = own_passport(request)
    services.question_or_404(services.questions_of(passport), key)
    return paged(request, suggestions.suggestions_for(passport, data_key, key), suggestion_json)


@extend_schema(request=AcceptIn, responses=AnswerOut)
@api_view(["POST"])
def suggestion_accept(request: Request, key: str, suggestion_id: UUID) -> Response:
    """Makes it the student's answer, a revision like any other; 409 with the newest when `revision` is stale."""
    passport, data_key = own_passport(request)
    suggestions.suggestion_or_404(passport, data_key, suggestion_id, key)
    seen = checked(AcceptIn, request)
    try:
        text = suggestions.accept_suggestion(
            passport=passport, key=data_key, suggestion_id=suggestion_id, by=passport.student.user, **seen
        )
    except services.Conflict as conflict:
        return _conflict(passport, conflict)
    return Response(answer_json(services.as_shown(passport, text)))


@extend_schema(request=NothingIn, responses=SuggestionOut)
@api_view(["POST"])
def suggestion_decline(request: Request, key: str, suggestion_id: UUID) -> Response:
    """Says no; the writer does not hear of it."""
    passport, data_key = own_passport(request)
    suggestions.suggestion_or_404(passport, data_key, suggestion_id, key)
    checked(NothingIn, request)
    declined = suggestions.decline_suggestion(
        passport=passport, key=data_key, suggestion_id=suggestion_id, by=passport.student.user
    )
    return Response(suggestion_json(declined))


def _conflict(passport: Passport, conflict: services.Conflict) -> Response:
    current = answer_json(services.as_shown(passport, conflict.current))
    return Response({"code": conflict.code, "detail": conflict.sentence, "current": current}, status=409)


def suggestion_json(one: Proposal) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "unit": one.unit.key,
        "value": one.value,
        "by": one.by,
        "at": one.at,
        "state": str(one.state),
    }


def answer_json(text: Text) -> dict[str, Any]:
    return {
        "key": text.key,
        "status": text.status.value,
        "value": text.value,
        "revision": text.revision,
        "updated_at": text.updated_at,
    }


def _history_json(text: Text) -> dict[str, Any]:
    return {
        "revision": text.revision,
        "status": text.status.value,
        "value": text.value,
        "updated_at": text.updated_at,
        "by": text.by,
        **({"suggested_by": text.suggested_by} if text.suggested_by else {}),
    }


def passport_json(sheet: Sheet) -> dict[str, Any]:
    said = sheet.said
    units = [
        {
            "unit": unit.key,
            "label": unit.label,
            "section": unit.question.section,
            "answered": unit.key in said,
            "sensitive": unit.sensitive,
        }
        for unit in sheet.questions.units.values()
        if not unit.need or unit.key in said
    ]
    return {
        "route": sheet.route,
        "questionnaire": sheet.questions.version,
        "answers": {key: answer_json(sheet.text(key)) for key in sheet.questions.questions},
        "units": units,
    }
