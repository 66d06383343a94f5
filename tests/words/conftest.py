"""The demo, and every page of it that somebody may open."""

from tests.test_access_matrix import world as world  # the demo, once for a file of tests
