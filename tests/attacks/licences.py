"""Which licences the parts of the site come under, read from the list of parts (CycloneDX) that script/audit makes.

    python -m tests.attacks.licences var/sbom.cdx.json

The house is EUPL-1.2. Exit code 1 when a part has a licence that is not listed here, or none.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

# All of these let a EUPL work use the part as it is. The weak copyleft ones bind changes to the part itself.
FINE = {
    "MIT", "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "ISC", "PSF-2.0", "Python-2.0", "Unlicense",
    "MIT-0", "MIT-CMU", "HPND", "Zlib", "CC0-1.0", "LGPL-2.1-or-later", "LGPL-3.0-or-later", "LGPL-3.0-only",
    "LGPL-2.1-only", "MPL-2.0", "MPL-1.1", "GPL-2.0-or-later", "EUPL-1.2", "OFL-1.1",
}  # fmt: skip
# What a package says in words instead of by its SPDX name.
SPDX = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "Apache 2.0": "Apache-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-2.1-or-later",
    "BSD 3-Clause": "BSD-3-Clause",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "3-Clause BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "MPL 2.0": "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
}
# Parts whose package says it in words that no tool reads; looked up by hand in the package itself.
BY_HAND = {"uritemplate": "BSD-3-Clause OR Apache-2.0"}


def licences_of(part: dict[str, Any]) -> list[str]:
    """What a part says its licence is; of an expression each name."""
    said = [] if part.get("licenses") else [BY_HAND[part["name"]]] if part["name"] in BY_HAND else []
    for one in part.get("licenses", []):
        name = one.get("expression") or one["license"].get("id") or one["license"].get("name", "")
        said.append(SPDX.get(name.removeprefix("License :: OSI Approved :: "), name))
    return said


def is_fine(part: dict[str, Any]) -> bool:
    """Whether one of its licences is listed; of «A AND B» each must be, of «A OR B» one."""
    return any(_holds(said) for said in licences_of(part))


def _holds(expression: str) -> bool:
    parts = re.split(r"\s+OR\s+", expression.strip("() "))
    return any(
        all(name.strip("() ") in FINE for name in re.split(r"\s+AND\s+|\s+WITH\s+.*", one) if name) for one in parts
    )


def main() -> int:
    parts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["components"]
    wrong = [f"{part['name']} {part['version']}: {licences_of(part) or 'none'}" for part in parts if not is_fine(part)]
    for one in wrong:
        sys.stdout.write(f"{one}\n")
    return 1 if wrong or not parts else 0


if __name__ == "__main__":
    sys.exit(main())
