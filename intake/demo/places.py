"""Regions, schools, colleges, classes, programmes, what they offer and what a day there asks."""

from typing import Any

from accounts.models import Institution, InstitutionIdentifier, Programme, Region, SchoolClass
from intake.demo.content import load, school_year
from intake.models import Offer
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
        load_expectations(load("expectations"))

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


def _region(row: dict[str, Any]) -> Region:
    return Region.objects.get_or_create(code=row["key"], defaults={"name": row["name"]})[0]
