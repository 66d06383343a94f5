"""The page with every hard word and what it means."""

from contextlib import suppress

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from passport import words
from passport.questionnaire import WrongQuestionnaire, of_version, published


@login_not_required
@require_safe
def all_words(request: HttpRequest) -> HttpResponse:
    """The five fixed words, then ours and those of the published questionnaire by the alphabet; for anybody."""
    return render(request, "passport/words.html", {"fixed": words.fixed_words(), "rows": _rows()})


def _rows() -> list[tuple[str, str]]:
    """(word, meaning); a word that both explain stands there once."""
    ours = {word.word: word.means for word in words.glossary()}
    with suppress(WrongQuestionnaire):  # nothing is published yet: the words of the site remain
        ours |= dict(of_version(published().pk).glossary)
    return sorted(ours.items(), key=lambda row: row[0].lower())
