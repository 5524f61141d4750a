"""What is missing or senseless in the environment is told at start, by name. Each case is a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOUND = {
    "SECRET_KEY": "x" * 60,
    "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    "DATABASE_URL": "sqlite:///:memory:",
}


def start_with(**changes: str) -> tuple[int, str]:
    # The checkout's own .env or local keys must not fill a gap: an empty value overrules them.
    environment = {"PATH": os.environ["PATH"], **SOUND, **changes}
    done = subprocess.run(
        [sys.executable, "-c", "import dashboard.settings"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr.strip().splitlines()[-1] if done.stderr else ""


def test_sound_settings_start():
    assert start_with() == (0, "")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set."),
        ("SECRET_KEY", "x", "SECRET_KEY is too short"),
        ("FIELD_ENCRYPTION_KEYS", ",", "FIELD_ENCRYPTION_KEYS holds no key"),
        ("ALLOWED_HOSTS", "https://recorder.example.com", "ALLOWED_HOSTS must name hosts"),
        ("ALLOWED_HOSTS", ",", "ALLOWED_HOSTS must name hosts"),
        ("CSRF_TRUSTED_ORIGINS", "recorder.example.com", "CSRF_TRUSTED_ORIGINS must hold addresses"),
        ("DATABASE_URL", "postgresql://", "DATABASE_URL names no database"),
        ("CLOUD_CALL_GAP_MS", "10", "CLOUD_CALL_GAP_MS must lie between 50"),
        ("CLOUD_PROXY", "http://", "CLOUD_PROXY must be an address"),
        ("FIELD_ENCRYPTION_KEYS", "", "FIELD_ENCRYPTION_KEYS is not set."),
        ("FIELD_ENCRYPTION_KEYS", "not-a-key", "FIELD_ENCRYPTION_KEYS holds something that is no Fernet key"),
        ("DATABASE_URL", "mysql://localhost/x", "DATABASE_URL must begin with sqlite:///"),
        ("DEBUG", "perhaps", "DEBUG must be True or False, not 'perhaps'"),
        ("CLOUD_READ_TIMEOUT", "soon", "CLOUD_READ_TIMEOUT must be a number, not 'soon'"),
        ("CLOUD_READ_TIMEOUT", "-1", "CLOUD_READ_TIMEOUT must lie between 0.1 and 120, not -1"),
        ("CLOUD_LANGUAGE", "de-DE", "CLOUD_LANGUAGE must be one of en-US, zh-CN, not 'de-DE'"),
        ("CLOUD_CA_BUNDLE", "/nowhere.pem", "CLOUD_CA_BUNDLE names a file that is not there: /nowhere.pem"),
        ("CLOUD_PROXY", "proxy:3128", "CLOUD_PROXY must be an address such as"),
        ("TIME_ZONE", "Mars/Base", "TIME_ZONE must be the name of a time zone"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL must be one of"),
    ],
)
def test_a_senseless_value_is_told_by_name(name, value, told):
    status, last_line = start_with(**{name: value})

    assert status == 1
    assert told in last_line


def test_every_variable_is_listed_in_the_example():
    import re

    source = (ROOT / "dashboard" / "settings.py").read_text(encoding="utf-8")
    read = set(
        re.findall(
            r'(?:env\.\w+|required|number|switch|one_of|time_zone|fernet_keys|secret_key|hosts|origins)\(\s*"([A-Z_]+)"',
            source,
        )
    )
    listed = set(
        re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert read == listed
