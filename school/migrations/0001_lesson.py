import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("accounts", "0008_student_together_since")]

    operations = [
        migrations.CreateModel(
            name="Lesson",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.SlugField(blank=True, max_length=24)),
                ("questions", models.JSONField()),
                ("minutes", models.PositiveSmallIntegerField(default=30)),
                ("day", models.DateField()),
                ("skipped_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "school_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lessons", to="accounts.schoolclass"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["school_class", "started_at"], name="lesson_class_started")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("school_class", "key"),
                        name="ready_lesson_once",
                    )
                ],
            },
        ),
    ]
