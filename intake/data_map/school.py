"""What the fields of `school` hold."""

from collections.abc import Mapping

from intake.data_map.lines import Line

FIELDS: Mapping[str, Line] = {}
