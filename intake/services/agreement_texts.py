"""What stands in a support agreement: its rows, what they may hold, and the digest of what was seen.

Everything in it is put there by the college and shown to the student before signing: nothing follows the passport.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from accounts import vault
from accounts.refusals import Refusal
from intake.models import Agreement
from passport.texts import clean_staff_text

CONTENT_FIELD = "intake.Agreement.sealed_content"
NAME_FIELD = "intake.Signature.sealed_name"
ANSWERS_FIELD = "intake.AgreementReview.sealed_answers"
LONGEST = {"what": 300, "who": 80, "works": 200}
MOST_ROWS = 10  # and the one for the internship
FIELDS = ("what", "who", "works")


@dataclass(frozen=True, slots=True)
class Row:
    """One agreement: what, who, from when, and how we know that it works. `need`: of which need it came, or nothing."""

    what: str = field(repr=False)
    who: str = field(repr=False)
    starts_on: date | None  # only a proposal has none
    works: str = field(repr=False)
    need: str = field(default="", repr=False)
    is_internship: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """The whole text of one version. `name` is the name the college may use: as the share shows it. Personal."""

    name: str = field(repr=False)
    programme: str
    institution: str
    rows: tuple[Row, ...] = field(repr=False)
    review_on: date

    @property
    def internship(self) -> Row:
        return next(row for row in self.rows if row.is_internship)

    @property
    def others(self) -> list[Row]:
        return [row for row in self.rows if not row.is_internship]

    def as_json(self) -> dict[str, Any]:
        rows = [asdict(row) | {"starts_on": row.starts_on and row.starts_on.isoformat()} for row in self.rows]
        return asdict(self) | {"rows": rows, "review_on": self.review_on.isoformat()}


def clean_rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows with tidy texts, the one for the internship last. Raises Refusal at `<field>-<place>`, or at `rows`."""
    cleaned = [_clean_row(row, place) for place, row in enumerate(rows)]
    if sum(row.is_internship for row in cleaned) != 1:
        raise Refusal("internship", "Zet er één regel bij over de stage.", field="rows")
    if len(cleaned) > MOST_ROWS + 1:
        raise Refusal("too_many", f"Dit zijn te veel regels. Er passen er {MOST_ROWS}.", field="rows")
    return tuple(sorted(cleaned, key=lambda row: row.is_internship))


def _clean_row(row: Row, place: int) -> Row:
    said = {}
    for name in FIELDS:
        at = f"{name}-{place}"
        said[name] = clean_staff_text(getattr(row, name), longest=LONGEST[name], field=at)
        if not said[name]:
            raise Refusal("required", MISSING[name], field=at)
    if row.starts_on is None:
        raise Refusal("required", "Kies vanaf welke dag.", field=f"starts_on-{place}")
    return Row(**said, starts_on=row.starts_on, need=row.need, is_internship=row.is_internship)


MISSING = {
    "what": "Schrijf wat u afspreekt.",
    "who": "Schrijf wie dit doet.",
    "works": "Schrijf hoe u samen merkt dat het werkt.",
}


def latest_review(today: date | None = None) -> date:
    """The last day to look back that may be chosen today: a year from now (WEB art. 8.1.3a)."""
    today = today or timezone.localdate()
    try:
        return today.replace(year=today.year + 1)
    except ValueError:  # 29 February
        return today.replace(year=today.year + 1, day=28)


def check_review_date(day: date) -> date:
    """A day to look back: after today and within a year. Raises Refusal at `review_date`."""
    if day <= timezone.localdate():
        raise Refusal("review_passed", "Kies een dag die nog komt.", field="review_date")
    if day > latest_review():
        raise Refusal("review_too_late", "Kies een dag binnen een jaar.", field="review_date")
    return day


# --- Sealed and opened -------------------------------------------------------------------------------------


def seal_content(key: vault.Key, agreement: Agreement, content: Content) -> bytes:
    return key.seal(content.as_json(), field=CONTENT_FIELD, row=agreement.pk)


def open_content(key: vault.Key, agreement: Agreement) -> Content:
    """Opens the text of one version. Raises Tampered or Shredded."""
    found: Mapping[str, Any] = key.open(agreement.sealed_content, field=CONTENT_FIELD, row=agreement.pk)  # type: ignore[arg-type]  # sealed by then
    rows = tuple(Row(**row | {"starts_on": date.fromisoformat(row["starts_on"])}) for row in found["rows"])
    return Content(**{**found, "rows": rows, "review_on": date.fromisoformat(found["review_on"])})


def digest_of(key: vault.Key, agreement: Agreement, content: Content) -> bytes:
    """A keyed digest of exactly what is signed: the text, its version, and who signs for the college."""
    said = json.dumps(content.as_json(), sort_keys=True, ensure_ascii=False)
    return key.mac("agreement", f"{agreement.version} {agreement.signer} {said}".encode())
