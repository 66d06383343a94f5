"""A version of the questions as the API shows it."""

from typing import Any

from passport.questionnaire import Option, Question, Questionnaire


def questionnaire_json(asked: Questionnaire) -> dict[str, Any]:
    """One version; a question that is switched off stands there with `off`, because answers to it are kept."""
    return {
        "version": asked.version,
        "title": asked.title,
        "routes": _pairs(asked.routes),
        "needs": [{"key": n.key, "label": n.label, "sensitive": n.sensitive} for n in asked.needs],
        "sections": [
            {
                "key": s.key,
                "title": s.title,
                "intro": s.intro,
                "questions": [_question_json(q) for q in s.questions],
            }
            for s in asked.sections
        ],
        "glossary": dict(asked.glossary),
    }


def _pairs(options: tuple[Option, ...]) -> list[dict[str, str]]:
    return [{"key": one.key, "label": one.label} for one in options]


def _question_json(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "type": question.type.value,
        "label": question.label,
        "why": question.why,
        "example": question.example,
        "options": list(question.options),
        "own": question.own,
        "max": question.max,
        "exclusive": question.exclusive,
        "levels": _pairs(question.levels),
        "statements": _pairs(question.statements),
        "how_often": list(question.how_often),
        "sensitive": question.sensitive,
        "brief": question.brief,
        "short": question.short,
        "routes": list(question.routes),
        "written_by": question.written_by,
        "off": question.off,
    }
