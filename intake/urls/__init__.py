"""The pages of this room: sharing as a student does it, and the work of those who read."""

from intake.urls import reading, sharing

urlpatterns = [*sharing.urlpatterns, *reading.urlpatterns]
