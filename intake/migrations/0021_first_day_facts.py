from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0020_hearing_records")]

    operations = [
        migrations.AddField(
            model_name="programmefacts",
            name="first_day_time",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="programmefacts",
            name="first_day_where",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name="programmefacts",
            name="first_day_who",
            field=models.CharField(blank=True, max_length=120),
        ),
    ]
