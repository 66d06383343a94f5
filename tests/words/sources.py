"""The texts of the product where they are written: templates, Python and YAML; every branch, drawn or not."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.words import page

ROOT = Path(__file__).parents[2]
APPS = ("accounts", "passport", "consent", "intake", "school", "config")
# Files whose texts nobody reads on a screen: for developers and administrators, or invented people's.
NOT_READ = re.compile(
    r"/(migrations|management|data_map|demo|urls)/|urls\.py|config/(settings|openapi|env|checks)\.py|accounts/(demo|prepared)\.py|"
    r"passport/questionnaire\.py|consent/(notices|signing)\.py"
)
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.S)
TRANSLATE = re.compile(r"""{% translate (?P<q>["'])(?P<text>.*?)(?P=q)(?P<named> as \w+)? %}""")
BLOCK = re.compile(r"{% blocktranslate(?P<head>[^%]*)%}(?P<text>.*?){% endblocktranslate %}", re.S)
LITERAL = re.compile(r"""\b(?:text|title|label|action)="([^"]+)\"""")
TAG = re.compile(r"({%.*?%}|{{.*?}}|<[/!a-zA-Z]|>)", re.S)
DUTCH = re.compile(
    r"\b(?:de|het|een|je|jij|jouw|u|uw|niet|geen|dit|dat|van|met|voor|en|kan|mag|hier|nog|wat|wie)\b", re.I
)
ENGLISH = re.compile(r"\b(?:the|a|an|to|not|this|that|what|who|and|for|with|must|has|are|there|once|it)\b", re.I)
SAM = "Sam"
# An attribute in a part of its own, without its element around it.
SAID_LATER = re.compile(r'data-say-\w+="([^"]*)"')
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"?|\b(?:data|aria)-[\w-]+|\b(?:checked|disabled)\b|\bid_\w+')

# What the layouts of a page say of its reader.
LAYOUTS = {"layout_staff.html": "staff", "layout_student.html": "student", "layout_public.html": "student"}


def templates() -> dict[str, str]:
    """Every template by its name."""
    folder = ROOT / "templates"
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))}


def template_lines(name: str, source: str) -> list[tuple[str, str]]:
    """(reader, text) of every block of a template, all its branches apart."""
    return [(who or reader_of(name), text) for who, text in page.read(plain(source)).lines]


def plain(source: str) -> str:
    """A template as HTML that says all it can say: a name for what is filled in, a line for every way."""
    source = BLOCK.sub(_block, COMMENT.sub("", source)).replace("}}{{", "}} {{")
    source = TRANSLATE.sub(lambda it: f"<p>{it['text']}</p>" if it["named"] else it["text"], source)
    said, inside = [], False
    for part in TAG.split(source):
        if part.startswith("{{"):
            said.append(SAM)
        elif part.startswith("{%"):
            said += [f"<p>{text}</p>" for text in LITERAL.findall(part) if "include" in part and not inside]
            said.append("" if inside else "<br>")
        else:
            inside = part != ">" and (inside or (len(part) == 2 and part[0] == "<"))
            said += [f"<p>{text}</p>" for text in SAID_LATER.findall(part) if not inside]
            said.append(part if inside else ATTRIBUTE.sub("", part))
    return "".join(said)


def _block(found: re.Match[str]) -> str:
    ways = re.sub(r"{{.*?}}", SAM, found["text"]).split("{% plural %}")
    return "".join(f"<p>{way.strip()}</p>" for way in ways) if " asvar " in found["head"] or len(ways) > 1 else ways[0]


@cache
def reader_of(name: str) -> str:
    """For whom a template is: what its layout says, else whoever includes it; "" when that is not one reader."""
    if name in LAYOUTS:
        return LAYOUTS[name]
    if name.startswith("handover/"):
        return "staff"
    source = templates()[name]
    if said := re.search(r'{% block main_attrs %} data-reader="(\w+)"', source):
        return said[1]
    if above := re.search(r'{% extends "([^"]+)" %}', source):
        return reader_of(above[1])
    users = {user for user, text in templates().items() if re.search(rf'"{re.escape(name)}"', text) and user != name}
    readers = {reader_of(user) for user in users}
    return readers.pop() if len(readers) == 1 else ""


def python_lines() -> Iterator[tuple[str, str]]:
    """(place, text) of every Dutch text in the code that a screen, a mail or an answer of the API may show."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            place = str(path.relative_to(ROOT))
            if not NOT_READ.search(f"/{place}"):
                yield from ((f"{place}:{line}", text) for line, text in dutch_in(path.read_text(encoding="utf-8")))


def dutch_in(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of the strings of a module that are Dutch and no docstring."""
    tree = ast.parse(source)
    skip = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skip |= {id(part) for part in node.values}
        if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in skip:
            text = _text(node)
            if len(DUTCH.findall(text)) > len(ENGLISH.findall(text)):
                yield node.lineno, re.sub(r"%\(\w+\)s|\{\w+\}", SAM, text)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else SAM for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def contents() -> list[Path]:
    """The YAML files of the rooms that students read, apart from those with a test of their own."""
    found = [path for app in APPS for path in (ROOT / app).glob("*.yaml")]
    return sorted(path for path in found if path.name not in {"purposes.yaml", "words.yaml", "languages.yaml"})
