"""The pages of this room: sharing as a student does it, and the work of those who read."""

from intake.urls import expectations, home, leaving, reading, sharing

urlpatterns = [
    *expectations.urlpatterns,
    *sharing.urlpatterns,
    *home.urlpatterns,
    *reading.urlpatterns,
    *leaving.urlpatterns,
]
