"""What every field of the database holds, for whom and how long: the source of docs/data-map.md.

A field without a line here stops `manage.py make_data_map` and the tests, so nobody adds one without saying whether a
stolen database would tell it. `how long` says what the code does today.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.apps import apps

APPS = ("accounts", "passport", "consent", "intake")


class Kind(StrEnum):
    READABLE = "readable"  # as it is: who holds the database reads it
    SEALED = "sealed"  # AES-GCM under somebody's own key; unreadable without the key database and the KEK
    SLOT = "slot"  # the name of a unit as a keyed hash: only that student's key can tell which unit
    HASHED = "hashed"  # a hash or keyed digest: proves a match, cannot be read back


READABLE, SEALED, SLOT, HASHED = Kind.READABLE, Kind.SEALED, Kind.SLOT, Kind.HASHED

# Whose it is.
STUDENT, GUARDIAN, STAFF, READER = "student", "guardian", "staff", "reader"
PERSON, PLACE, SITE, LEDGER = "who logs in", "institution", "the site", "student and reader"

# How long it stays.
ACCOUNT = "as long as the account"
WITH_STUDENT = "as long as the passport"
WITH_PLACE = "as long as the institution is listed"
WITH_SHARE = "as long as the share's row: after its end too, as proof for the student"
SIGNED = "stays: what a purpose meant on a day must stay readable"
WITH_CASE = "as long as the share's row; no name shows after the share ended"
DATED = "stays after its end date, as history"
SITTING = "as long as the passport; texts in between of one sitting go at night"
DRAFT = "emptied at yes, gone at no, else gone at night after a day"
JOB = "as long as the share's row"
FILE = "until the share changes or ends, the intake is over, or 90 days"
KEY = "until erased; the row stays as a tombstone"
FOREVER = "stays: published versions are never changed"
PROOF = "stays as proof, under an id that leads to nobody once the student is erased"


@dataclass(frozen=True, slots=True)
class Line:
    kind: Kind
    what: str
    whose: str
    how_long: str


FIELDS: Mapping[str, Line] = {
    # --- accounts
    "accounts.User.id": Line(READABLE, "random id", PERSON, ACCOUNT),
    "accounts.User.password": Line(HASHED, "password, argon2id", PERSON, ACCOUNT),
    "accounts.User.last_login": Line(READABLE, "when they last logged in", PERSON, ACCOUNT),
    "accounts.User.username": Line(READABLE, "log-in name; of a student a handle without a name", PERSON, ACCOUNT),
    "accounts.User.email": Line(READABLE, "log-in e-mail address; empty for students without one", PERSON, ACCOUNT),
    "accounts.User.staff_name": Line(READABLE, "name as students and colleagues see it", STAFF, ACCOUNT),
    "accounts.User.staff_function": Line(READABLE, "function at work", STAFF, ACCOUNT),
    "accounts.User.staff_telephone": Line(READABLE, "telephone at work, for a warm transfer", STAFF, ACCOUNT),
    "accounts.User.is_active": Line(READABLE, "may log in", PERSON, ACCOUNT),
    "accounts.User.is_superuser": Line(READABLE, "runs the site; reads no passport by it", STAFF, ACCOUNT),
    "accounts.User.date_joined": Line(READABLE, "when the account was made", PERSON, ACCOUNT),
    "accounts.Region.id": Line(READABLE, "random id", PLACE, WITH_PLACE),
    "accounts.Region.code": Line(READABLE, "code of the region", PLACE, WITH_PLACE),
    "accounts.Region.name": Line(READABLE, "name of the region", PLACE, WITH_PLACE),
    "accounts.Institution.id": Line(READABLE, "random id", PLACE, WITH_PLACE),
    "accounts.Institution.name": Line(READABLE, "name of the school, college or employer", PLACE, WITH_PLACE),
    "accounts.Institution.kind": Line(READABLE, "vso, pro, vo, isk, mbo or employer", PLACE, WITH_PLACE),
    "accounts.Institution.place": Line(READABLE, "town", PLACE, WITH_PLACE),
    "accounts.Institution.region": Line(READABLE, "its region", PLACE, WITH_PLACE),
    "accounts.InstitutionIdentifier.id": Line(READABLE, "row number", PLACE, WITH_PLACE),
    "accounts.InstitutionIdentifier.institution": Line(READABLE, "whose code", PLACE, WITH_PLACE),
    "accounts.InstitutionIdentifier.kind": Line(READABLE, "BRIN, RIO or OIN", PLACE, WITH_PLACE),
    "accounts.InstitutionIdentifier.value": Line(READABLE, "the code", PLACE, WITH_PLACE),
    "accounts.SchoolClass.id": Line(READABLE, "random id", PLACE, WITH_PLACE),
    "accounts.SchoolClass.institution": Line(READABLE, "the school", PLACE, WITH_PLACE),
    "accounts.SchoolClass.name": Line(READABLE, "name of the class", PLACE, WITH_PLACE),
    "accounts.SchoolClass.school_year": Line(READABLE, "school year", PLACE, WITH_PLACE),
    "accounts.Programme.id": Line(READABLE, "random id", PLACE, WITH_PLACE),
    "accounts.Programme.institution": Line(READABLE, "the college", PLACE, WITH_PLACE),
    "accounts.Programme.partner": Line(READABLE, "second school of an entree at a vso", PLACE, WITH_PLACE),
    "accounts.Programme.code": Line(READABLE, "code of the programme", PLACE, WITH_PLACE),
    "accounts.Programme.name": Line(READABLE, "name of the programme", PLACE, WITH_PLACE),
    "accounts.Programme.kind": Line(READABLE, "mbo, bridging or entree", PLACE, WITH_PLACE),
    "accounts.Programme.level": Line(READABLE, "level 1 to 4", PLACE, WITH_PLACE),
    "accounts.Programme.learning_route": Line(READABLE, "bol or bbl", PLACE, WITH_PLACE),
    "accounts.Programme.crebo": Line(READABLE, "crebo number", PLACE, WITH_PLACE),
    "accounts.Programme.place": Line(READABLE, "town", PLACE, WITH_PLACE),
    "accounts.Student.id": Line(READABLE, "random id; also the owner of the data key", STUDENT, WITH_STUDENT),
    "accounts.Student.user": Line(READABLE, "the log-in", STUDENT, WITH_STUDENT),
    "accounts.Student.sealed_identity": Line(SEALED, "names, birth date, application reference", STUDENT, WITH_STUDENT),
    "accounts.Student.frozen_at": Line(READABLE, "since when nobody may read", STUDENT, WITH_STUDENT),
    "accounts.Student.erase_after": Line(READABLE, "when the passport will be erased", STUDENT, WITH_STUDENT),
    "accounts.Guardian.id": Line(READABLE, "random id; also the owner of the data key", GUARDIAN, ACCOUNT),
    "accounts.Guardian.user": Line(READABLE, "the log-in", GUARDIAN, ACCOUNT),
    "accounts.Guardian.sealed_identity": Line(SEALED, "the name", GUARDIAN, ACCOUNT),
    "accounts.Membership.id": Line(READABLE, "random id", PERSON, DATED),
    "accounts.Membership.user": Line(READABLE, "who", PERSON, DATED),
    "accounts.Membership.role": Line(READABLE, "as what: student, mentor, intaker, …", PERSON, DATED),
    "accounts.Membership.institution": Line(READABLE, "of which institution", PERSON, DATED),
    "accounts.Membership.school_class": Line(READABLE, "of which class", PERSON, DATED),
    "accounts.Membership.programme": Line(READABLE, "of which programme", PERSON, DATED),
    "accounts.Membership.region": Line(READABLE, "of which region", PERSON, DATED),
    "accounts.Membership.starts_on": Line(READABLE, "from which day", PERSON, DATED),
    "accounts.Membership.ends_on": Line(READABLE, "until which day", PERSON, DATED),
    "accounts.Tie.id": Line(READABLE, "random id", STUDENT, DATED),
    "accounts.Tie.student": Line(READABLE, "the student", STUDENT, DATED),
    "accounts.Tie.person": Line(READABLE, "the other person's log-in", STUDENT, DATED),
    "accounts.Tie.kind": Line(READABLE, "guardian, coach, buddy or legal representative", STUDENT, DATED),
    "accounts.Tie.label": Line(READABLE, "the relation in a word, e.g. «moeder»", STUDENT, DATED),
    "accounts.Tie.confirmed_at": Line(READABLE, "when the person accepted", STUDENT, DATED),
    "accounts.Tie.authority_checked_at": Line(READABLE, "when the school recorded authority", STUDENT, DATED),
    "accounts.Tie.starts_on": Line(READABLE, "from which day", STUDENT, DATED),
    "accounts.Tie.ends_on": Line(READABLE, "until which day", STUDENT, DATED),
    "accounts.DataKey.id": Line(READABLE, "row number (key database)", SITE, KEY),
    "accounts.DataKey.owner_id": Line(READABLE, "the random id of a student or guardian", SITE, KEY),
    "accounts.DataKey.version": Line(READABLE, "number of the key", SITE, KEY),
    "accounts.DataKey.kek_id": Line(READABLE, "which key-encryption key wraps it", SITE, KEY),
    "accounts.DataKey.wrapped": Line(SEALED, "the data key, under a key of FIELD_KEYS", SITE, KEY),
    "accounts.DataKey.created_at": Line(READABLE, "when it was made", SITE, KEY),
    "accounts.DataKey.destroyed_at": Line(READABLE, "when it was destroyed", SITE, KEY),
    # --- passport
    "passport.QuestionnaireVersion.id": Line(READABLE, "random id", SITE, FOREVER),
    "passport.QuestionnaireVersion.version": Line(READABLE, "number of the version", SITE, FOREVER),
    "passport.QuestionnaireVersion.language": Line(READABLE, "language of the questions", SITE, FOREVER),
    "passport.QuestionnaireVersion.content": Line(READABLE, "the questions; nothing of a person", SITE, FOREVER),
    "passport.QuestionnaireVersion.sha256": Line(HASHED, "digest of the content", SITE, FOREVER),
    "passport.QuestionnaireVersion.published_at": Line(READABLE, "when it was published", SITE, FOREVER),
    "passport.Passport.student": Line(READABLE, "whose passport", STUDENT, WITH_STUDENT),
    "passport.Passport.questionnaire": Line(READABLE, "which version is asked", STUDENT, WITH_STUDENT),
    "passport.Passport.sealed_route": Line(SEALED, "the route: mbo or work", STUDENT, WITH_STUDENT),
    "passport.Answer.id": Line(READABLE, "random id", STUDENT, WITH_STUDENT),
    "passport.Answer.student": Line(READABLE, "whose answer", STUDENT, WITH_STUDENT),
    "passport.Answer.slot": Line(SLOT, "which question", STUDENT, WITH_STUDENT),
    "passport.Answer.revision": Line(READABLE, "how often it was saved", STUDENT, WITH_STUDENT),
    "passport.Answer.newest": Line(READABLE, "the newest text", STUDENT, WITH_STUDENT),
    "passport.Answer.updated_at": Line(READABLE, "when it was last saved", STUDENT, WITH_STUDENT),
    "passport.AnswerRevision.id": Line(READABLE, "random id", STUDENT, SITTING),
    "passport.AnswerRevision.answer": Line(READABLE, "of which answer", STUDENT, SITTING),
    "passport.AnswerRevision.number": Line(READABLE, "which text it is, counted from one", STUDENT, SITTING),
    "passport.AnswerRevision.questionnaire": Line(READABLE, "the version it was asked in", STUDENT, SITTING),
    "passport.AnswerRevision.sealed": Line(SEALED, "status, text, since when each unit speaks", STUDENT, SITTING),
    "passport.AnswerRevision.by": Line(READABLE, "whose log-in saved it", STUDENT, SITTING),
    "passport.AnswerRevision.created_at": Line(READABLE, "when", STUDENT, SITTING),
    # --- consent
    "consent.Share.id": Line(READABLE, "random id", STUDENT, WITH_SHARE),
    "consent.Share.student": Line(READABLE, "who shares", STUDENT, WITH_SHARE),
    "consent.Share.recipient_kind": Line(READABLE, "with what kind of recipient", STUDENT, WITH_SHARE),
    "consent.Share.institution": Line(READABLE, "with which school", STUDENT, WITH_SHARE),
    "consent.Share.programme": Line(READABLE, "with which programme", STUDENT, WITH_SHARE),
    "consent.Share.person": Line(READABLE, "with which person's log-in", STUDENT, WITH_SHARE),
    "consent.Share.purpose": Line(READABLE, "what for", STUDENT, WITH_SHARE),
    "consent.Share.state": Line(READABLE, "waiting, active or how it ended", STUDENT, WITH_SHARE),
    "consent.Share.valid_until": Line(READABLE, "the last day", STUDENT, WITH_SHARE),
    "consent.Share.warm_transfer": Line(READABLE, "may the school hand it over in person", STUDENT, WITH_SHARE),
    "consent.Share.approval_required": Line(READABLE, "does a guardian have to say yes", STUDENT, WITH_SHARE),
    "consent.Share.waiting_valid_until": Line(READABLE, "the last day a guardian is asked for", STUDENT, WITH_SHARE),
    "consent.Share.waiting_warm_transfer": Line(
        READABLE, "is a guardian asked for handing it over in person", STUDENT, WITH_SHARE
    ),
    "consent.Share.release": Line(READABLE, "how often what is seen changed", STUDENT, WITH_SHARE),
    "consent.Share.created_at": Line(READABLE, "when it was given", STUDENT, WITH_SHARE),
    "consent.Share.released_at": Line(READABLE, "when what is seen last changed", STUDENT, WITH_SHARE),
    "consent.Share.ended_at": Line(READABLE, "when it ended", STUDENT, WITH_SHARE),
    "consent.ShareGroupObjectPermission.id": Line(READABLE, "row number", STUDENT, "while the share is live"),
    "consent.ShareGroupObjectPermission.permission": Line(
        READABLE, "always open_dossier", STUDENT, "while the share is live"
    ),
    "consent.ShareGroupObjectPermission.group": Line(
        READABLE, "the recipient, as a group without members", STUDENT, "while the share is live"
    ),
    "consent.ShareGroupObjectPermission.content_object": Line(
        READABLE, "which share is open", STUDENT, "while the share is live"
    ),
    "consent.ShareItem.id": Line(READABLE, "random id", STUDENT, WITH_SHARE),
    "consent.ShareItem.share": Line(READABLE, "of which share", STUDENT, WITH_SHARE),
    "consent.ShareItem.slot": Line(SLOT, "which unit", STUDENT, WITH_SHARE),
    "consent.ShareItem.state": Line(READABLE, "given, or waiting for a guardian", STUDENT, WITH_SHARE),
    "consent.ShareItem.answer": Line(READABLE, "the answer it shows", STUDENT, WITH_SHARE),
    "consent.ShareItem.revision": Line(READABLE, "the text that was released", STUDENT, WITH_SHARE),
    "consent.ShareItem.sealed_text": Line(SEALED, "who the student is, as far as ticked", STUDENT, WITH_SHARE),
    "consent.Release.id": Line(READABLE, "row number", STUDENT, WITH_SHARE),
    "consent.Release.share": Line(READABLE, "of which share", STUDENT, WITH_SHARE),
    "consent.Release.number": Line(READABLE, "which release", STUDENT, WITH_SHARE),
    "consent.Release.at": Line(READABLE, "since when", STUDENT, WITH_SHARE),
    "consent.Release.digest": Line(HASHED, "what was to be seen, under the student's key", STUDENT, WITH_SHARE),
    "consent.Approval.id": Line(READABLE, "row number", GUARDIAN, WITH_SHARE),
    "consent.Approval.share": Line(READABLE, "of which share", GUARDIAN, WITH_SHARE),
    "consent.Approval.person": Line(READABLE, "which guardian's log-in", GUARDIAN, WITH_SHARE),
    "consent.Approval.yes": Line(READABLE, "yes or no", GUARDIAN, WITH_SHARE),
    "consent.Approval.release": Line(READABLE, "to which release", GUARDIAN, WITH_SHARE),
    "consent.Approval.at": Line(READABLE, "when", GUARDIAN, WITH_SHARE),
    "consent.Approval.sealed_note": Line(SEALED, "a guardian's note to the student", GUARDIAN, WITH_SHARE),
    "consent.ShareDraft.id": Line(READABLE, "random id", STUDENT, DRAFT),
    "consent.ShareDraft.student": Line(READABLE, "whose draft", STUDENT, DRAFT),
    "consent.ShareDraft.sealed": Line(SEALED, "with whom, which units, until when", STUDENT, DRAFT),
    "consent.ShareDraft.created_at": Line(READABLE, "when it was started", STUDENT, DRAFT),
    "consent.Reply.id": Line(READABLE, "random id", READER, WITH_SHARE),
    "consent.Reply.share": Line(READABLE, "on which share", READER, WITH_SHARE),
    "consent.Reply.by": Line(READABLE, "whose log-in", READER, WITH_SHARE),
    "consent.Reply.at": Line(READABLE, "when", READER, WITH_SHARE),
    "consent.Reply.sealed_text": Line(SEALED, "what was written back, under the student's key", READER, WITH_SHARE),
    "consent.ConsentRecord.id": Line(READABLE, "random id", STUDENT, WITH_SHARE),
    "consent.ConsentRecord.share": Line(READABLE, "of which share", STUDENT, WITH_SHARE),
    "consent.ConsentRecord.event": Line(READABLE, "what happened: given, withdrawn, …", STUDENT, WITH_SHARE),
    "consent.ConsentRecord.at": Line(READABLE, "when", STUDENT, WITH_SHARE),
    "consent.ConsentRecord.sealed_record": Line(SEALED, "the signed record of what was agreed", STUDENT, WITH_SHARE),
    "consent.PurposeSetting.id": Line(READABLE, "random id", SITE, SIGNED),
    "consent.PurposeSetting.purpose": Line(READABLE, "which purpose", SITE, SIGNED),
    "consent.PurposeSetting.valid_from": Line(READABLE, "from which day", SITE, SIGNED),
    "consent.PurposeSetting.controller": Line(READABLE, "who is responsible in law", SITE, SIGNED),
    "consent.PurposeSetting.legal_basis": Line(READABLE, "the basis in law", SITE, SIGNED),
    "consent.PurposeSetting.special_ground": Line(READABLE, "the ground for special data", SITE, SIGNED),
    "consent.PurposeSetting.age_rule": Line(READABLE, "who decides at which age", SITE, SIGNED),
    "consent.PurposeSetting.longest": Line(READABLE, "how long at most", SITE, SIGNED),
    "consent.PurposeSetting.notice_version": Line(READABLE, "number of the notice", SITE, SIGNED),
    "consent.PurposeSetting.notice_language": Line(READABLE, "language of the notice", SITE, SIGNED),
    "consent.PurposeSetting.notice_text": Line(READABLE, "the notice itself; nothing of a person", SITE, SIGNED),
    "consent.LedgerEntry.seq": Line(READABLE, "place in the chain", LEDGER, PROOF),
    "consent.LedgerEntry.at": Line(READABLE, "when", LEDGER, PROOF),
    "consent.LedgerEntry.event": Line(READABLE, "what happened: given, look, withdrawn, …", LEDGER, PROOF),
    "consent.LedgerEntry.actor_id": Line(READABLE, "the random id of who did it", LEDGER, PROOF),
    "consent.LedgerEntry.student_id": Line(READABLE, "the random id of the student", LEDGER, PROOF),
    "consent.LedgerEntry.share_id": Line(READABLE, "the random id of the share", LEDGER, PROOF),
    "consent.LedgerEntry.detail": Line(
        READABLE, "units as slots, purpose, recipient's id, last day, release, how it was looked at", LEDGER, PROOF
    ),
    "consent.LedgerEntry.mac": Line(HASHED, "the link of the chain, under LEDGER_KEY", LEDGER, PROOF),
    # --- intake
    "intake.Offer.id": Line(READABLE, "random id", PLACE, WITH_PLACE),
    "intake.Offer.programme": Line(READABLE, "of which programme", PLACE, WITH_PLACE),
    "intake.Offer.need": Line(READABLE, "for which need; public, of nobody", PLACE, WITH_PLACE),
    "intake.Offer.layer": Line(READABLE, "basic, extra or external", PLACE, WITH_PLACE),
    "intake.Offer.text": Line(READABLE, "what the college gives; public", PLACE, WITH_PLACE),
    "intake.Case.id": Line(READABLE, "random id", STUDENT, WITH_CASE),
    "intake.Case.share": Line(READABLE, "of which share", STUDENT, WITH_CASE),
    "intake.Case.programme": Line(READABLE, "at which programme", STUDENT, WITH_CASE),
    "intake.Case.status": Line(READABLE, "how far the intake is", STUDENT, WITH_CASE),
    "intake.Case.received_at": Line(READABLE, "when the share came in", STUDENT, WITH_CASE),
    "intake.Case.intake_at": Line(READABLE, "when the talk is", STUDENT, WITH_CASE),
    "intake.Case.assigned_to": Line(READABLE, "which intaker", STUDENT, WITH_CASE),
    "intake.Handover.id": Line(READABLE, "random id", STUDENT, JOB),
    "intake.Handover.share": Line(READABLE, "of which share", STUDENT, JOB),
    "intake.Handover.release": Line(READABLE, "of which release", STUDENT, JOB),
    "intake.Handover.status": Line(READABLE, "queued, rendering, ready, failed or void", STUDENT, JOB),
    "intake.Handover.attempts": Line(READABLE, "how often it was tried", STUDENT, JOB),
    "intake.Handover.lease_until": Line(READABLE, "until when a worker has it", STUDENT, JOB),
    "intake.Handover.code_sha256": Line(HASHED, "the code printed on it", STUDENT, FILE),
    "intake.Handover.file": Line(READABLE, "random name of the file; the file itself is sealed", STUDENT, FILE),
    "intake.Handover.content_digest": Line(HASHED, "keyed digest of what the file says", STUDENT, JOB),
    "intake.Handover.created_at": Line(READABLE, "when it was asked for", STUDENT, JOB),
    "intake.Handover.ready_at": Line(READABLE, "when it was ready", STUDENT, JOB),
}

# The tables of the libraries: whole, because their fields are not ours.
LIBRARY: Mapping[str, str] = {
    "account.EmailAddress": "django-allauth: log-in e-mail addresses. Readable.",
    "account.EmailConfirmation": "django-allauth: codes to confirm an address. Not used yet.",
    "auth.Group": "One group per recipient, named `kind:id`; nobody is a member. Readable, random ids.",
    "auth.Permission": "The permissions Django makes for every model; only `open_dossier` is used.",
    "contenttypes.ContentType": "The names of the models.",
    "guardian.GroupObjectPermission": "Empty: our permission rows are in `consent.ShareGroupObjectPermission`.",
    "guardian.UserObjectPermission": "Empty: nobody gets a permission of their own.",
    "sessions.Session": "Who is logged in: the log-in's id and name, the kind of device, times, how pages look."
    " Signed, not sealed; no answer and no tick.",
}

# What is kept outside the databases: place, what it holds, how it is stored, how long.
BESIDE: tuple[tuple[str, str, str, str], ...] = (
    (
        "`STORAGE_URL` (`VAR_DIR/files`)",
        "handover files under random names, in steps of 64 KB",
        "**sealed** with the student's key",
        FILE,
    ),
    ("`VAR_DIR/ledger.anchor`", "a number and a digest per ledger entry", "**hashed**", "stays"),
    (
        "`ERASURE_LIST` (`VAR_DIR/erasures.list`)",
        "when whose key was destroyed: a time and the random id of a student or guardian, who is gone",
        "readable",
        "stays: a backup may come back after years",
    ),
    (
        "`VAR_DIR/secrets/`",
        "the keys of the embedded default; production keeps its keys elsewhere",
        "readable, folder mode 0700",
        "until removed",
    ),
    (
        "broker (`VAR_DIR/broker` or Redis)",
        "the random id of a handover, a share or a student",
        "readable",
        "until a worker takes it",
    ),
    ("cache (`VAR_DIR/cache` or Redis)", "counts of log-in attempts", "readable", "minutes"),
    (
        "logs (standard output)",
        "route names, status, milliseconds, request ids; no path, no person",
        "readable",
        "the hoster's choice",
    ),
    (
        "the browser",
        "session, CSRF and device cookie; a message until it is shown (it may name a college, never a person);"
        " nothing a student wrote",
        "signed",
        "the session; the device cookie a year, or until «Stop voor nu»",
    ),
)

INTRO = """\
# Data map

