"""The pages of this room: sharing as a student does it, and the work of those who read."""

from intake.urls import after, agreements, expectations, figures, home, leaving, offers, reading, sharing, tips

urlpatterns = [
    *reading.urlpatterns,
    *agreements.urlpatterns,
    *after.urlpatterns,
    *expectations.urlpatterns,
    *figures.urlpatterns,
    *sharing.urlpatterns,
    *home.urlpatterns,
    *offers.urlpatterns,
    *leaving.urlpatterns,
    *tips.urlpatterns,
]
