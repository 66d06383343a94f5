"""A working group publishes version 2: what stood in version 1 reads as before, for everybody and on paper."""

import json
import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import Region, Role, User
from accounts.refusals import Refusal
from consent import access, ledger, proofs, signing
from intake import handover
from intake.reading import plain_text, sections_of
from intake.services import sharing
from passport import drafting, questionnaire
from passport.models import QuestionnaireVersion
from passport.questionnaire import WrongQuestionnaire
from passport.services import open_sheet
from tests import factories
from tests.factories import key_of

LABEL, DROPPED, OFF = "me.free_time", "netjes werken", "me.words"


@pytest.fixture
def group() -> User:
    """Of the working group: coordinator of a region."""
    region = Region.objects.create(code="RMC-1", name="Regio Een")
    return factories.make_staff(Role.REGION, region=region, name="mevrouw Groep")


@pytest.fixture
def told(sam, care, imke) -> Any:
    """Sam's live share of version 1: with the question, the option and the question that will be something else."""
    factories.write(sam, OFF, ["rustig", "eerlijk"])
    return factories.share_with_programme(sam, care, LABEL, "can.strengths", OFF, "need.support.quiet")


def change(by: User, key: str, **said: Any) -> None:
    seen = drafting.open_draft(by).seen(key)
    drafting.change_question(key=key, said=said, seen=seen, by=by)


def publish_second(by: User) -> QuestionnaireVersion:
    """Another label, an option less, a question switched off, another section title, and another order."""
    change(by, LABEL, label="Wat doe je na school?")
    strengths = drafting.open_draft(by).questions.questions["can.strengths"].options
    change(by, "can.strengths", options=[one for one in strengths if one != DROPPED])
    drafting.switch_question(key=OFF, off=True, by=by)
    drafting.move_question(key=LABEL, step=1, by=by)
    drafting.change_section(
        key="me",
        said={"title": "Over mij", "intro": "Vertel iets.", "talk": []},
        seen=drafting.open_draft(by).seen("me"),
        by=by,
    )
    change(by, "need.support", needs={"quiet": "Een stille plek"}, how_often=["altijd", "nooit"])
    return drafting.publish_draft(seen=drafting.open_draft(by).digest, by=by)


def as_read(share: Any, imke: User, api: Any, browser_of: Any) -> dict[str, Any]:
    """Everything that is read of a share: the API, the pages, the text, the paper, the receipts."""
    dossier = access.read(share_id=share.pk, by=imke, action=ledger.Action.READ)
    page = browser_of(imke).get(reverse("dossier", args=[share.pk])).content.decode()
    return {
        "api": json.loads(api(imke).get(reverse("api_dossier", args=[share.pk])).content),
        "text": plain_text(dossier),
        "page": re.findall(r"(?s)<article.*?</article>", page),
        "paper": handover.render_html(dossier, "code"),
        "receipts": [proof.as_file for proof in proofs.proofs_of(share, key_of(share.student))],
    }


def test_a_running_share_reads_as_before(told, imke, group, api, browser_of):
    before = as_read(told, imke, api, browser_of)
    assert DROPPED in before["text"] and "rustig" in before["text"] and before["page"] and before["receipts"]
    second = publish_second(group)
    told.student.passport.refresh_from_db()
    assert told.student.passport.questionnaire == second
    assert as_read(told, imke, api, browser_of) == before
    for receipt in before["receipts"]:
        assert signing.verify(receipt.encode(), signing.public_key_of(settings.RECEIPT_KEY))


def test_the_paper_of_version_one_is_drawn_the_same(told, imke, group):
    before = drawn(told, imke)
    publish_second(group)
    assert drawn(told, imke) == before
    factories.write(told.student, LABEL, ["muziek"])
    sharing.release(share=told, key=key_of(told.student), units=[LABEL], by=told.student.user)
    assert drawn(told, imke) != before


def drawn(share: Any, imke: User) -> list[bytes]:
    """Every letter and line of the PDF, page by page."""
    dossier = access.read(share_id=share.pk, by=imke, action=ledger.Action.DOWNLOAD)
    with pikepdf.open(BytesIO(handover.render(dossier, "code")[1])) as pdf:
        return [page.Contents.read_bytes() for page in pdf.pages]


def test_a_passport_keeps_every_answer_also_of_what_is_asked_no_more(told, group):
    sam = told.student
    before = {key: (text.status, text.value) for key, text in open_sheet(sam.passport, key_of(sam)).texts.items()}
    publish_second(group)
    sam.passport.refresh_from_db()
    after = {key: (text.status, text.value) for key, text in open_sheet(sam.passport, key_of(sam)).texts.items()}
    assert after == before and OFF in after


