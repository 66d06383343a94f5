"""A text as its student reads it back: the words of the answer, or of the way out."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from passport.questionnaire import Question, Questionnaire
from passport.services import Text
from passport.translations import joined
from passport.values import Status
from passport.wording import answer_lines


def read_back(
    questions: Questionnaire, question: Question, text: Text, programmes: Mapping[str, str] | None = None
) -> str:
    """One line each for a list; «Nog leeg», «Weet ik nog niet» and «Wil ik niet zeggen» in words."""
    if text.is_answered:
        return joined("\n", answer_lines(questions, question, text.value, programmes))
    return {
        Status.LATER: _("Weet ik nog niet"),
        Status.PRIVATE: _("Wil ik niet zeggen"),
    }.get(text.status, _("Nog leeg"))
