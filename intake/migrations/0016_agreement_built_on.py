from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0015_figures")]

    operations = [
        migrations.AddField(
            model_name="agreement",
            name="built_on",
            field=models.BinaryField(blank=True, default=b""),
        ),
    ]
