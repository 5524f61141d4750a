"""What a database needs from us now and then."""

from django.db import connection

# Rows of each index that are looked at: enough to tell a value that occurs once from one that occurs everywhere.
SAMPLE = 1000


def learn_the_tables() -> None:
    """Let SQLite see how its rows are spread, from a sample: some milliseconds at any size.

    Without it SQLite holds every index for equally good, and may look for one TaskId among all of an application's.
    PostgreSQL does this by itself.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {SAMPLE}")
        cursor.execute("ANALYZE")
