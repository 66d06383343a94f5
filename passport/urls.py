"""The pages of a student's own passport. No URL carries an answer; a need is named by its place."""

from django.urls import path

from passport.views import (
    answers,
    experiences,
    goals,
    growth,
    help_now,
    overview,
    practice,
    questions,
    stories,
    suggestions,
    words,
)

urlpatterns = [
    path("paspoort/", overview.passport_overview, name="passport_overview"),
    path("paspoort/begin/", overview.passport_start, name="passport_start"),
    path("paspoort/voorbeeld/", overview.passport_example, name="passport_example"),
    path("paspoort/route/", overview.passport_route, name="passport_route"),
    path("paspoort/vraag/<str:key>/", questions.question, name="question"),
    path("paspoort/vraag/<str:key>/<int:place>/", questions.need, name="need"),
    path("paspoort/vraag/<str:key>/eerder/", answers.question_history, name="question_history"),
    path("paspoort/vraag/<str:key>/terug/", answers.question_undo, name="question_undo"),
    path(
        "paspoort/vraag/<str:key>/voorstel/<uuid:suggestion_id>/overnemen/",
        suggestions.suggestion_accept,
        name="suggestion_accept",
    ),
    path(
        "paspoort/vraag/<str:key>/voorstel/<uuid:suggestion_id>/nee/",
        suggestions.suggestion_decline,
        name="suggestion_decline",
    ),
    path("paspoort/doelen/", goals.goals, name="goals"),
    path("paspoort/doelen/nieuw/", goals.goal_new, name="goal_new"),
    path("paspoort/doelen/<uuid:goal_id>/", goals.goal, name="goal"),
    path("paspoort/doelen/<uuid:goal_id>/gelukt/", goals.goal_reached, name="goal_reached"),
    path("paspoort/doelen/<uuid:goal_id>/weg/", goals.goal_remove, name="goal_remove"),
    path("paspoort/groei/", growth.growth, name="growth"),
    path("paspoort/groei/zo-groei-ik.svg", growth.growth_picture, name="growth_picture"),
    path("paspoort/ervaringen/", experiences.experiences, name="experiences"),
    path("paspoort/ervaringen/nieuw/", experiences.experience_new, name="experience_new"),
    path("paspoort/ervaringen/<uuid:card_id>/", experiences.experience, name="experience"),
    path("paspoort/ervaringen/<uuid:card_id>/overnemen/", experiences.experience_take, name="experience_take"),
    path("paspoort/ervaringen/<uuid:card_id>/weg/", experiences.experience_remove, name="experience_remove"),
    path("oefenen/", practice.practice, name="practice"),
    path("oefenen/<int:place>/", practice.practice_question, name="practice_question"),
    path("oefenen/klaar/", practice.practice_done, name="practice_done"),
    path("oefenen/papier/", practice.practice_print, {"with_answers": False}, name="practice_print"),
    path(
        "oefenen/papier/met-antwoorden/", practice.practice_print, {"with_answers": True}, name="practice_print_answers"
    ),
    path("verhalen/", stories.stories, name="stories"),
    path("verhalen/<int:place>/", stories.story, name="story"),
    path("bellen/", help_now.help_now, name="help_now"),
    path("woorden/", words.all_words, name="words"),
    path("paspoort/<slug:section>/", overview.passport_section, name="passport_section"),
]
