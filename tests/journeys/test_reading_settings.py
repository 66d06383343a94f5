"""«Hoe wil jij lezen?» and «Lees voor» on a real screen: kept with the person, and right in every scheme."""

import json

import pytest

from tests.journeys.conftest import LAPTOP, PHONE, Person

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
QUESTION, LONG = "/paspoort/vraag/me.free_time/", "/paspoort/vraag/me.others_say/"
NEDERLANDS = {"name": "Nederlands", "lang": "nl-NL", "localService": True}
ANDROID = {"name": "Nederlands Nederland", "lang": "nl_NL", "localService": True}
VLAAMS = {"name": "Vlaams", "lang": "nl-BE", "localService": True}
ENGLISH = {"name": "English", "lang": "en-GB", "localService": True}
INTERNET = {"name": "Internet", "lang": "nl-NL", "localService": False}
# Chromium without a screen has no voices: this one writes down what it was asked to say, and says it at our sign.
STUB = """(voices) => {
  window.said = [];
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  let now = null;
  window.sayOn = () => { const one = now; now = null; one?.onend(); };
  Object.defineProperty(window, "speechSynthesis", { value: {
    getVoices: () => voices, addEventListener: () => {}, cancel: () => { now = null; },
    speak: (one) => {
      now = one;
      said.push({ text: one.text, voice: one.voice.name, lang: one.lang, rate: one.rate });
    },
  } });
}"""


def with_voices(somebody: Person, *voices: dict[str, object]) -> Person:
    somebody.context.add_init_script(f"({STUB})({json.dumps(voices)})")
    return somebody


def said(somebody: Person) -> list[str]:
    return [one["text"] for one in somebody.page.evaluate("said")]


def hears_all(somebody: Person) -> list[str]:
    """Everything that is read aloud from here to the end."""
    while somebody.page.locator("[data-listen-stop]").is_visible():
        somebody.page.evaluate("sayOn()")
    return said(somebody)


def highlighted(somebody: Person) -> str:
    script = "[...(CSS.highlights.get('spoken') ?? [])].map(String).join('').trim().replace(/\\s+/g, ' ')"
    return str(somebody.page.evaluate(script))


