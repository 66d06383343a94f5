"""Every text of ours that can be translated, read from the templates and the code: needs no gettext.

`python -m tests.languages.collect` writes them into every catalogue of locale/ and makes the .mo files. A text that is
not used any more leaves, a new one comes in empty, and a translation that is there stays. The catalogue of a language
for parents holds what a parent meets (parents.py), and its .mo says who reviewed it while nothing in it is a draft.
"""

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib

ROOT = Path(__file__).parents[2]
ROOMS = ("accounts", "passport", "consent", "intake", "school", "config")
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
# The sentence of a refusal is said in the language of whoever reads it (accounts/refusals.py).
REFUSALS = {"Refusal": 1, "_no": 0}
HEADER = {"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}
# Who read every text of a language and when: tests/languages/review.py fills it in, accounts/languages.py reads it.
BY, ON = "X-Reviewed-By", "X-Reviewed-On"
HOLES = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w+>|«|»")
Message = tuple[str, str]  # with its plural, or without one


def messages() -> set[Message]:
    """Everything that is marked, and what the pages say through `|translated`."""
    return {*in_templates(), *in_code(), *((text, "") for text in named())}


def in_templates() -> Iterator[Message]:
    from django.template import engines

    engine = engines["django"].engine
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            yield from _in_nodes(engine.get_template(str(path.relative_to(ROOT / "templates"))))


def in_code() -> Iterator[Message]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield from _in_tree(_tree(path))


def named() -> set[str]:
    """Labels that stand in the code as they are stored, and that a page says with `|translated`."""
    from accounts.models import Role, Tie
    from consent.models import Purpose, RecipientKind, ShareState
    from consent.purposes import DISPLAY_IDENTITY
    from consent.recipients import GONE
    from intake.models import Ask, FollowUpGrant, Moment
    from intake.reading import IDENTITY_HEADINGS
    from intake.services.agreement_reviews import VERDICTS
    from intake.services.dossiers import PURPOSES
    from intake.services.expectations import Tick
    from intake.services.export import FROM_HOME, WITH_A_LINK
    from intake.services.follow_ups import Destination, Fits, Goes, Status, Talk
    from passport.experiences import KINDS

    after = (Moment, FollowUpGrant.Kind, Ask.About, Status, Destination, Goes, Fits, Talk)
    sets = (Role, Tie.Kind, Purpose, RecipientKind, ShareState, Tick, *after)
    labels = {str(label) for one in sets for label in one.labels}
    maps = (DISPLAY_IDENTITY, IDENTITY_HEADINGS, PURPOSES, VERDICTS)
    said = {GONE, FROM_HOME, WITH_A_LINK, "jij", "iemand die hier niet meer is", *KINDS}
    return labels | said | {str(text) for one in maps for text in one.values()}


def _in_nodes(found: object) -> Iterator[Message]:
    """Walks the nodes of a parsed template, with what hangs below them in whatever attribute."""
    from django.template.base import Node, NodeList, Template
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode

    if isinstance(found, Template):
        found = found.nodelist
    if isinstance(found, TranslateNode):
        literal = found.filter_expression.var
        text = getattr(literal, "literal", literal)
        if isinstance(text, str) and getattr(literal, "lookups", None) is None:
            yield text, ""
    elif isinstance(found, BlockTranslateNode):
        one, _names = found.render_token_list(found.singular)
        many = found.render_token_list(found.plural)[0] if found.plural and found.countervar else ""
        yield one, many
    elif isinstance(found, NodeList | list | tuple):
        for part in found:
            yield from _in_nodes(part)
    elif isinstance(found, Node):
        for name, part in vars(found).items():
            if name not in {"origin", "token", "parent"} and isinstance(part, Node | NodeList | list | tuple):
                yield from _in_nodes(part)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _in_tree(tree: ast.AST) -> Iterator[Message]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if name in {"ngettext", "ngettext_lazy"} and len(texts) >= 2:
            yield texts[0], texts[1]
        elif name in CALLS and texts:
            yield texts[0], ""
        elif name in REFUSALS and len(node.args) > REFUSALS[name]:
            yield from ((text, "") for text in _sentences(node.args[REFUSALS[name]], _constants(tree)))
    for node in ast.walk(tree):  # the default sentence of `_no`
        if isinstance(node, ast.FunctionDef) and node.name == "_no":
            for default in node.args.defaults:
                if isinstance(default, ast.Constant) and _is_sentence(default.value):
                    yield str(default.value), ""


@cache
def _constants(tree: ast.AST) -> dict[str, ast.expr]:
    """What the names at the top of a module stand for, those it takes from another room of ours too."""
    found: dict[str, ast.expr] = {}
    for node in getattr(tree, "body", []):
        path = ROOT / f"{(getattr(node, 'module', '') or 'x').replace('.', '/')}.py"
        if isinstance(node, ast.ImportFrom) and path.is_relative_to(ROOT) and path.exists():
            there = _constants(_tree(path))
            found |= {one.asname or one.name: there[one.name] for one in node.names if one.name in there}
        elif isinstance(node, ast.Assign):
            found |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
    return found


def _sentences(said: ast.expr, known: dict[str, ast.expr]) -> Iterator[str]:
    """The sentences an argument can be: as it stands there, by name, or one of two."""
    if isinstance(said, ast.Constant) and _is_sentence(said.value):
        yield str(said.value)
    elif isinstance(said, ast.Name) and said.id in known and not isinstance(known[said.id], ast.Name):
        yield from _sentences(known[said.id], known)
    elif isinstance(said, ast.IfExp):
        yield from _sentences(said.body, known)
        yield from _sentences(said.orelse, known)


def _is_sentence(text: object) -> bool:
    """What is for people; a code, or what a command says to who runs the server, begins small."""
    return isinstance(text, str) and text[:1].isupper() and " " in text


def wanted(path: Path) -> set[Message]:
    """What a catalogue has to hold: everything, or what a parent meets."""
    from tests.languages import parents

    return parents.messages() if _is_for_parents(path) else messages()


def _is_for_parents(path: Path) -> bool:
    from accounts.languages import all_languages

    return any(one.code == path.parents[1].name and not one.for_students for one in all_languages())


def said(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def faults_in(file: polib.POFile) -> list[str]:
    """What has no translation, what is a draft, and what lost or gained a name, a tag or a quote."""
    wrong = [f"not translated: {entry.msgid}" for entry in file if not all(said(entry))]
    wrong += [f"a draft: {entry.msgid}" for entry in file if entry.fuzzy]
    for entry in file:
        for text in filter(None, said(entry)):
            if set(HOLES.findall(text)) != set(HOLES.findall(entry.msgid)):
                wrong.append(f"not the same holes: {entry.msgid} → {text}")
    return wrong


def written(path: Path) -> polib.POFile:
    """A catalogue with exactly today's messages, and the translations that were there; a draft stays a draft."""
    old = polib.pofile(str(path)) if path.exists() else polib.POFile()
    kept = {(entry.msgid, entry.msgid_plural): entry for entry in old}
    new = polib.POFile(wrapwidth=0)
    new.metadata = {**HEADER, **old.metadata, "Language": path.parents[1].name}
    if _is_for_parents(path):
        new.metadata = {BY: "", ON: "", **new.metadata}
    for one, many in sorted(wanted(path)):
        entry = kept.get((one, many)) or polib.POEntry(msgid=one, msgid_plural=many)
        if many and not entry.msgstr_plural:
            entry.msgstr_plural = dict.fromkeys(range(_forms(new)), "")
        entry.occurrences, is_draft = [], entry.fuzzy and any(said(entry))
        entry.flags = [*(["fuzzy"] if is_draft else []), *(["python-format"] if "%(" in one else [])]
        new.append(entry)
    return new


def _forms(file: polib.POFile) -> int:
    """How many forms a word can have after a number in this language."""
    found = re.search(r"nplurals=(\d+)", file.metadata.get("Plural-Forms", ""))
    return int(found.group(1)) if found else 2


def keep(file: polib.POFile, path: Path) -> None:
    """Writes a catalogue and its .mo. A review counts for the texts that were read: with a fault the .mo names none."""
    file.save(str(path))
    known = dict(file.metadata)
    if faults_in(file):
        file.metadata = {name: value for name, value in known.items() if name not in {BY, ON}}
    file.save_as_mofile(str(path.with_suffix(".mo")))
    file.metadata = known


def catalogues() -> list[Path]:
    return sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for path in catalogues():
        file = written(path)
        keep(file, path)
        drafts, empty = len(file.fuzzy_entries()), sum(not all(said(entry)) for entry in file)
        print(f"{path.relative_to(ROOT)}: {len(file)} texts, {empty} without a translation, {drafts} drafts")


if __name__ == "__main__":
    main()
