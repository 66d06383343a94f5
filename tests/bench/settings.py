"""The settings of the site, with the floor views beside its own pages. Only tests/bench uses this."""

from config.settings import *  # noqa: F403
from config.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "tests.bench.urls"
TEMPLATES[0]["DIRS"] = [BASE_DIR / "templates", BASE_DIR / "tests" / "bench" / "templates"]
# The same hashed names as the site, without ten seconds of compressing files that nobody fetches here.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["css", "js", "svg", "json", "txt", "webmanifest", "html", "png", "woff2"]
