"""The project's own settings with made-up keys, so that the suite needs no environment; DATABASE_URL is honoured."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "tests-only-" + "x" * 50)
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=")
os.environ.setdefault("LOCAL", "True")
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")

from dashboard.settings import *  # noqa: F403
from dashboard.settings import DATABASES, STORAGES

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in real life: threads share it through WAL, which a database in memory does not have.
    TEST_FILE = Path(tempfile.gettempdir()) / f"recorder-tests-{os.getpid()}.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(TEST_FILE)}
else:
    # Connections are opened and closed by each thread; a pool's own threads would outlive the test.
    del DATABASES["default"]["OPTIONS"]["pool"]

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CLOUD_CALL_GAP_MS = 0
# Nothing is collected for the suite: files are found where they lie.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
