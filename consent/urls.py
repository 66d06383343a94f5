"""The pages of this room."""

from django.urls import path

from consent import views

urlpatterns = [
    path("delen/<uuid:share_id>/bewijs/", views.share_receipt, name="share_receipt"),
    path("delen/<uuid:share_id>/bewijs/<uuid:record_id>/", views.share_receipt_file, name="share_receipt_file"),
]
