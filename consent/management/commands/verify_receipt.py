from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from consent import signing


class Command(BaseCommand):
    help = "Checks the signature of a consent receipt, from the file alone: no database is asked. Exit 1 when invalid."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key", default="", help="the public key (base64) or key id it must be signed with")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            checked = signing.verify(options["file"].read_bytes(), options["key"])
        except OSError:
            raise CommandError("invalid: the file cannot be read") from None
        except signing.Invalid as error:
            raise CommandError(f"invalid: {error}") from None
        self.stdout.write("valid")
        for line in lines_of(checked):
            self.stdout.write(line)
        if not options["key"]:
            self.stderr.write(warning_of(checked))


def lines_of(checked: signing.Checked) -> list[str]:
    """What the record says, in three lines. A signed file of another maker may lack a part: then a dash."""
    event, processing = _part(checked, "event"), _part(checked, "processing")
    parties = checked.record.get("parties")
    names = [str(one.get("name")) for one in parties if isinstance(one, dict)] if isinstance(parties, list) else []
    units = processing.get("units")
    labels = [str(one.get("label")) for one in units if isinstance(one, dict)] if isinstance(units, list) else []
    until, purpose = event.get("valid_until", "-"), processing.get("purpose_label", "-")
    return [
        f"{event.get('event_name', '-')} by {event.get('entity_role', '-')} at {event.get('event_time', '-')}",
        f"{purpose}, until {until}, with {'; '.join(names[1:]) or '-'}",
        f"{len(labels)} units: {'; '.join(labels) or '-'}",
    ]


def warning_of(checked: signing.Checked) -> str:
    """Without a pinned key the file vouches for itself: say so, and whether it is the key of this site."""
    own = signing.key_id_of(signing.public_key_of(settings.RECEIPT_KEY))
    same = "the key of this site" if own == checked.key_id else f"NOT the key of this site ({own})"
    return f"warning: checked with the key in the file, {checked.key_id}: {same}. Use --key to be sure who signed."


def _part(checked: signing.Checked, name: str) -> dict[str, Any]:
    part = checked.record.get(name)
    return part if isinstance(part, dict) else {}
