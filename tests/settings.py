"""The project's own settings with made-up keys, so that the suite needs no environment; DATABASE_URL is honoured."""

import os

os.environ.setdefault("SECRET_KEY", "tests-only-" + "x" * 50)
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=")
os.environ.setdefault("LOCAL", "True")
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")

from dashboard.settings import *  # noqa: F403
from dashboard.settings import STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CLOUD_CALL_GAP_MS = 0