Made by `manage.py make_data_map` from `intake/data_map.py`; do not edit it by hand. A test fails when it is not what
the code makes, or when a field has no line.

- **readable**: who holds the database reads it.
- **sealed**: AES-256-GCM under the key of one person. The wrapped keys are in another database, the key that wraps them
  in neither.
- **slot**: which unit it is about, as a keyed hash. Only that student's key can tell.
- **hashed**: proves a match, cannot be read back.

*How long* says what the code does today. A passport goes when its student erases it, or by itself two years after
school (`intake/services/retention.py`); what hangs on it goes with it.

What a holder of the data database alone can still count: how often answers were saved and when, how many units a share
has, how many of them come from one answer, and how many say who the student is. Who is tied to whom as guardian or
coach is readable too, without their names.
"""


class Unclassified(Exception):
    """The catalogue and the models differ; the message names every field."""


def fields_of(models: Iterable[Any]) -> list[str]:
    """Every column of these models, inherited ones too, as "app.Model.field"."""
    return [
        f"{model._meta.label}.{field.name}"
        for model in models
        for field in (*model._meta.concrete_fields, *model._meta.local_many_to_many)
    ]


def our_models() -> list[Any]:
    """The models of our own rooms, in the order of the rooms."""
    return [model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]


def check(models: Iterable[Any], lines: Mapping[str, Line] = FIELDS) -> None:
    """Raises Unclassified for a field without a line and for a line without a field."""
    fields = set(fields_of(models))
    problems = [f"{name}: say in intake/data_map.py what it holds" for name in sorted(fields - set(lines))]
    problems += [f"{name}: is in intake/data_map.py and no longer a field" for name in sorted(set(lines) - fields)]
    if problems:
        raise Unclassified("\n".join(problems))


def check_library() -> None:
    """Raises Unclassified for a model of a library that LIBRARY does not name, and the other way round."""
    found = {model._meta.label for model in apps.get_models() if model._meta.app_label not in APPS}
    if wrong := sorted(found ^ set(LIBRARY)):
        raise Unclassified("\n".join(f"{label}: LIBRARY and the installed apps differ" for label in wrong))


def render() -> str:
    """The text of docs/data-map.md. Raises Unclassified."""
    models = our_models()
    check(models)
    check_library()
    parts = [INTRO]
    for app in APPS:
        parts.append(f"## {app}\n")
        parts += [_table(model) for model in models if model._meta.app_label == app]
    library = [f"- `{label}`: {words}" for label, words in sorted(LIBRARY.items())]
    beside = [f"| {' | '.join(row)} |" for row in (("Place", "Holds", "Stored as", "How long"), ("---",) * 4, *BESIDE)]
    parts += ["## Tables of the libraries\n", *library, "\n## Beside the databases\n", *beside, ""]
    return "\n".join(parts)


def _table(model: Any) -> str:
    rows = [
        f"### {model._meta.label}\n",
        "| Field | Holds | Stored as | Whose | How long |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in fields_of([model]):
        line = FIELDS[name]
        kind = line.kind if line.kind is READABLE else f"**{line.kind}**"
        rows.append(f"| `{name.rpartition('.')[2]}` | {line.what} | {kind} | {line.whose} | {line.how_long} |")
    return "\n".join([*rows, ""])
