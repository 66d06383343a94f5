"""Regions, schools, colleges, classes, programmes, what they offer and ask, and who helps in a region."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Institution, InstitutionIdentifier, Programme, Region, SchoolClass
from intake.demo.content import load, school_year
from intake.models import Expectation, Offer, ProgrammeFacts, RegionHelp
from intake.services.expectations import load_expectations

BRIN = InstitutionIdentifier.Kind.BRIN


class Places:
    """Every place of the demo by the key it has in world.yaml; made where it is missing."""

    def __init__(self) -> None:
        world = load("world")
        self.regions = {row["key"]: _region(row) for row in world["regions"]}
        self.institutions = {row["key"]: self._institution(row) for row in world["institutions"]}
        self.classes = {row["key"]: self._class(row) for row in world["classes"]}
        self.programmes = {row["code"]: self._programme(row) for row in world["programmes"]}
        self._offers()
        self._facts()
        self._help()
        self._days()

    def of(self, row: dict[str, Any]) -> dict[str, Any]:
        """The one place of a membership in world.yaml, as fields of the model."""
        if "class" in row:
            return {"school_class": self.classes[row["class"]]}
        if "programme" in row:
            return {"programme": self.programmes[row["programme"]]}
        if "institution" in row:
            return {"institution": self.institutions[row["institution"]]}
        return {"region": self.regions[row["region"]]}

    def _institution(self, row: dict[str, Any]) -> Institution:
        known = InstitutionIdentifier.objects.filter(kind=BRIN, value=row["code"]).select_related("institution").first()
        if known:
            return known.institution
        institution = Institution.objects.create(
            name=row["name"], kind=row["kind"], place=row["place"], region=self.regions[row["region"]]
        )
        identifier = InstitutionIdentifier(institution=institution, kind=BRIN, value=row["code"])
        identifier.full_clean()
        identifier.save()
        return institution

    def _class(self, row: dict[str, Any]) -> SchoolClass:
        school = self.institutions[row["institution"]]
        known = SchoolClass.objects.filter(institution=school, name=row["name"]).first()
        return known or SchoolClass.objects.create(institution=school, name=row["name"], school_year=school_year())

    def _programme(self, row: dict[str, Any]) -> Programme:
        fields = {
            "institution": self.institutions[row["institution"]],
            "name": row["name"],
            "kind": row["kind"],
            "level": row["level"],
            "sector": row.get("sector", ""),
            "learning_route": row["leerweg"],
            "crebo": row["crebo"],
            "place": row["place"],
        }
        return Programme.objects.get_or_create(code=row["code"], defaults=fields)[0]

    def _offers(self) -> None:
        offers = [
            Offer(programme=self.programmes[code], need=need, layer=layer, text=text)
            for code, needs in load("offers").items()
            for need, layers in needs.items()
            for layer, text in layers.items()
        ]
        Offer.objects.bulk_create(offers, ignore_conflicts=True)

    def _facts(self) -> None:
        rows = load("facts")
        facts = [ProgrammeFacts(programme=self.programmes[code], **said) for code, said in rows.items()]
        ProgrammeFacts.objects.bulk_create(facts, ignore_conflicts=True)

    def _days(self) -> None:
        """What a day asks, of programmes that say nothing yet: what somebody wrote, moved or took away stays so."""
        said = set(Expectation.objects.values_list("programme__code", flat=True))
        missing = {code: rows for code, rows in load("expectations").items() if code not in said}
        if missing:
            load_expectations(missing)

    def _help(self) -> None:
        """Last days are told in months from today, so that the demo always has one that runs and one that ended."""
        today = timezone.localdate()
        rows = [
            RegionHelp(region=self.regions[key], funded_until=_last_day(today, one.get("months")), **_but_months(one))
            for key, said in load("region_help").items()
            for one in said
        ]
        RegionHelp.objects.bulk_create(rows, ignore_conflicts=True)


def _but_months(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != "months"}


def _last_day(today: date, months: int | None) -> date | None:
    """The last day of the month so many months from now; none without a number."""
    if months is None:
        return None
    month = today.year * 12 + today.month + months  # counted from nought: the month after the one meant
    return date(month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _region(row: dict[str, Any]) -> Region:
    return Region.objects.get_or_create(code=row["key"], defaults={"name": row["name"]})[0]
