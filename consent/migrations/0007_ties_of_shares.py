"""Shares with a person that were given before: each in the tie there was then, of which there was only one."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_the_tie(apps, schema_editor):
    share, tie = apps.get_model("consent", "Share"), apps.get_model("accounts", "Tie")
    there = tie.objects.filter(
        student=OuterRef("student"),
        person=OuterRef("person"),
        kind=OuterRef("recipient_kind"),
        confirmed_at__lte=OuterRef("created_at"),  # confirmed anew since: then the yes was not given in this one
    )
    share.objects.filter(person__isnull=False).update(tie=Subquery(there.values("pk")[:1]))


class Migration(migrations.Migration):
    dependencies = [("consent", "0006_share_names_its_tie")]

    operations = [migrations.RunPython(name_the_tie, migrations.RunPython.noop)]
