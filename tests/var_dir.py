"""Every test process gets a VAR_DIR of its own, before any setting is read (loaded early: see pyproject.toml)."""

import atexit
import os
import shutil
import tempfile

base = os.environ.get("VAR_DIR")
if base:
    os.makedirs(base, exist_ok=True)  # noqa: PTH103
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="test-", dir=base)
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
if redis := os.environ.get("REDIS_URL"):
    os.environ["REDIS_URL"] = f"{redis.rsplit('/', 1)[0]}/{int(worker) % 16}"
os.makedirs(os.path.join(os.environ["VAR_DIR"], "static"))  # noqa: PTH103, PTH118  (whitenoise warns without it)
