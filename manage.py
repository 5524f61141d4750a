#!/usr/bin/env python3
"""Django's command line. What works on a fresh checkout makes its own keys."""

import os
import sys

ON_A_FRESH_CHECKOUT = ("quickstart", "sandbox")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    if len(sys.argv) > 1 and sys.argv[1] in ON_A_FRESH_CHECKOUT and "SECRET_KEY" not in os.environ:
        from dashboard.local_keys import ensure_local_keys

        ensure_local_keys()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
