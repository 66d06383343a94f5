"""The pages of this room: sharing as a student does it, and the work of those who read."""

from intake.urls import (
    after,
    agreements,
    coaching,
    expectations,
    figures,
    home,
    leaving,
    offers,
    reading,
    sharing,
    taster_days,
    tips,
)

urlpatterns = [
    *reading.urlpatterns,
    *agreements.urlpatterns,
    *after.urlpatterns,
    *coaching.urlpatterns,
    *expectations.urlpatterns,
    *figures.urlpatterns,
    *sharing.urlpatterns,
    *home.urlpatterns,
    *offers.urlpatterns,
    *leaving.urlpatterns,
    *taster_days.urlpatterns,
    *tips.urlpatterns,
]
