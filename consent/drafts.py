"""What a student ticked so far, between two screens. Sealed: even a tick can tell which help is needed."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import vault
from accounts.models import Student
from accounts.refusals import NotHere, Refusal
from consent.links import LinkTo
from consent.models import ShareDraft
from consent.purposes import PURPOSE_OF
from consent.services import Wish

DRAFT_FIELD = "consent.ShareDraft.sealed"
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft, opened. Personal: never in a log, a URL or a session.

    `seen` is the digest of the preview the student said was good; `share` is set when it widens a share that is
    there already; `given` is what became of it, so a second tap on yes finds the share and not an error. `link` is to
    whom a link will go, and then there is no `recipient_id`.
    """

    id: UUID
    kind: str
    recipient_id: UUID | None
    purpose: str
    link: LinkTo | None = field(default=None, repr=False)
    units: tuple[str, ...] = field(default=(), repr=False)
    valid_until: date | None = None
    warm_transfer: bool = False
    seen: str = ""
    share: UUID | None = None
    given: UUID | None = None

    def wish(self) -> Wish:
        """What the student wants. Raises Refusal at the screen that is not filled in yet."""
        if not self.units:
            raise Refusal("no_units", "Kies eerst wat je wilt delen.", field="units")
        if self.valid_until is None:
            raise Refusal("no_date", "Kies eerst tot wanneer.", field="valid_until")
        last, warm = self.valid_until, self.warm_transfer
        return Wish(self.kind, self.recipient_id, self.purpose, self.units, last, warm, self.link)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "recipient_id": str(self.recipient_id) if self.recipient_id else None,
            "purpose": self.purpose,
            "link": _link_json(self.link) if self.link else None,
            "units": list(self.units),
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "warm_transfer": self.warm_transfer,
            "seen": self.seen,
            "share": str(self.share) if self.share else None,
            "given": str(self.given) if self.given else None,
        }


def make_draft(
    *,
    student: Student,
    key: vault.Key,
    kind: str,
    recipient_id: UUID | None,
    purpose: str = "",
    link: LinkTo | None = None,
    units: Iterable[str] = (),
    valid_until: date | None = None,
    warm_transfer: bool = False,
    share: UUID | None = None,
) -> Draft:
    """Starts a draft, and drops this student's drafts of more than a day ago. Only a link needs its `purpose` said."""
    student.share_drafts.filter(created_at__lt=timezone.now() - KEPT).delete()
    row = ShareDraft(student=student)
    purpose = purpose or PURPOSE_OF[kind]
    draft = Draft(row.pk, kind, recipient_id, purpose, link, tuple(units), valid_until, warm_transfer, share=share)
    row.sealed = key.seal(draft.as_json(), field=DRAFT_FIELD, row=row.pk)
    row.save(force_insert=True)
    return draft


def read_draft(student: Student, key: vault.Key, draft_id: UUID, share: UUID | None = None) -> Draft:
    """A draft of this student; `share` for one that widens that share. Raises NotHere, Tampered or Shredded."""
    row = student.share_drafts.filter(pk=draft_id).first()
    if row is None:
        raise NotHere()
    content = key.open(row.sealed, field=DRAFT_FIELD, row=row.pk)
    draft = Draft(
        id=row.pk,
        kind=content["kind"],
        recipient_id=UUID(content["recipient_id"]) if content["recipient_id"] else None,
        purpose=content.get("purpose") or PURPOSE_OF[content["kind"]],
        link=_link(content["link"]) if content.get("link") else None,
        units=tuple(content["units"]),
        valid_until=date.fromisoformat(content["valid_until"]) if content["valid_until"] else None,
        warm_transfer=content["warm_transfer"],
        seen=content["seen"],
        share=UUID(content["share"]) if content["share"] else None,
        given=UUID(content["given"]) if content["given"] else None,
    )
    if draft.share != share:
        raise NotHere()
    return draft


def change_draft(draft: Draft, *, student: Student, key: vault.Key, **fields: Any) -> Draft:
    """Keeps other choices in a draft; whatever the student saw before them no longer counts."""
    changed = replace(draft, **{"seen": "", **fields})
    sealed = key.seal(changed.as_json(), field=DRAFT_FIELD, row=draft.id)
    if not student.share_drafts.filter(pk=draft.id).update(sealed=sealed):
        raise NotHere()
    return changed


def spend_draft(draft: Draft, *, student: Student, key: vault.Key, given: UUID) -> Draft:
    """Empties a draft that became a share; it only still tells which one."""
    nothing: dict[str, Any] = {"units": (), "valid_until": None, "warm_transfer": False, "link": None}
    return change_draft(draft, student=student, key=key, given=given, **nothing)


def _link_json(link: LinkTo) -> dict[str, Any]:
    starts_on = link.starts_on.isoformat() if link.starts_on else None
    return {"email": link.email, "label": link.label, "starts_on": starts_on}


def _link(kept: dict[str, Any]) -> LinkTo:
    return LinkTo(kept["email"], kept["label"], date.fromisoformat(kept["starts_on"]) if kept["starts_on"] else None)


def delete_draft(student: Student, draft_id: UUID) -> None:
    """Throws a draft away; twice is no error."""
    student.share_drafts.filter(pk=draft_id).delete()
