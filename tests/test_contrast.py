"""Every pair of colours that meets on a screen, computed from the tokens of the style sheet, in every scheme.

Text ≥ 4.5:1 and body text ≥ 7:1, what one can press or fill in ≥ 3:1 (WCAG 1.4.3, 1.4.6, 1.4.11; ux.md 33). In the
scheme «Veel contrast» all text is ≥ 7:1. An axe scan sees no borders, so this does.
"""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parent.parent / "static/css/paspoort.css").read_text(encoding="utf-8")
SECTIONS = ("me", "can", "want", "need", "home", "school", "transition")
GROUNDS = ("paper", "card")
NOTES = ("act", "danger", "done", "warn")
BLOCKS = {
    "light": r"^:root\{",
    "dark": r":root\[data-theme=dark\]\{",
    "device dark": r"\(prefers-color-scheme:dark\)\{:root:not\(\[data-theme=light\]\)\{",
    "contrast": r":root\[data-theme=contrast\]\{",
    "device contrast": r"\(prefers-contrast:more\) and \(prefers-color-scheme:light\)\{:root:not\(\[data-theme\]\)\{",
}
BODY = [("ink", ground) for ground in GROUNDS]
BODY += [("ink", f"{one}-tint") for one in NOTES] + [("ink", f"{one}-t") for one in SECTIONS]
TEXT = [(one, ground) for one in ("ink-2", *NOTES, *SECTIONS) for ground in GROUNDS]
TEXT += [(one, f"{one}-tint") for one in NOTES] + [(one, f"{one}-t") for one in SECTIONS]
TEXT += [("on-act", "act"), ("on-cover", "cover"), ("on-spoken", "spoken")]
EDGES = [(one, ground) for one in ("line", "act", "danger", *SECTIONS) for ground in GROUNDS]
EDGES += [("on-act", one) for one in SECTIONS] + [("focus-in", "focus-out")]


def tokens(css: str, scheme: str) -> dict[str, str]:
    """The colours of one scheme: its own over those of the light one."""
    start = re.search(BLOCKS[scheme], css, re.M)
    assert start, scheme
    own = dict(re.findall(r"--([\w-]+):(#[0-9A-Fa-f]{6})\b", css[start.end() : css.index("}", start.end())]))
    return own if scheme == "light" else {**tokens(css, "light"), **own}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def too_weak(css: str, scheme: str) -> dict[str, float]:
    """The pairs of a scheme that do not reach what they must."""
    known, text = tokens(css, scheme), 7 if "contrast" in scheme else 4.5
    asked = [(pair, 7) for pair in BODY] + [(pair, text) for pair in TEXT] + [(pair, 3) for pair in EDGES]
    found = {f"{one} on {other}": (ratio(known[one], known[other]), least) for (one, other), least in asked}
    return {pair: round(reached, 2) for pair, (reached, least) in found.items() if reached < least}


def test_the_ratio_is_that_of_wcag():
    assert ratio("#FFFFFF", "#000000") == pytest.approx(21)
    assert ratio("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", BLOCKS)
def test_every_pair_of_colours_is_strong_enough(scheme):
    assert too_weak(CSS, scheme) == {}


@pytest.mark.parametrize(
    ("name", "grey", "scheme", "pair"),
    [
        ("ink", "#7A7A7A", "light", "ink on paper"),
        ("line", "#C8C8C8", "light", "line on card"),
        ("home", "#444444", "dark", "home on card"),
        ("ink-2", "#666666", "contrast", "ink-2 on paper"),
    ],
)
def test_the_guard_sees_a_weak_colour(name, grey, scheme, pair):
    start = re.search(BLOCKS[scheme], CSS, re.M).end()
    worse = CSS[:start] + re.sub(rf"--{name}:#[0-9A-Fa-f]{{6}}", f"--{name}:{grey}", CSS[start:], count=1)
    assert pair in too_weak(worse, scheme)


@pytest.mark.parametrize(("device", "chosen"), [("device dark", "dark"), ("device contrast", "contrast")])
def test_what_the_device_asks_is_what_one_can_choose(device, chosen):
    assert tokens(CSS, device) == tokens(CSS, chosen)


def test_the_chosen_dark_has_every_colour_of_the_light_but_the_fixed_ones():
    fixed = {"focus-in", "focus-out", "spoken", "on-spoken"}
    start = re.search(BLOCKS["dark"], CSS, re.M).end()
    named = set(re.findall(r"--([\w-]+):#", CSS[start : CSS.index("}", start)]))
    assert set(tokens(CSS, "light")) - fixed <= named