def test_the_student_is_asked_the_new_words_and_not_what_is_off(told, noor, group, browser_of):
    publish_second(group)
    mine, hers = browser_of(told.student), browser_of(noor)
    assert "Wat doe je na school?" in mine.get(reverse("question", args=[LABEL])).content.decode()
    assert "Een stille plek" in mine.get(reverse("question", args=["need.support"])).content.decode()
    # Who answered before still has it, to read and to take away; who did not is not asked.
    page = mine.get(reverse("question", args=[OFF])).content.decode()
    assert "Deze vraag stellen we niet meer." in page and "eerlijk" in page and "Haal weg" in page
    assert reverse("question", args=[OFF]) in mine.get(reverse("passport_section", args=["me"])).content.decode()
    assert hers.get(reverse("question", args=[OFF])).status_code == 404
    assert reverse("question", args=[OFF]) not in hers.get(reverse("passport_section", args=["me"])).content.decode()


def test_an_answer_to_what_is_off_can_be_taken_away_and_not_be_written(told, noor, group, browser_of):
    publish_second(group)
    for student in (told.student, noor):
        student.passport.refresh_from_db()
        with pytest.raises(Refusal) as refusal:
            factories.write(student, OFF, ["grappig"])
        assert refusal.value.code == "not_asked"
    factories.write(told.student, OFF, None, status="empty")
    assert "eerlijk" not in str(open_sheet(told.student.passport, key_of(told.student)).texts[OFF].value)


def test_a_dropped_option_stays_valid_where_it_was_chosen_and_is_offered_no_more(told, noor, group, browser_of):
    publish_second(group)
    sam = told.student
    sam.passport.refresh_from_db()
    assert DROPPED in browser_of(sam).get(reverse("question", args=["can.strengths"])).content.decode()
    assert DROPPED not in browser_of(noor).get(reverse("question", args=["can.strengths"])).content.decode()
    assert factories.write(sam, "can.strengths", [DROPPED, "koken"]).value == [DROPPED, "koken"]


def test_how_often_of_a_need_stays_valid_when_the_words_changed(told, group, browser_of):
    """The contract says so of every option: it stays valid and readable when a later version drops it."""
    publish_second(group)
    sam = told.student
    sam.passport.refresh_from_db()
    page = browser_of(sam).get(reverse("need", args=["need.support", 1])).content.decode()
    assert re.search(r'value="vaak"[^>]*checked', page) and 'value="altijd"' in page
    need = {"need": "quiet", "how_often": "vaak", "what_works": "Bij de deur", "why": ""}
    assert factories.write(sam, "need.support", [need]).value[0]["how_often"] == "vaak"
    with pytest.raises(Refusal):
        factories.write(sam, "need.support", [{**need, "how_often": "soms wel"}])


def test_the_old_version_stays_readable(group, browser_of):
    first = questionnaire.published()
    second = publish_second(group)
    browser = browser_of(group)
    old = browser.get(reverse("questionnaire_version", args=[first.pk])).content.decode()
    new = browser.get(reverse("questionnaire_version", args=[second.pk])).content.decode()
    assert "Wat doe je na school?" in new and "Wat doe je na school?" not in old and DROPPED in old
    assert second.based_on == first and second.published_by == group and second.version == f"{first.version}.1"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("question", "me.words", "me.word"),
        ("statement", "on_time", "in_time"),
        ("need", "quiet", "silent"),
        ("section", '"home"', '"house"'),
    ],
)
def test_a_changed_key_is_refused_by_name(part, old, new):
    first = questionnaire.published()
    content = json.loads(
        json.dumps(first.content).replace(f'"key": "{old.strip(chr(34))}"', f'"key": "{new.strip(chr(34))}"')
    )
    content["version"] = "2099.1"
    if part == "section":
        content = json.loads(json.dumps(content).replace('"home.', '"house.'))
    with pytest.raises(WrongQuestionnaire, match=old.strip('"').replace(".", r"\.")):
        questionnaire.publish_content(content)
    assert questionnaire.published() == first


def test_sections_keep_their_order_wherever_a_version_puts_their_questions(told, imke):
    """Places of questions are of one version; texts of two may stand in any order among each other."""
    opened = access.read(share_id=told.pk, by=imke, action=ledger.Action.READ)
    keys = [section.key for section in sections_of(opened)]
    assert keys == ["can", "me", "need"]
    assert [section.key for section in sections_of(replace(opened, said=opened.said[::-1]))] == keys
