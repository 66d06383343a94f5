"""The shape of a dossier and of the brief as a JSON Schema, for who builds a system that reads them.

Our own shape, made from the code that fills it: `manage.py make_schema` writes docs/schema/. What is added to an answer
is a new version in a new file; a version that is out never gets narrower.
"""

from typing import Any

from accounts.models import Programme
from consent.models import Purpose
from consent.purposes import DISPLAY_IDENTITY
from intake.brief import MOST_NEEDS
from intake.models import FitAnswer, Layer
from passport.questionnaire import QuestionType
from passport.values import LONG, MOST_PROGRAMMES, OWN_WORDS, PROGRAMME_CODE, SHORT

VERSION = 1
NAME = f"dossier-{VERSION}.json"
UNIT = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$"

Schema = dict[str, Any]


def make_schema() -> Schema:
    """The whole schema: a dossier as it stands there, the brief at `#/$defs/brief`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": NAME,
        "title": f"A dossier of the Overstappaspoort, version {VERSION}",
        "description": "What GET /api/v1/dossiers/{share}/ answers. Only what a student shares and that says something"
        " is in it: what is not there says nothing. The brief of a case is #/$defs/brief.",
        "$ref": "#/$defs/dossier",
        "$defs": {
            "dossier": _dossier(),
            "brief": _brief(),
            "student": _student(),
            "field": {"oneOf": [_field(kind) for kind in QuestionType]},
            "unit": {"type": "string", "pattern": UNIT, "description": "A question, or one need of a question."},
            **{f"value_{kind}": _VALUES[kind] for kind in QuestionType},
        },
    }


def _object(properties: Schema, *, optional: tuple[str, ...] = (), **more: Any) -> Schema:
    """An object with these fields and no other."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False, **more}


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def _text(longest: int | None = None, *, empty: bool = False) -> Schema:
    found: Schema = {"type": "string"} if empty else {"type": "string", "minLength": 1}
    return {**found, "maxLength": longest} if longest else found


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _dossier() -> Schema:
    return _object({
        "share": {"type": "string", "format": "uuid"},
        "student": _ref("student"),
        "purpose": {"enum": list(Purpose.values)},
        "valid_until": {"type": "string", "format": "date", "description": "Until the end of this day in Amsterdam."},
        "released_at": {"type": "string", "format": "date-time"},
        "fields": _list(_ref("field"), description="In reading order."),
    })  # fmt: skip


def _student() -> Schema:
    names = [unit.removeprefix("identity.") for unit in DISPLAY_IDENTITY]
    return _object(
        {"display_name": _text(), **{name: _text() for name in names}},
        optional=tuple(names),
        description="The name everybody sees; the rest only when the student shares it.",
    )


def _field(kind: QuestionType) -> Schema:
    return _object({
        "unit": _ref("unit"),
        "label": _text(),
        "section": _text(),
        "type": {"const": kind.value},
        "value": _ref(f"value_{kind}"),
    })  # fmt: skip


def _brief() -> Schema:
    offer = _object({"layer": {"enum": list(Layer.values)}, "text": _text()})
    answer = {"enum": list(FitAnswer.values)}
    fit = _object({"answer": answer, "comment": _text(empty=True), "alternative": _text(empty=True)})
    need = _object({
        "unit": _ref("unit"),
        "label": _text(),
        "how_often": _text(empty=True),
        "what_works": _text(empty=True),
        "offers": _list(offer),
        "fit": {"oneOf": [{"type": "null"}, fit]},
    })  # fmt: skip
    mentor = _object({"name": _text(), "telephone": _text(empty=True)})
    return _object(
        {
            "student": _ref("student"),
            "fields": _list(_object({"unit": _ref("unit"), "label": _text(), "text": _text()})),
            "needs": _list(need, maxItems=MOST_NEEDS),
            "more": _list(_ref("unit"), description="What is shared and does not stand on the brief whole."),
            "mentors": _list(mentor, description="Only with a warm transfer."),
        },
        optional=("mentors",),
        description="What GET /api/v1/intake/cases/{id}/brief/ answers.",
    )


_PERSON = _object({"name": _text(SHORT), "relation": _text(SHORT, empty=True), "contact": _text(SHORT, empty=True)})
_CODE = {"type": "string", "pattern": f"^{PROGRAMME_CODE.pattern}$",
         "maxLength": Programme._meta.get_field("code").max_length}  # fmt: skip
_VALUES: dict[QuestionType, Schema] = {
    QuestionType.SHORT_TEXT: _text(SHORT),
    QuestionType.LONG_TEXT: _text(LONG),
    QuestionType.CHOICE: _text(),
    QuestionType.CHIPS: _list(_text(), minItems=1, uniqueItems=True,
                              description=f"Options, or own words of at most {OWN_WORDS} characters."),
    QuestionType.SCALE: {"type": "object", "additionalProperties": _text(), "minProperties": 1,
                         "description": "Per statement its level."},
    QuestionType.PEOPLE: _list(_PERSON, minItems=1),
    QuestionType.PROGRAMMES: _list(_CODE, minItems=1, maxItems=MOST_PROGRAMMES, uniqueItems=True,
                                   description="Codes, in order of preference."),
    QuestionType.NEEDS: _object({"need": _text(), "how_often": _text(empty=True),
                                 "what_works": _text(LONG, empty=True)},
                                description="One need; why it is needed is a long_text of its own."),
}  # fmt: skip
