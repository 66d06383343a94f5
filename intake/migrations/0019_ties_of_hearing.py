"""What a coach may hear, and the signs to a coach, of before: each in the tie there was when it was given."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_the_tie(apps, schema_editor):
    tie = apps.get_model("accounts", "Tie")
    for name, moment in (("FollowUpGrant", "given_at"), ("CoachSignal", "at")):
        there = tie.objects.filter(
            student=OuterRef("student"), person=OuterRef("person"), kind="coach", confirmed_at__lte=OuterRef(moment)
        )
        rows = apps.get_model("intake", name).objects.filter(person__isnull=False)
        rows.update(tie=Subquery(there.values("pk")[:1]))


class Migration(migrations.Migration):
    dependencies = [("intake", "0018_hearing_names_its_tie")]

    operations = [migrations.RunPython(name_the_tie, migrations.RunPython.noop)]
