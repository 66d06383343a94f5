"""What a day at a programme asks; see intake/urls/__init__.py. A place in the student's own list, never a programme."""

from django.urls import path

from intake.views import expectations

urlpatterns = [
    path("een-dag/", expectations.expectations, name="expectations"),
    path("een-dag/<int:place>/", expectations.expectation_ticks, name="expectation_ticks"),
    path("een-dag/<int:place>/vragen/", expectations.expectation_questions, name="expectation_questions"),
]
