"""The lesson, the talk and the class."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
