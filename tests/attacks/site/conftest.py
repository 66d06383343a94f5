"""The demo, once for all tests of this folder, rolled back at the end."""

from collections.abc import Iterator
from contextlib import ExitStack
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from tests.test_access_matrix import _things


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    """Everything the access matrix has an address for."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        for alias in ("default", "keys"):
            stack.enter_context(transaction.atomic(using=alias))
        call_command("seed_demo", verbosity=0, stdout=StringIO())
        yield _things()
        for alias in ("default", "keys"):
            transaction.set_rollback(True, using=alias)