# --- How pages look ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_choice_is_seen_first_then_kept_and_leads_back(person, scripts):
    student = person(PHONE, java_script_enabled=scripts).log_in("student.left")
    student.page.goto(QUESTION)
    student.link("Hoe wil jij lezen?")
    student.tick("Donker").tick("Heel groot")
    if not scripts:
        student.tap("Laat eerst zien")
    root = student.page.locator("html")
    assert root.get_attribute("data-theme") == "dark" and root.get_attribute("data-size") == "xl"
    student.screen(f"reading-{scripts}").tap("Bewaar").sees("Bewaard. Zo ziet het er nu uit.")
    assert student.page.url.endswith(QUESTION)
    elsewhere = person(LAPTOP).log_in("student.left")
    assert elsewhere.page.locator("html").get_attribute("data-theme") == "dark"
    elsewhere.page.goto("/lezen/")
    elsewhere.tick("Zoals dit apparaat").page.get_by_label("Gewoon", exact=True).first.check()
    elsewhere.tap("Bewaar")
    student.page.goto(QUESTION)
    assert student.page.locator("html").get_attribute("data-theme") is None


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_the_main_screens_are_right_in_every_scheme(person, size, theme):
    student = person(size, reduced_motion="reduce").log_in("student.full")
    paths = {
        "today": "/vandaag/", "overview": "/paspoort/", "section": "/paspoort/need/", "chips": QUESTION, "text": LONG,
        "scale": "/paspoort/vraag/can.skills/", "people": "/paspoort/vraag/home.people/", "shares": "/delen/",
        "who": "/delen/nieuw/", "looks": "/wie-keek/", "settings": "/instellingen/", "reading": "/lezen/",
    }  # fmt: skip
    for name, path in paths.items():
        student.page.goto(path)
        student.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
        student.screen(f"{theme}-{size['width']}-{name}")
        assert student.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_the_public_pages_are_right_in_high_contrast(person):
    visitor = person(PHONE, reduced_motion="reduce")
    for name, path in {"home": "/", "login": "/inloggen/", "no-network": "/geen-internet/"}.items():
        visitor.page.goto(path)
        visitor.page.evaluate("document.documentElement.dataset.theme = 'contrast'")
        visitor.screen(f"contrast-{name}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_keep_what_is_chosen_to_see(person, scheme):
    """Windows' own contrast: a choice, the focus and a border do not hang on a colour of ours."""
    student = person(PHONE, forced_colors="active", color_scheme=scheme).log_in("student.full")
    student.page.goto("/paspoort/vraag/can.digital/")
    student.screen(f"forced-{scheme}")
    label = student.page.locator("input:checked + label").first
    plain = student.page.locator("input:not(:checked) + label").first
    outline = "(one) => getComputedStyle(one).outlineStyle + getComputedStyle(one).borderTopStyle"
    assert label.evaluate(outline) == "solidsolid" and plain.evaluate(outline) == "nonesolid"
    student.page.locator("a.btn-main, button.btn-main").first.focus()
    student.page.keyboard.press("Tab")
    assert "solid" in student.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")


@pytest.mark.parametrize("path", ["/", "/inloggen/", QUESTION, "/paspoort/", "/delen/nieuw/", "/lezen/", "/vandaag/"])
def test_big_letters_on_a_small_screen_stay_on_it(person, path):
    """320 px, the biggest letter of ours on top of twice the letter of the browser, and the most space."""
    student = person({"width": 320, "height": 640}).log_in("student.full")
    student.page.goto(path)
    student.page.evaluate("Object.assign(document.documentElement.dataset, { size: 'xl', space: 'wide' })")
    assert student.page.evaluate("document.documentElement.scrollWidth") <= 320
    student.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert student.page.evaluate("document.documentElement.scrollWidth") <= 320


# --- Read aloud ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("voice", [NEDERLANDS, ANDROID], ids=["nl-NL", "nl_NL"])
def test_a_question_is_read_from_top_to_bottom(person, voice):
    student = with_voices(person(PHONE), ENGLISH, VLAAMS, voice).log_in("student.full")
    student.page.goto(QUESTION)
    student.page.get_by_role("button", name="Lees voor").click()
    heard = hears_all(student)
    for part in (
        "Wat doe je graag in je vrije tijd?",
        "Je mag er meer kiezen.",
        "muziek",
        "Weet ik nog niet",
        "Verder",
    ):
        assert part in heard, part
    assert "films en series, gekozen" in heard
    assert heard.index("Wat doe je graag in je vrije tijd?") < heard.index("muziek") < heard.index("Weet ik nog niet")
    assert {(one["voice"], one["lang"], one["rate"]) for one in student.page.evaluate("said")} == {
        (voice["name"], "nl-NL", 1)
    }
    assert student.page.get_by_role("button", name="Lees voor").is_visible()


def test_ones_own_words_are_read_too(person):
    student = with_voices(person(PHONE), NEDERLANDS).log_in("student.full")
    student.page.goto(LONG)
    own = student.page.locator("textarea").input_value()
    student.page.get_by_role("button", name="Lees voor").click()
    assert own and own.split(".")[0] in " ".join(hears_all(student))


def test_the_sentence_that_is_read_is_marked_and_nothing_moves(person):
    student = with_voices(person(PHONE), NEDERLANDS).log_in("student.full")
    student.page.goto(QUESTION)
    places = (
        "[...document.querySelectorAll('main *')].map((one) => Math.round(one.getBoundingClientRect().top + scrollY))"
    )
    before = student.page.evaluate(places)
    student.page.get_by_role("button", name="Lees voor").click()
    while student.page.locator("[data-listen-stop]").is_visible():
        if marked := highlighted(student):
            assert said(student)[-1].startswith(marked)
        student.page.evaluate("sayOn()")
    assert len(said(student)) > 15
    student.page.get_by_role("button", name="Lees voor").click()
    for _ in range(6):
        student.page.evaluate("sayOn()")
    assert student.page.evaluate(places) == before


def test_it_waits_goes_on_and_stops_with_the_keyboard(person):
    student = with_voices(person(PHONE), NEDERLANDS).log_in("student.full")
    student.page.goto(QUESTION)
    student.page.get_by_role("button", name="Lees voor").focus()
    student.page.keyboard.press("Enter")
    student.page.evaluate("sayOn()")
    assert len(said(student)) == 2
    student.page.keyboard.press("Enter")
    student.page.evaluate("sayOn()")
    assert len(said(student)) == 2, "a pause is silent"
    student.screen("listen-pause").page.get_by_role("button", name="Lees door").press("Enter")
    assert said(student)[2] == said(student)[1], "it goes on with the sentence it was in"
    student.page.keyboard.press("Tab")
    student.page.keyboard.press("Enter")
    student.page.evaluate("sayOn()")
    assert len(said(student)) == 3 and highlighted(student) == ""
    assert student.page.evaluate("document.activeElement.textContent.trim()") == "Lees voor"
    student.page.keyboard.press("Enter")
    student.page.keyboard.press("Escape")
    assert not student.page.locator("[data-listen-stop]").is_visible()


def test_its_buttons_are_big_enough_and_stay_in_sight(person):
    student = with_voices(person({"width": 320, "height": 640}), NEDERLANDS).log_in("student.full")
    student.page.goto("/paspoort/")
    student.page.get_by_role("button", name="Lees voor").click()
    while student.page.evaluate("scrollY") < 300:
        student.page.evaluate("sayOn()")
    for name in ("Pauze", "Stop"):
        box = student.page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box["width"] >= 48 and box["height"] >= 48 and 0 <= box["y"] < 640


def test_the_speed_is_as_chosen(person):
    student = with_voices(person(PHONE), NEDERLANDS).log_in("student.placed")
    student.page.goto("/lezen/")
    student.tick("Langzaam").tap("Bewaar")
    student.page.goto("/paspoort/")
    student.page.get_by_role("button", name="Lees voor").click()
    assert student.page.evaluate("said[0].rate") < 1


@pytest.mark.parametrize("voices", [[], [ENGLISH]], ids=["none", "no-dutch"])
def test_without_a_dutch_voice_a_sentence_says_so(person, voices):
    student = with_voices(person(PHONE), *voices).log_in("student.full")
    student.page.goto(QUESTION)
    student.page.get_by_role("button", name="Lees voor").click()
    student.sees("Dit apparaat heeft geen Nederlandse stem.").screen("listen-no-voice")
    assert said(student) == []


def test_a_voice_of_the_internet_is_asked_for_once(person):
    student = with_voices(person(PHONE), ENGLISH, INTERNET).log_in("student.young")
    student.page.goto(QUESTION)
    student.page.get_by_role("button", name="Lees voor").click()
    student.sees("Wat wij voorlezen, gaat dan naar de maker van die stem.").screen("listen-internet")
    assert said(student) == []
    student.page.get_by_role("button", name="Nee", exact=True).click()
    assert said(student) == [] and not student.page.get_by_text("Mag de stem van internet komen?").is_visible()
    student.page.get_by_role("button", name="Lees voor").click()
    with student.page.expect_response(lambda reply: reply.url.endswith("/lezen/")):
        student.page.get_by_role("button", name="Ja, dat mag").click()
    assert said(student)
    student.page.goto("/paspoort/")
    student.page.get_by_role("button", name="Lees voor").click()
    assert said(student), "asked once"
    student.page.goto("/lezen/")
    student.tick("Een stem van dit apparaat").tap("Bewaar")


def test_a_local_voice_goes_before_one_of_the_internet(person):
    student = with_voices(person(PHONE), INTERNET, VLAAMS).log_in("student.full")
    student.page.goto(QUESTION)
    student.page.get_by_role("button", name="Lees voor").click()
    assert student.page.evaluate("said[0].voice") == "Vlaams"


def test_without_scripts_there_is_no_button(person):
    student = person(PHONE, java_script_enabled=False).log_in("student.full")
    student.page.goto(QUESTION)
    assert not student.page.get_by_role("button", name="Lees voor").is_visible()


def test_a_parent_is_read_to_and_an_intaker_is_not(person):
    parent = with_voices(person(PHONE), NEDERLANDS).log_in("guardian.young")
    parent.page.get_by_role("button", name="Lees voor").click()
    assert said(parent)[0] == "Thuis"
    intaker = with_voices(person(LAPTOP), NEDERLANDS).log_in("intaker.care")
    assert intaker.page.get_by_role("button", name="Lees voor").count() == 0


def test_speaking_instead_of_typing_is_shown_where_one_wants_to_know(person):
    student = person(PHONE).log_in("student.placed")
    student.page.goto(LONG)
    student.page.locator("textarea").fill("Half een zin")
    drawing = student.page.locator(".keyboard")
    assert not drawing.is_visible()
    student.page.get_by_text("Je kunt ook praten").click()
    assert drawing.is_visible() and drawing.locator(".key").bounding_box()["width"] > 30
    assert student.page.locator("textarea").input_value() == "Half een zin"
    student.screen("speak")


def test_a_page_nobody_listened_to_is_left_without_asking_the_voice(person):
    """To silence a voice costs a slow phone a tenth of a second, at every page."""
    student = with_voices(person(PHONE), NEDERLANDS)
    student.context.add_init_script("""(() => {
      const { cancel } = speechSynthesis;
      speechSynthesis.cancel = () => { sessionStorage.silenced = "yes"; cancel(); };
    })()""")
    student.log_in("student.full")
    silenced = "sessionStorage.silenced"
    student.page.goto(QUESTION)
    student.page.goto(LONG)
    assert student.page.evaluate(silenced) is None
    student.page.get_by_role("button", name="Lees voor").click()
    student.page.goto(QUESTION)
    assert student.page.evaluate(silenced) == "yes"
