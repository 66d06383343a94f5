"""The static files with their fingerprints, each address worked out once per process.

A page names some fifteen of them; Django puts every address together anew, which was a tenth of a page.
"""

from functools import cache

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """As the library's, with `url` remembered: the manifest is read once, at the start of the process."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.url = cache(super().url)
