"""A coach's contact moments with a student (issue 8)."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_ties_begin_anew"),
        ("intake", "0021_first_day_facts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CoachMoment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(choices=[("planned", "Gepland"), ("had", "Geweest")], max_length=8),
                ),
                ("on", models.DateField()),
                ("sealed_note", models.BinaryField()),
                ("sealed_done", models.BinaryField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="coach_moments",
                        to="accounts.tie",
                    ),
                ),
            ],
            options={"ordering": ["-on", "-created_at"]},
        ),
    ]
