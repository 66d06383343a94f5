"""Many texts of a college at once, from a file: first what would change, then all of it or nothing."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from accounts.models import Institution, Programme, User
from accounts.refusals import Refusal
from intake.services import offers
from intake.services.offers import Act, Line
from passport.questionnaire import Option
from school.offer_files import Row, read_file, write_rows
from school.services.offers import log_change
from school.services.places import programmes_of

# What waits for the yes waits on the page itself, so it fits in a form (DATA_UPLOAD_MAX_MEMORY_SIZE).
MOST_WAITING = 200 << 10


@dataclass(frozen=True, slots=True)
class OfferPlan:
    """What a file would change. With a wrong row it changes nothing."""

    lines: tuple[Line, ...] = ()
    wrong: tuple[tuple[int, str], ...] = ()
    same: int = 0

    def of(self, act: Act) -> list[Line]:
        return [one for one in self.lines if one.act is act]

    @property
    def digest(self) -> str:
        """What was seen: another text, in the file or in its place, gives another digest."""
        said = [(one.programme.code, one.need, one.layer, one.old, one.new) for one in self.lines]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def own_file(place: Institution) -> str:
    """Every text of a college as a file; the first mark lets a spreadsheet read the accents."""
    programmes = {one.code: one for one in programmes_of(place)}
    labels = {one.key: one.label for one in offers.known_needs()}
    said = offers.said_by(list(programmes.values())).items()
    rows = (
        Row(0, code, need, layer, text, programmes[code].name, labels.get(need, need))
        for (code, need, layer), text in said
    )
    return f"\ufeff{write_rows(rows)}"


def make_plan(place: Institution, content: bytes) -> OfferPlan:
    """What a file would change at this college. A programme that is not in it stays as it is; of one that is, what the
    file does not say would go. Raises Refusal at `file`: it cannot be read, or it is too much for once."""
    return _plan(place, read_file(content), is_whole=True)


def waiting(plan: OfferPlan) -> str:
    """The changes alone, as a file to say yes to; a text that would go is empty in it. Raises Refusal at `file`."""
    text = write_rows(Row(0, one.programme.code, one.need, one.layer, one.new) for one in plan.lines)
    if len(text.encode()) > MOST_WAITING:
        raise Refusal("too_many", "Er wordt te veel anders in één keer. Maak er twee bestanden van.",
                      field="file")  # fmt: skip
    return text


def plan_again(place: Institution, text: str, seen: str) -> OfferPlan:
    """The plan of what waited. Raises Refusal when it is not what was seen, or when other texts stand there by now."""
    plan = _plan(place, read_file(text.encode()), is_whole=False)
    if plan.wrong or plan.digest != seen:
        raise Refusal("changed", "Intussen is er iets veranderd. Lees het bestand opnieuw in.", status=409)
    return plan


@transaction.atomic
def import_offers(*, plan: OfferPlan, take_away: bool, by: User) -> int:
    """Does what a plan says, or nothing at all; what would go only with `take_away`. Returns how many texts changed.

    Every change is in the log of the college. Raises Refusal: a wrong row, another college, a text that moved since.
    """
    if plan.wrong:
        raise Refusal("wrong_rows", "Er staan fouten in het bestand. Verbeter die eerst.")
    lines = [one for one in plan.lines if take_away or one.act is not Act.REMOVED]
    changes = offers.write_lines(lines=lines, by=by)
    for one in changes:
        log_change(one.offer.programme, one.act, one.offer, by)
    return len(changes)


def _plan(place: Institution, rows: Sequence[Row], *, is_whole: bool) -> OfferPlan:
    programmes = {one.code: one for one in programmes_of(place)}
    needs = {one.key: one for one in offers.known_needs()}
    now = offers.said_by(list(programmes.values()))
    said: dict[tuple[str, str, str], Row] = {}
    wrong = []
    for row in rows:
        what = (row.programme, row.need, row.layer)
        try:
            fit = _checked(row, programmes, needs)
        except Refusal as refusal:
            wrong.append((row.number, refusal.sentence))
            continue
        if what in said:
            wrong.append((row.number, f"Deze hulp staat ook in rij {said[what].number}."))
        else:
            said[what] = fit
    mentioned = {code for code, _need, _layer in said}
    there = {what for what in now if what[0] in mentioned} if is_whole else set()
    lines = tuple(
        Line(programmes[what[0]], what[1], what[2], now.get(what, ""), said[what].text if what in said else "")
        for what in sorted(there | set(said))
    )
    changed = tuple(one for one in lines if one.old != one.new)
    kept = sum(1 for one in lines if one.old and one.old == one.new)
    return OfferPlan(() if wrong else changed, tuple(wrong), kept)


def _checked(row: Row, programmes: Mapping[str, Programme], needs: Mapping[str, Option]) -> Row:
    """A row with its text as it can be kept. Raises Refusal; no sentence repeats a cell."""
    if row.programme not in programmes:
        raise Refusal("unknown_programme", "Bij uw mbo kennen wij geen opleiding met deze code.", field="programme")
    if row.need not in needs:
        raise Refusal("unknown_need", "Deze soort hulp kennen we niet.", field="need")
    if not row.layer:
        raise Refusal("unknown_layer", "De laag is: Voor iedereen, Extra hulp of Van buiten de school.", field="layer")
    if row.is_formula:
        raise Refusal("formula", "Er staat een formule. Zet er de tekst zelf.", field="text")
    return replace(row, text=offers.fit_text(row.text))
