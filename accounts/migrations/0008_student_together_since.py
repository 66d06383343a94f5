from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_mail_code_and_invited_by")]

    operations = [
        migrations.AddField(
            model_name="student",
            name="together_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
