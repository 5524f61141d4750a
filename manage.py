#!/usr/bin/env python3
"""Django's command line. ``manage.py quickstart`` makes its own keys, so it works on a fresh checkout."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    if len(sys.argv) > 1 and sys.argv[1] == "quickstart":
        from dashboard.local_keys import ensure_local_keys

        ensure_local_keys()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
