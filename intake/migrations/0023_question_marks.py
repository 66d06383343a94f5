import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0022_coach_moments"),
        ("passport", "0006_questionnaire_drafts"),
    ]

    operations = [
        migrations.CreateModel(
            name="QuestionMark",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("month", models.DateField()),
                ("slot", models.BinaryField(max_length=16, unique=True)),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="QuestionTally",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="passport.questionnaireversion",
                    ),
                ),
                ("sealed", models.BinaryField(null=True)),
            ],
        ),
    ]
