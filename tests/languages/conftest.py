"""The demo, and what «in English» means for somebody in it."""

from tests.test_access_matrix import world as world  # the demo, once for a file of tests
