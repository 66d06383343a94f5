from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_invitations"),
    ]

    operations = [
        migrations.AddField(
            model_name="student",
            name="look_mailed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
