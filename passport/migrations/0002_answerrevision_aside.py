from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("passport", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="answerrevision",
            name="aside",
            field=models.BooleanField(default=False),
        ),
    ]
