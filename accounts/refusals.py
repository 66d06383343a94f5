"""A no that people can read. Services raise it; a page shows it at the field, the API answers it with its code."""

from django.utils.translation import gettext


class Refusal(Exception):
    """What one may not or cannot do. `code` is for programs, `sentence` for people, `status` for HTTP.

    The sentence is fixed text: nothing personal travels in an exception. It is said in the language of who reads it,
    so it needs no mark where it is raised: tests/languages/collect.py finds it there.
    """

    def __init__(self, code: str, sentence: str, *, status: int = 400, field: str = "") -> None:
        super().__init__(code)
        self.code, self.status, self.field = code, status, field
        self._sentence = sentence

    @property
    def sentence(self) -> str:
        return gettext(str(self._sentence))


class NotHere(Refusal):
    """What does not exist and what one may not know exists: the same words (contract)."""

    def __init__(self) -> None:
        super().__init__("not_found", "Niet gevonden.", status=404)
