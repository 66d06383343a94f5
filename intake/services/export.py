"""Everything of one student, opened for that student alone (AVG, articles 15 and 20): as JSON and as one page.

Of other people it holds what the student already sees of staff: their name and where they work. Someone from home is
«iemand van thuis», never by name. What is left out, and why, stands in LEFT_OUT; a test holds it to the models.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import vault
from accounts.badges import card_of
from accounts.identity import identity_of
from accounts.invitations import opened, waiting_for
from accounts.models import Guardian, Invitation, Membership, Student, Tie, User
from accounts.own_ways import refuse_new
from accounts.school_login import tied_to
from accounts.second_factor import passkeys_of
from accounts.services import staff_places
from accounts.together import refuse_together
from consent.ledger import Event, looks_at
from consent.links import labels_of, to_of
from consent.models import Approval, LedgerEntry, NamedReader, RecipientKind, Share
from consent.proofs import proofs_of
from consent.recipients import recipient_of
from consent.reviews import reviews_of
from consent.services import replies_to
from consent.services.approving import note_of
from consent.texts import shareable_units
from intake.models import Case, Handover
from intake.services.expectations import ticks_of
from intake.services.export_after import after_start_in
from intake.services.export_agreements import agreements_in
from intake.services.export_aims import goals_in, suggestions_in
from intake.services.export_fits import fits_in
from intake.services.export_talks import coach_moments_in, intake_talk_in, notes_in, remarks_in
from intake.services.export_tasters import taster_days_in
from intake.services.law_log import requests_of
from intake.services.talks import Talk, own_talk
from passport.experiences import Card, cards_of
from passport.questionnaire import Question, Questionnaire, QuestionType, Unit
from passport.services import Text, histories, open_sheet, questions_of
from passport.signs import signs_of
from passport.wording import answer_lines, programme_names

FROM_HOME = "Iemand van thuis"
WITH_A_LINK = "Iemand met een link"
# What has the student's id and is not in it, and why.
LEFT_OUT: Mapping[str, str] = {
    "school.SchoolNumber": "a digest of the number the school itself has; nobody can read it",
    "consent.ShareDraft": "ticks that were never shared; gone within a day",
    "consent.ShareGroupObjectPermission": "that a share is open, which its status says",
    "intake.AgreementFile": "the PDF of an agreement that is in it",
    "intake.Counted": "that a count of nobody holds this student already; it says nothing that is not in the rest",
    "intake.BatchRow": "that a file was one of a list somebody asked for; the file and every download are in it",
    "consent.Release": "digests of what was to be seen, which the receipts hold",
    "sessions.Session": "this log-in",
}


def own_export(student: Student, key: vault.Key) -> dict[str, Any]:
    """`export_of` for the student in person. Raises Refusal while somebody sits beside them, or their card is new."""
    refuse_together(student)
    refuse_new(student)
    return export_of(student, key)


def export_of(student: Student, key: vault.Key) -> dict[str, Any]:
    """Everything of this student as plain JSON values. Personal: never in a log, a cache or a file of ours."""
    names, known = _Names(student), _units(student, key)
    shares = list(_shares(student))
    return {
        "made_at": _moment(timezone.now()),
        "account": _account(student),
        "identity": asdict(identity_of(student, key)),
        "places": [_place(row) for row in _memberships(student)],
        "people": [_tie(row) for row in student.ties.select_related("person").order_by("starts_on")],
        "invited": [_invited(row, key, student) for row in waiting_for([student])],
        **_passport(student, key),
        "experiences": [_experience(card) for card in cards_of(student.passport, key)],
        "expectations": ticks_of(student, key),
        "goals": goals_in(student, key),
        "suggestions": suggestions_in(student, key),
        "shares": [_share(share, key, known) for share in shares],
        "consents": _consents(student, known, names),
        "looks": _looks(student, known, names),
        "replies": [one for share in shares for one in _replies(share, key, names)],
        "talk_notes": notes_in(student, key),
        "taster_days": taster_days_in(student),
        "coach_moments": coach_moments_in(student, key),
        "after_start": after_start_in(student, key),
        "agreements": agreements_in(student),
        "from_home": [one | {"by": FROM_HOME} for one in remarks_in(student, key)],
        "law_requests": [asdict(one) | {"at": _moment(one.at)} for one in requests_of(student, key)],
    }


class _Names:
    """Who did it, in the words of an export: you, a member of staff by name, or someone from home."""

    def __init__(self, student: Student) -> None:
        self.own = student.user_id
        self.home = set(Guardian.objects.values_list("user", flat=True).filter(user__ties__student=student))
        self.staff: dict[UUID, str] = {}

    def learn(self, people: Iterable[UUID | None]) -> None:
        new = {one for one in people if one} - set(self.staff)
        rows = User.objects.filter(pk__in=new, student=None, guardian=None)
        self.staff |= dict(rows.values_list("pk", "staff_name"))

    def of(self, person: UUID | None) -> str:
        if person is None:
            return "vanzelf"
        if person == self.own:
            return "jij"
        return FROM_HOME if person in self.home else self.staff.get(person) or "iemand die hier niet meer is"


def _account(student: Student) -> dict[str, Any]:
    user = student.user
    return {
        "username": user.username,
        "email": user.email,
        "since": _moment(user.date_joined),
        "last_login": _moment(user.last_login),
        "frozen_at": _moment(student.frozen_at),
        "erase_after": _moment(student.erase_after),
        "mail_on_look": "aan" if student.mail_on_look else "",
        "look_mailed_at": _moment(student.look_mailed_at),
        "together_since": _moment(student.together_since),
        **{f"mentor_sees_{name}": _moment(at) for name, at in signs_of(student).items()},
        **_ways_in(student),
    }


def _ways_in(student: Student) -> dict[str, Any]:
    """How the student logs in; what opens a door (the card's code, the PIN) is kept as a hash and is not in it."""
    card = card_of(student)
    return {
        "card_made_at": _moment(card.made_at) if card else None,
        "pin_set_at": _moment(card.pin_set_at) if card else None,
        "pin_reset_at": _moment(card.pin_reset_at) if card else None,
        "passkeys": ", ".join(one["name"] for one in passkeys_of(student.user)),
        "school_logins": ", ".join(sorted(tied_to(student.user))),
    }


def _memberships(student: Student) -> Iterable[Membership]:
    rows = Membership.objects.filter(user=student.user_id).order_by("starts_on")
    return rows.select_related("institution", "school_class__institution", "programme__institution", "region")


def _place(row: Membership) -> dict[str, Any]:
    part = row.school_class or row.programme
    place = row.institution or (part.institution if part else None)
    return {
        "role": str(row.get_role_display()),
        "where": place.name if place else str(row.region or ""),
        "class_or_programme": part.name if part else "",
        "from": row.starts_on.isoformat(),
        "until": row.ends_on.isoformat() if row.ends_on else None,
    }


def _tie(row: Tie) -> dict[str, Any]:
    return {
        "what": str(row.get_kind_display()),
        "label": row.label,
        "name": row.person.staff_name,
        "from": row.starts_on.isoformat(),
        "until": row.ends_on.isoformat() if row.ends_on else None,
    }


def _invited(row: Invitation, key: vault.Key, student: Student) -> dict[str, Any]:
    """Who is asked and did not answer yet: what they are to the student, never their address."""
    by = "jij" if row.invited_by_id == student.user_id else row.invited_by.staff_name
    return {
        "what": str(row.get_kind_display()),
        "label": opened(row, key).label,
        "by": by,
        "at": _moment(row.created_at),
    }


# --- What the student wrote --------------------------------------------------------------------------------


def _passport(student: Student, key: vault.Key) -> dict[str, Any]:
    sheet, kept = open_sheet(student.passport, key), histories(student.passport, key)
    questions = sheet.questions
    codes = [code for text in kept.get("want.programmes", ()) for code in text.value or ()]
    names = programme_names(codes)
    return {
        "questionnaire": questions.version,
        "route": sheet.route,
        "answers": [
            {
                "key": question.key,
                "label": question.label,
                "status": sheet.text(question.key).status.value,
                "value": sheet.text(question.key).value,
                "lines": _lines(questions, question, sheet.text(question.key), names),
                "history": [
                    _revision(text) | {"lines": _lines(questions, question, text, names)}
                    for text in kept.get(question.key, ())
                ],
            }
            for question in questions.questions.values()
        ],
    }


def _lines(questions: Questionnaire, question: Question, text: Text, names: Mapping[str, str]) -> list[str]:
    """A text to read, the reasons for a need too: this is the student's own."""
    if not text.is_answered:
        return []
    lines = answer_lines(questions, question, text.value, names)
    if question.type is not QuestionType.NEEDS:
        return lines
    reasons = [f"Waarom: {row['why']}" if row.get("why") else "" for row in text.value]
    return [part for pair in zip(lines, reasons, strict=True) for part in pair if part]


def _revision(text: Text) -> dict[str, Any]:
    return {
        "revision": text.revision,
        "status": text.status.value,
        "value": text.value,
        "at": _moment(text.updated_at),
        "by": text.by,
        "suggested_by": text.suggested_by,
        "with_mentor": text.together,
    }


def _experience(card: Card) -> dict[str, Any]:
    felt = card.face
    return {
        "kind": card.kind,
        "on": card.on.isoformat() if card.on else None,
        "did": card.did,
        "felt": str(felt.label) if felt else "",
        "learned": card.learned,
        "at": _moment(card.created_at),
    }


# --- What the student shared -------------------------------------------------------------------------------


def _shares(student: Student) -> Iterable[Share]:
    rows = Share.objects.filter(student=student).select_related("student__passport", "student__user", "case")
    rows = rows.select_related("programme__institution", "institution").order_by("-created_at")
    return rows.prefetch_related("items", "approvals", "handovers", "named_readers__person")


def _share(share: Share, key: vault.Key, known: Mapping[str, Unit]) -> dict[str, Any]:
    items = [(known[bytes(item.slot).hex()], item) for item in share.items.all() if bytes(item.slot).hex() in known]
    return {
        "id": str(share.pk),
        "with": _recipient(share),
        "link": _link(share, key),
        "purpose": str(share.get_purpose_display()),
        "status": share.state,
        "valid_until": share.valid_until.isoformat(),
        "warm_transfer": share.warm_transfer,
        "created_at": _moment(share.created_at),
        "released_at": _moment(share.released_at),
        "ended_at": _moment(share.ended_at),
        "items": [{"unit": unit.key, "label": unit.label, "state": item.state} for unit, item in items],
        "look_again": {unit: one.on.isoformat() for unit, one in reviews_of(share, key).items()},
        "approvals": [_approval(row, key) for row in share.approvals.all()],
        "read_along_by": [_staff(row) for row in share.named_readers.all()],
        "intake": _case(getattr(share, "case", None)),
        "talk": _talk(own_talk(share, key, whole=True)),
        "intake_talk": intake_talk_in(share, key),
        "fits": fits_in(share, key),
        "files": [_file(row) for row in share.handovers.all()],
        "receipts": [proof.record for proof in proofs_of(share, key)],
    }


def _recipient(share: Share) -> dict[str, str]:
    """A school, a college or staff as the student sees them; someone from home without their name."""
    found = recipient_of(share)
    label = FROM_HOME if share.recipient_kind == RecipientKind.GUARDIAN else found.label
    return {"kind": share.recipient_kind, "label": label, "institution": found.institution}


def _link(share: Share, key: vault.Key) -> dict[str, Any] | None:
    """To whom a link went, and of a placement its first day; the link itself opens nothing for its student."""
    to = to_of(share, key)
    if to is None:
        return None
    return {"email": to.email, "starts_on": to.starts_on.isoformat() if to.starts_on else None}


def _approval(row: Approval, key: vault.Key) -> dict[str, Any]:
    return {"yes": row.yes, "at": _moment(row.at), "note": note_of(row, key)}


def _case(case: Case | None) -> dict[str, Any] | None:
    if case is None:
        return None
    return {
        "status": str(case.get_status_display()),
        "received_at": _moment(case.received_at),
        "intake_at": _moment(case.intake_at),
    }


def _staff(row: NamedReader) -> dict[str, str]:
    return {"name": row.person.staff_name, "function": row.person.staff_function}


def _talk(talk: Talk | None) -> dict[str, Any] | None:
    """The talk of a warm transfer, with all that was planned."""
    return asdict(talk) | {"planned_for": _moment(talk.planned_for)} if talk else None


def _file(row: Handover) -> dict[str, Any]:
    return {"status": row.status, "asked_at": _moment(row.created_at), "ready_at": _moment(row.ready_at)}


def _replies(share: Share, key: vault.Key, names: _Names) -> list[dict[str, Any]]:
    rows = replies_to(share, key)
    names.learn(reply.by_id for reply, _text in rows)
    return [
        {"at": _moment(reply.at), "by": names.of(reply.by_id), "share": str(share.pk), "text": text}
        for reply, text in rows
    ]


# --- What was written down ---------------------------------------------------------------------------------


def _consents(student: Student, known: Mapping[str, Unit], names: _Names) -> list[dict[str, Any]]:
    """Every act on a share, newest first, as the ledger has it."""
    entries = LedgerEntry.objects.filter(student_id=student.pk).order_by("-seq")
    entries = entries.exclude(event__in=[Event.LOOK, Event.LAW_REQUEST, Event.HEARING_GIVEN, Event.HEARING_ENDED])
    names.learn(entry.actor_id for entry in entries)
    return [
        {
            "seq": entry.seq,
            "at": _moment(entry.at),
            "event": entry.event,
            "by": names.of(entry.actor_id),
            "share": str(entry.share_id),
            "purpose": entry.detail["purpose"],
            "valid_until": entry.detail["valid_until"],
            "release": entry.detail["release"],
            "units": _labels(entry, known),
        }
        for entry in entries
    ]


def _looks(student: Student, known: Mapping[str, Unit], names: _Names) -> list[dict[str, Any]]:
    """Every look, newest first; a guardian who looked is someone from home."""
    entries = list(looks_at(student.pk))
    names.learn(entry.actor_id for entry in entries)
    places = staff_places({entry.actor_id for entry in entries if entry.actor_id})
    labels = labels_of({entry.share_id for entry in entries if entry.share_id and not entry.actor_id})
    return [
        {
            "at": _moment(entry.at),
            "by": names.of(entry.actor_id) if entry.actor_id else labels.get(entry.share_id, WITH_A_LINK),
            "institution": places.get(entry.actor_id, "") if entry.actor_id else "",
            "share": str(entry.share_id) if entry.share_id else None,
            "action": entry.detail["action"],
            "units": _labels(entry, known),
        }
        for entry in entries
    ]


def _labels(entry: LedgerEntry, known: Mapping[str, Unit]) -> list[str]:
    return [known[slot].label for slot in entry.detail["slots"] if slot in known]


def _units(student: Student, key: vault.Key) -> dict[str, Unit]:
    """What each slot of this student stands for."""
    units = shareable_units(questions_of(student.passport)).values()
    return {key.slot(unit.key).hex(): unit for unit in units}


def _moment(at: Any) -> str | None:
    """In Amsterdam, to the second, with its zone."""
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None
