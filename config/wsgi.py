"""The web server's entrance."""

import os
import sys

from django.core.wsgi import get_wsgi_application

# The thread that holds the write lock of SQLite gets its turn within a millisecond: others wait for it.
sys.setswitchinterval(0.001)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from config.checks import refuse_demo_accounts  # noqa: E402  the models are there only now

refuse_demo_accounts()
