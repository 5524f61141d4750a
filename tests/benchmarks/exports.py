"""Rows a second and memory of exports: CSV and Excel, from a million calls, on SQLite or PostgreSQL.

    python -m tests.benchmarks.exports [--rows 1000000] [--xlsx-rows 100000] [--database-url postgresql://...]

Fills an empty database with calls and recordings by two statements of its own, then makes each kind of file in this
process as the web server and the worker do, piece by piece, and throws it away. Memory is what the process grew by at
its highest since the first piece. The rows for each second of processor time that this process got are told as well:
on a machine that does other things they say more than the clock. The Python way is measured on both databases, and
PostgreSQL's own COPY beside it.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

TARGETS = {"csv": 100_000, "csv by COPY": 300_000}
MOST_GROWTH_MB = 30
ACCOUNT = {"environment": "sandbox", "secret_id": "x", "secret_key": "x", "endpoint": "http://127.0.0.1:9"}
CALL_FIELDS = (
    "account_id, account_name, application_id, application_name, recording_id, room_id, product, action, environment, "
    "endpoint, region, params, outcome, request_id, error_code, error_message, answer, http_status, duration_ms, "
    "clock_offset_ms, attempt, by_name, origin, created_at, answered_at"
)
RECORDING_FIELDS = (
    "id, application_id, application_name, account_name, environment, product, room_id, record_user_id, task_id, "
    "status, params, intention_key, started_by_name, origin, created_at, started_at, stopped_at, finish_reason, "
    "failure, cloud_status, watch_failures, verb, settle_step, settle_tries, result, claimed_by"
)


def fill(rows: int) -> None:
    """A million calls and a recording for every tenth, written by the database itself."""
    from django.db import connection

    from recorder_app.models import Application, CloudAccount

    account = CloudAccount.objects.create(name="Benchmark", **ACCOUNT)
    application = Application.objects.create(
        account=account, product="tiw", name="Evening classes", app_id="14"
    )
    is_postgresql = connection.vendor == "postgresql"
    number = "n" if is_postgresql else "value"
    series = f"generate_series(1, {{}}) AS {number}" if is_postgresql else "generate_series(1, {})"
    moment = (
        "timestamptz '2025-01-01' + n * interval '60.123 s'"
        if is_postgresql
        else "strftime('%Y-%m-%d %H:%M:%f', '2025-01-01', '+' || (value * 60.123) || ' seconds')"
    )
    key = "lpad(to_hex(n), 32, '0')::uuid" if is_postgresql else "printf('%032x', value)"
    json_type = "::jsonb" if is_postgresql else ""
    params = "'" + json.dumps({"SdkAppId": 1400000001, "RoomId": 1203, "Notes": "x" * 500}) + "'" + json_type
    series_sql = series if is_postgresql else _numbers_in_sqlite()
    with connection.cursor() as cursor:
        cursor.execute(
            f"{series_sql.format(rows // 10) if not is_postgresql else ''}"
            f"INSERT INTO recorder_app_recording ({RECORDING_FIELDS}) SELECT {number}, {application.pk}, "
            f"'Evening classes', 'Benchmark', 'sandbox', 'tiw', '' || {number} % 5000, 'tic_record_user_' || {number}, "
            f"'44619223633' || (1000000000 + {number}), 'finished', {params}, {key}, 'Lin', 'person', {moment}, "
            f"{moment}, {moment}, 'USER_CALL', '', 'FINISHED', 0, '', '', 0, '{{}}'{json_type}, '' "
            f"FROM {series.format(rows // 10) if is_postgresql else 'numbers'}"
        )
        cursor.execute(
            f"{series_sql.format(rows) if not is_postgresql else ''}"
            f"INSERT INTO recorder_app_apicall ({CALL_FIELDS}) SELECT {account.pk}, 'Benchmark', {application.pk}, "
            f"'Evening classes', 1 + {number} % {rows // 10}, '' || {number} % 5000, 'tiw', 'StartOnlineRecord', "
            f"'sandbox', 'tiw.tencentcloudapi.com', 'ap-singapore', {params}, 'refused', "
            f"'eac6b301-a322-493a-8e36-' || (100000000000 + {number}), 'InvalidParameter.RecordParameter', "
            f"'RoomId is out of range.', {params}, 200, {number} % 900, 12, 1, 'Lin', 'person', {moment}, {moment} "
            f"FROM {series.format(rows) if is_postgresql else 'numbers'}"
        )
        cursor.execute("ANALYZE")


def _numbers_in_sqlite() -> str:
    return "WITH RECURSIVE numbers(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers WHERE value < {}) "


def highest_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, pieces: Callable[[], Iterator[tuple[int, bytes]]]) -> dict[str, object]:
    """Make one file and throw it away."""
    running = pieces()
    next(running)
    before, began, worked = highest_mb(), time.perf_counter(), time.process_time()
    rows = size = 0
    first = 0.0
    for count, text in running:
        first = first or time.perf_counter() - began
        rows, size = rows + count, size + len(text)
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    result = {
        "file": name, "rows": rows, "MB": round(size / 1e6, 1), "rows a second": round(rows / seconds),
        "rows a second of this process's own time": round(rows / worked),
        "first piece ms": round(first * 1000), "memory MB": round(highest_mb() - before, 1),
    }  # fmt: skip
    print(json.dumps(result), flush=True)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description="Rows a second of exports, and their memory.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--xlsx-rows", type=int, default=100_000)
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; SQLite without it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = options.database_url or f"sqlite:///{folder}/recorder.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        return run(options.rows, options.xlsx_rows)


def run(rows: int, xlsx_rows: int) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from recorder_app.models import ApiCall
    from recorder_app.services import exports, lists, tables

    call_command("migrate", verbosity=0)
    if not ApiCall.objects.exists():
        began = time.perf_counter()
        fill(rows)
        print(f"filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    newest = ApiCall.objects.newest_first()[0].created_at

    def selection(columns: tuple, most: int = rows) -> exports.Selection:
        first = newest - timedelta(seconds=60.123 * most)
        return exports.Selection(
            title="Calls", rows=ApiCall.objects.filter(created_at__gt=first), columns=columns, about="All calls",
            zone="Asia/Shanghai", until=newest, by="Lin",
        )  # fmt: skip

    def by_python(chosen: exports.Selection) -> Iterator[tuple[int, bytes]]:
        yield 0, tables.csv_head(chosen.headings, zone=chosen.zone, about=chosen.about)
        clock = tables.Clock(chosen.zone)
        for values in exports.read_blocks(chosen):
            yield len(values[0]), tables.csv_rows(chosen.headings, values, clock=clock)

    as_shown, everything = (
        exports.shown("calls", [name for name in lists.COLUMNS["calls"] if name != "origin"]),
        exports.CALLS,
    )
    found = []
    if connection.vendor == "postgresql":
        found.append(measure("csv by COPY", lambda: exports.csv_pieces(selection(as_shown))))
        found.append(measure("csv by COPY, all columns", lambda: exports.csv_pieces(selection(everything))))
    found.append(measure("csv", lambda: by_python(selection(as_shown))))
    found.append(measure("csv, all columns", lambda: by_python(selection(everything))))
    found.append(measure("xlsx", lambda: exports.xlsx_pieces(selection(as_shown, xlsx_rows))))
    connection.close()
    short = [one["file"] for one in found if one["rows a second"] < TARGETS.get(one["file"], 0)]
    large = [one["file"] for one in found if one["memory MB"] > MOST_GROWTH_MB]
    print(
        f"{connection.vendor}: {'holds' if not short and not large else f'FALLS SHORT: {[*short, *large]}'}"
    )
    return 1 if short or large else 0


if __name__ == "__main__":
    raise SystemExit(main())
