"""The pages of a student's own passport. No URL carries an answer; a need is named by its place."""

from django.urls import path

from passport.views import answers, overview, questions

urlpatterns = [
    path("paspoort/", overview.passport_overview, name="passport_overview"),
    path("paspoort/begin/", overview.passport_start, name="passport_start"),
    path("paspoort/voorbeeld/", overview.passport_example, name="passport_example"),
    path("paspoort/route/", overview.passport_route, name="passport_route"),
    path("paspoort/vraag/<str:key>/", questions.question, name="question"),
    path("paspoort/vraag/<str:key>/<int:place>/", questions.need, name="need"),
    path("paspoort/vraag/<str:key>/eerder/", answers.question_history, name="question_history"),
    path("paspoort/vraag/<str:key>/terug/", answers.question_undo, name="question_undo"),
    path("paspoort/<slug:section>/", overview.passport_section, name="passport_section"),
]
