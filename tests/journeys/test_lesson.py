"""A lesson with three students: planned, started, seen, a hand up and down, on the board, and filling in together."""

import re
from collections.abc import Callable

import pytest

from tests.journeys.conftest import LAPTOP, PHONE, Person

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]

STUDENTS = ("student.full", "student.young", "student.empty")
BOARDS = ({"width": 1280, "height": 800}, {"width": 1920, "height": 1080})
LONG = ("can.skills", "can.together", "need.support", "want.seen", "need.what_to_do", "transition.my_questions")
CARD = "Vandaag in de les"


def given_a_plan_with_a_lesson_for_today(mentor: Person) -> None:
    mentor.log_in("mentor.one").sees("De les van vandaag").screen("desk")
    mentor.link("Jaarplan").sees("Jaarplan van").screen("class-plan")
    assert mentor.page.get_by_role("heading", level=2).count() == 8
    mentor.page.goto("/klas/")


def when_the_lesson_starts(mentor: Person) -> str:
    mentor.tap("Start deze les").sees("Niemand heeft nu een hand omhoog.").in_all_ways("lesson")
    return str(mentor.page.url)


def then_all_three_see_the_questions(students: list[Person]) -> None:
    for student in students:
        student.page.goto("/vandaag/")
        student.sees(CARD)
    students[0].screen("today-lesson")


def then_a_hand_goes_up_and_down_in_silence(mentor: Person, student: Person, lesson: str) -> None:
    student.page.goto("/vandaag/")
    student.page.get_by_role("region", name="Dit ben ik").get_by_role("link").first.click()
    question = student.page.get_by_role("heading", level=1).inner_text()
    student.screen("question-hand").tap("Help").sees("Je hand is omhoog.").screen("question-hand-up")
    assert student.page.get_by_role("heading", level=1).inner_text() == question
    mentor.page.goto(lesson)
    hands = mentor.page.locator("[data-hands]")
    assert hands.get_by_role("button").count() == 1
    assert question not in hands.inner_text()
    mentor.screen("lesson-hand")
    hands.get_by_role("button").click()
    mentor.sees("Niemand heeft nu een hand omhoog.")


def then_the_board_shows_no_person(boards: list[Person], lesson: str, names: list[str]) -> None:
    for board in boards:
        board.log_in("mentor.one").page.goto(f"{lesson}bord/")
        size = board.page.viewport_size
        board.sees("Praat met elkaar").screen(f"board-{size['width']}")
        body = board.page.content()
        assert not [name for name in names if name in body or re.search(rf"\b{name.split()[-1]}\b", body)]
        then_it_fits(board)
        if size == BOARDS[0]:
            board.in_all_ways("lesson_board")
        letters = board.page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)")
        smallest = board.page.evaluate(
            "Math.min(...[...document.querySelectorAll('.talk-cards li, .talk-cards p')]"
            ".map((one) => parseFloat(getComputedStyle(one).fontSize)))"
        )
        assert letters >= size["height"] / 18 and smallest >= size["height"] / 32
        first = board.page.get_by_role("heading", level=1).inner_text()
        board.page.keyboard.press("ArrowRight")
        board.page.wait_for_url(re.compile("vraag=2"))
        assert board.page.get_by_role("heading", level=1).inner_text() != first
        board.page.keyboard.press("ArrowLeft")
        board.page.wait_for_url(re.compile("vraag=1"))
        board.link("10 minuten").sees("Tot ")
        assert not board.page.locator("a[href*='klas'], a[href*='gedeeld']").count()


def then_it_fits(board: Person) -> None:
    """Nobody scrolls on a digiboard."""
    tall = board.page.evaluate(
        "[document.documentElement.scrollHeight, innerHeight, document.body.scrollWidth, innerWidth]"
    )
    assert tall[0] <= tall[1] and tall[2] <= tall[3], (board.page.url, tall)


def then_filling_in_together_closes_sharing(student: Person) -> None:
    student.page.goto("/vandaag/")
    student.link("Samen invullen").screen("together").tap("Ja, samen")
    student.sees("Je vult samen in.").screen("together-on")
    student.page.goto("/delen/nieuw/")
    student.sees("Stop daar eerst mee.").screen("together-closed")
    student.page.goto("/paspoort/vraag/me.proud/")
    student.page.get_by_role("textbox").first.fill("Dit schreven we samen.")
    student.tap("Verder")
    student.page.goto("/paspoort/vraag/me.proud/eerder/")
    student.sees("samen met mentor").screen("together-history").tap("Stop met samen invullen")
    student.page.goto("/delen/nieuw/")
    student.sees_not("Stop daar eerst mee.")


def then_the_student_asks_to_talk(mentor: Person, student: Person) -> None:
    student.page.goto("/vandaag/")
    student.tap("Ik wil praten").sees("Je mentor ziet dat je wilt praten.")
    mentor.page.goto("/klas/")
    mentor.sees("Wil praten").screen("desk-talk").link("Iedereen in de klas").screen("class-board")
    mentor.page.goto("/klas/")
    mentor.page.get_by_role("button", name=re.compile("Gesproken")).click()
    mentor.sees("Niemand vraagt nu iets.")


def then_the_lesson_stops_for_everybody(mentor: Person, students: list[Person], lesson: str) -> None:
    mentor.page.goto(lesson)
    mentor.tap("Stop de les")
    for student in students:
        student.page.goto("/vandaag/")
        student.sees_not(CARD)


def then_the_longest_questions_fit_on_the_board(mentor: Person, boards: list[Person]) -> None:
    mentor.page.goto("/klas/")
    mentor.link("Kies zelf vragen")
    for key in LONG:
        mentor.page.locator(f"[value='{key}']").check()
    mentor.screen("lesson-new").tap("Start de les")
    for board in boards:
        for place in range(1, len(LONG) + 1):
            board.page.goto(f"{mentor.page.url}bord/?vraag={place}&tot=1025")
            then_it_fits(board)
        board.screen(f"board-long-{board.page.viewport_size['width']}")
    mentor.tap("Stop de les")


def names_in_the_class(mentor: Person) -> list[str]:
    mentor.page.goto("/klas/")
    mentor.link("Iedereen in de klas")
    return mentor.page.get_by_role("rowheader").all_inner_texts()


def test_a_lesson_with_three_students(person: Callable[..., Person]) -> None:
    mentor = person(LAPTOP)
    students = [person(PHONE).log_in(name) for name in STUDENTS]
    given_a_plan_with_a_lesson_for_today(mentor)
    lesson = when_the_lesson_starts(mentor)
    then_all_three_see_the_questions(students)
    then_a_hand_goes_up_and_down_in_silence(mentor, students[1], lesson)
    names = names_in_the_class(mentor)
    assert len(names) >= 3
    boards = [person(size) for size in BOARDS]
    then_the_board_shows_no_person(boards, lesson, names)
    then_filling_in_together_closes_sharing(students[0])
    then_the_student_asks_to_talk(mentor, students[1])
    then_the_lesson_stops_for_everybody(mentor, students, lesson)
    then_the_longest_questions_fit_on_the_board(mentor, boards)
