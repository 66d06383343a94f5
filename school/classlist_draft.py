"""A class list between its upload and the yes, an hour at most.

The file goes at once. Its rows wait sealed with a key made for this list alone, in the key database; at the yes, at the
no or after an hour that key is destroyed, so a dump or backup of the data holds nothing to read. Sending the file three
times would spare that row, but leaves it on somebody's desktop between the steps, and the second could be another file.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError
from django.utils import timezone

from accounts import vault
from accounts.models import Institution, User
from accounts.refusals import NotHere
from school.classlist import Entry, read_entries
from school.classlist_columns import Columns, check_columns, find_headings, guess, plain, refuse_columns
from school.classlist_files import Rows, read_rows
from school.models import ClassListColumns, ClassListDraft
from school.services.office import get_school_or_404

FIELD = "school.ClassListDraft.sealed_rows"
KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OpenList:
    """An uploaded list, opened for who uploaded it. Personal: never in a log."""

    id: UUID
    institution: Institution
    school_year: str
    rows: Rows = field(repr=False)
    headings: int = 0
    columns: Columns = field(default_factory=dict, repr=False)
    one_class: str = field(default="", repr=False)

    @property
    def heading_cells(self) -> list[str]:
        return self.rows[self.headings][1]

    def entries(self) -> list[Entry]:
        return read_entries(self.rows, self.headings, self.columns, self.one_class)


def take_in(content: bytes, *, institution: Institution, school_year: str, by: User) -> UUID:
    """Reads a file and keeps its rows sealed; returns where. Raises Refusal at `file`, and then nothing was kept."""
    rows = read_rows(content)
    key = school_key(institution.pk)
    known = _remembered(institution)
    headings = find_headings(rows, lambda heading: heading_mark(key, heading) in known)
    refuse_columns(rows, headings)
    columns = guess(rows[headings][1], lambda heading: known.get(heading_mark(key, heading), ""))
    draft_id = uuid4()
    found = OpenList(draft_id, institution, school_year, rows, headings, columns)
    own = vault.create_key(draft_id)
    sealed = _sealed(own, found)
    try:
        ClassListDraft.objects.create(
            pk=draft_id, institution=institution, by=by, school_year=school_year, sealed_rows=sealed
        )
    except BaseException:
        vault.shred(draft_id)
        raise
    return draft_id


def get_list_or_404(list_id: UUID, by: User) -> OpenList:
    """The list somebody uploaded within the hour, while they run that school; nobody opens another's. NotHere."""
    rows = ClassListDraft.objects.filter(pk=list_id, by=by, made_at__gt=timezone.now() - KEPT)
    row = rows.select_related("institution").first()
    if row:
        get_school_or_404(row.institution_id, by)
    key = vault.open_keys([list_id]).get(list_id) if row else None
    if row is None or key is None:
        raise NotHere()
    said = key.open(row.sealed_rows, field=FIELD, row=row.pk)
    return OpenList(
        row.pk,
        row.institution,
        row.school_year,
        [(number, cells) for number, cells in said["rows"]],
        said["headings"],
        {int(place): what for place, what in said["columns"].items()},
        said["one_class"],
    )


def set_columns(opened: OpenList, columns: Columns, one_class: str) -> OpenList:
    """Keeps what each column holds: for this list, and for the next of this school. Raises Refusal."""
    check_columns(columns, one_class)
    changed = replace(opened, columns=columns, one_class=one_class)
    sealed = _sealed(vault.open_key(opened.id), changed)
    ClassListDraft.objects.filter(pk=opened.id).update(sealed_rows=sealed)
    key = school_key(opened.institution.pk)
    marks = {place: heading_mark(key, heading) for place, heading in enumerate(opened.heading_cells) if heading}
    said = {mark: columns.get(place, "") for place, mark in marks.items()}
    kept = {mark: what for mark, what in (_remembered(opened.institution) | said).items() if what}
    ClassListColumns.objects.update_or_create(institution=opened.institution, defaults={"columns": kept})
    return changed


def throw_away(list_id: UUID) -> None:
    """The key first, then the row: from here on nothing of the list opens. Repeatable."""
    vault.shred(list_id)
    ClassListDraft.objects.filter(pk=list_id).delete()


def throw_away_old() -> int:
    """Throws away every list of more than an hour ago; returns how many."""
    old = list(ClassListDraft.objects.filter(made_at__lte=timezone.now() - KEPT).values_list("pk", flat=True))
    for list_id in old:
        throw_away(list_id)
    return len(old)


def school_key(institution_id: UUID) -> vault.Key:
    """The key of a school, for digests that only it can make; made when there is none. Outside a transaction."""
    found = vault.open_keys([institution_id])
    if institution_id in found:
        return found[institution_id]
    try:
        return vault.create_key(institution_id)
    except IntegrityError:  # somebody of the same school was first
        return vault.open_key(institution_id)


def heading_mark(key: vault.Key, heading: str) -> str:
    """A heading as it is kept: a digest, because without headings the first row is a student."""
    return key.mac("class list heading", plain(heading).encode()).hex()[:32]


def _remembered(institution: Institution) -> dict[str, str]:
    row = ClassListColumns.objects.filter(institution=institution).first()
    return dict(row.columns) if row else {}


def _sealed(key: vault.Key, one: OpenList) -> bytes:
    said = {"rows": one.rows, "headings": one.headings, "columns": one.columns, "one_class": one.one_class}
    return key.seal(said, field=FIELD, row=one.id)
