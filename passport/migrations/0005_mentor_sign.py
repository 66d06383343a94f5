import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_student_together_since"),
        ("passport", "0004_suggestions_and_goals"),
    ]

    operations = [
        migrations.CreateModel(
            name="MentorSign",
            fields=[
                (
                    "student",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="sign",
                        serialize=False,
                        to="accounts.student",
                    ),
                ),
                ("hand_at", models.DateTimeField(blank=True, null=True)),
                ("talk_at", models.DateTimeField(blank=True, null=True)),
                ("progress_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
    ]
