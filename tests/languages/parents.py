"""Which texts a parent meets: what a language for parents has to have before it may be chosen.

The pages by name, with every part they include, and the rooms of the code whose sentences stand on them or in a mail to
a parent. tests/languages/test_parents.py looks at every page of the parents of the demo and finds what is missing here.
"""

from collections.abc import Iterator

from django.template import engines
from django.template.base import Node, NodeList, Template
from django.template.loader_tags import ExtendsNode, IncludeNode

from tests.languages import collect

# In templates/; a part that is included comes along by itself.
PAGES = (
    "base.html", "layout_public.html", "layout_staff.html", "refusal.html", "not_saved.html",
    *(f"{one}.html" for one in (400, 403, 404, 429, 500, 503)), "403_csrf.html",
    *(f"accounts/{one}.html" for one in (
        "home", "login", "logout", "mail_code", "mail_code_type", "goodbye", "help", "privacy", "accessibility",
        "reading", "no_network", "public", "once_more", "settings", "own_login", "own_mail", "own_mail_code", "welcome",
    )),
    *(f"consent/{one}.html" for one in ("share_receipt", "_notice", "_receipt_event")),
    *(f"intake/{one}.html" for one in (
        "invitation", "invitation_code", "invitation_answer", "invitation_closed", "invitation_no", "home_approvals",
        "approval", "approval_stop", "dossier_list", "dossier_home", "agreement_home", "erased", "region_help",
        "offers_compare",
    )),
    *(f"school/{one}.html" for one in ("parents", "home_talk", "parents_evening", "mail_stop", "mail_wish")),
    "passport/words.html", "_parts/words.html",
    "emails/login_code.txt", "emails/login_changed.txt",
)  # fmt: skip
# What those hold for a student or for staff alone.
NOT_THEIRS = {"layout_student.html", "_parts/outbox.html", "_parts/demo_band.html", "school/_staff_doors.html"}
ROOMS = (
    "accounts/reading.py", "accounts/refusals.py", "accounts/mail_codes.py", "accounts/invitations.py",
    "accounts/limits.py", "accounts/entrance.py", "accounts/adapter.py", "accounts/forms.py",
    "consent/services/approving.py", "consent/templatetags/consent.py", "consent/notices.py",
    "intake/reader_forms.py", "intake/services/mail.py", "intake/services/inviting.py", "intake/services/remarks.py",
    "intake/services/agreement_signing.py", "intake/services/law.py", "intake/services/mailday.py",
    "intake/views/home.py", "intake/views/invitations.py", "intake/templatetags/reader.py",
    "intake/templatetags/offers.py", "config/errors.py",
)  # fmt: skip


def templates() -> set[str]:
    """The pages and everything they include or extend, by name."""
    found: set[str] = set()
    waiting = list(PAGES)
    while waiting:
        name = waiting.pop()
        if name not in found | NOT_THEIRS:
            found.add(name)
            waiting += _named_in(_engine().get_template(name))
    return found


def messages() -> set[collect.Message]:
    """Every text of those pages and rooms, and what is said by name on them."""
    texts = {one for name in templates() for one in collect._in_nodes(_engine().get_template(name))}
    for room in ROOMS:
        texts |= set(collect._in_tree(collect._tree(collect.ROOT / room)))
    return texts | {(text, "") for text in _named()}


def _named() -> set[str]:
    """Labels that are stored in Dutch and stand on these pages through `|translated`."""
    from accounts.models import Tie
    from consent.models import Purpose, RecipientKind
    from consent.purposes import DISPLAY_IDENTITY
    from consent.recipients import GONE
    from intake.reading import IDENTITY_HEADINGS
    from intake.services.agreement_reviews import VERDICTS
    from intake.services.dossiers import PURPOSES

    labels = {str(label) for one in (Tie.Kind, Purpose, RecipientKind) for label in one.labels}
    maps = (DISPLAY_IDENTITY, IDENTITY_HEADINGS, PURPOSES, VERDICTS)
    return labels | {GONE} | {str(text) for one in maps for text in one.values()}


def _engine():
    return engines["django"].engine


def _named_in(found: object) -> Iterator[str]:
    """The templates a parsed one includes or extends by a fixed name."""
    if isinstance(found, Template):
        found = found.nodelist
    if isinstance(found, IncludeNode | ExtendsNode):
        name = found.template.var if isinstance(found, IncludeNode) else found.parent_name.var
        if isinstance(name, str):
            yield name
    if isinstance(found, NodeList | list | tuple):
        for part in found:
            yield from _named_in(part)
    elif isinstance(found, Node):
        if filename := getattr(found, "filename", ""):  # of an inclusion tag
            yield filename
        for name, part in vars(found).items():
            if name not in {"origin", "token", "parent"} and isinstance(part, Node | NodeList | list | tuple):
                yield from _named_in(part)
