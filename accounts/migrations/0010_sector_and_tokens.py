import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_badge_and_student_mail_code")]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="sector",
            field=models.CharField(
                blank=True,
                choices=[
                    ("technology", "Techniek"),
                    ("care", "Zorg en welzijn"),
                    ("economy", "Economie"),
                    ("green", "Groen"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("token_sha256", models.BinaryField(max_length=32, unique=True)),
                ("scopes", models.JSONField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_on", models.DateField()),
                ("used_on", models.DateField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
