"""What every field of the database holds, for whom and how long: the source of docs/data-map.md.

A field without a line here stops `manage.py make_data_map` and the tests, so nobody adds one without saying whether a
stolen database would tell it. `how long` says what the code does today.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps

from intake.data_map import accounts, agreements, consent, intake, passport, school, taster_days
from intake.data_map.lines import FILE, READABLE, Line

APPS = ("accounts", "passport", "consent", "intake", "school")

FIELDS: Mapping[str, Line] = {
    **accounts.FIELDS,
    **passport.FIELDS,
    **consent.FIELDS,
    **intake.FIELDS,
    **agreements.FIELDS,
    **school.FIELDS,
    **taster_days.FIELDS,
}

# The tables of the libraries: whole, because their fields are not ours.
LIBRARY: Mapping[str, str] = {
    "account.EmailAddress": "django-allauth: a student's own log-in address, until the student takes it away. Readable."
    " One that was never proved goes after a day.",
    "account.EmailConfirmation": "django-allauth: codes to confirm an address. Not used yet.",
    "auth.Group": "One group per recipient, named `kind:id`; nobody is a member. Readable, random ids.",
    "auth.Permission": "The permissions Django makes for every model; only `open_dossier` is used.",
    "contenttypes.ContentType": "The names of the models.",
    "guardian.GroupObjectPermission": "Empty: our permission rows are in `consent.ShareGroupObjectPermission`.",
    "guardian.UserObjectPermission": "Empty: nobody gets a permission of their own.",
    "mfa.Authenticator": "django-allauth: passkeys (public keys), and the secret of an app and of emergency codes,"
    " sealed with a key of the site.",
    "socialaccount.SocialAccount": "django-allauth: with which school log-in somebody comes in: the name of the"
    " provider and a digest of (issuer, sub). No claims: `extra_data` stays empty.",
    "socialaccount.SocialApp": "Empty: school log-ins are settings (`OIDC_PROVIDERS`).",
    "socialaccount.SocialToken": "Empty: tokens are not kept.",
    "usersessions.UserSession": "django-allauth: who is logged in since when, on what kind of device (one word); the"
    " address is always 0.0.0.0. Goes with the session, or at the next log-in after it.",
    "sessions.Session": "Who is logged in: the log-in's id and name, the kind of device, times, how pages look."
    " For who is coming in the random id of an invitation or of a request for a code, never a code or an address."
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
    (
        "`VAR_DIR/ledger.anchor`",
        "a number and a digest per ledger entry, the random id of a share that ended or changed, restores",
        "**hashed**",
        "stays",
    ),
    (
        "backups of the data (`script/backup`)",
        "the data database, the sealed files, the anchor and the erasure list, ids of keys",
        "as they are here; nothing of a student is readable",
        "35 days",
    ),
    (
        "backups of the keys (`script/backup`)",
        "the key database and the erasure list",
        "wrapped data keys; what opens them is in no backup",
        "7 days",
    ),
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
        "the random id of a handover, a share, a student, an invitation or a request for a code",
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

Made by `manage.py make_data_map` from `intake/data_map/`; do not edit it by hand. A test fails when it is not what
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
    problems = [f"{name}: say in intake/data_map/ what it holds" for name in sorted(fields - set(lines))]
    problems += [f"{name}: is in intake/data_map/ and no longer a field" for name in sorted(set(lines) - fields)]
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
