"""The export of a hundred thousand calls as CSV over HTTP: rows a second, and how much memory the server needs for it.

    python -m tests.benchmarks.csv_export --rows 1000000 --db sqlite
    python -m tests.benchmarks.csv_export --rows 1000000 --db postgresql --database-url postgresql://.../h

Takes the newest hundred thousand calls from gunicorn as a browser does, with the columns of the list and with all there
are, three times each, and counts the quickest. It takes the options of ``history``, which measures the same.

Memory is what all processes of the server together needed at their highest above what they held before. Each is warm
then: it has answered small exports, so what it imports for its first one is not counted; what a large one needs is,
also from the first, and so is what the server keeps of it. The highest of each process counts, whenever it was.
"""

import argparse
import http.client
import re
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

TIMES = 3
# Small exports that warm the processes up, so many at a time that hardly one of them is left out.
WARM, AT_A_TIME = 48, 8
LEAST_ROWS = {"sqlite": 100_000, "postgresql": 300_000}
MOST_GROWTH_MB = 30
TOKEN = "b" * 32


def measure(port: int, master: int, facts: dict) -> dict[str, dict] | None:
    """What an export took, by its columns; None where the product has no such page."""
    status, _page = _ask(port, "GET", _address(facts["since_csv"]), facts)
    if status >= 400:
        print(f"skipped: CSV: the product answers {status} to /exports/new/")
        return None
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(lambda _number: _take(port, facts, facts["newest"], "all"), range(WARM)))
    before = {pid: _memory(pid, "VmRSS") for pid in _processes(master)}
    for pid in before:
        # Its highest is counted from here on.
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    return {columns: _measure(port, facts, columns, before) for columns in ("shown", "all")}


def _measure(port: int, facts: dict, columns: str, before: dict[int, float]) -> dict:
    seconds = []
    for _number in range(TIMES):
        began = time.perf_counter()
        body = _take(port, facts, facts["since_csv"], columns)
        seconds.append(time.perf_counter() - began)
    growth = [_memory(pid, "VmHWM") - held for pid, held in before.items()]
    rows = body.count(b"\n") - 1
    return {
        "rows": rows,
        "rows a second": round(rows / min(seconds)),
        "MB": round(len(body) / 1e6, 1),
        "memory growth, MB": round(sum(growth), 1),
    }


def verdicts(found: dict[str, dict] | None, db: str) -> Iterator[tuple[str, bool, str]]:
    """Each target, whether it holds, and the figure."""
    for columns, figures in (found or {}).items():
        rate, growth = figures["rows a second"], figures["memory growth, MB"]
        least = LEAST_ROWS[db]
        yield f"CSV, {columns} columns: at least {least:,} rows a second", rate >= least, f"{rate:,}"
        yield (
            f"CSV, {columns} columns: grows at most {MOST_GROWTH_MB} MB",
            growth <= MOST_GROWTH_MB,
            f"{growth}",
        )


def _address(since: str) -> str:
    return f"/exports/new/?{urlencode({'page': 'calls', 'since': since})}"


def _take(port: int, facts: dict, since: str, columns: str) -> bytes:
    form = {"kind": "csv", "columns": columns, "intention": str(uuid.uuid4())}
    status, body = _ask(port, "POST", _address(since), facts, urlencode(form))
    if status != 200:
        raise SystemExit(f"CSV: the product answers {status} to the order")
    return body


def _ask(port: int, method: str, address: str, facts: dict, body: str | None = None) -> tuple[int, bytes]:
    headers = {
        "Cookie": f"sessionid={facts['session']}; csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request(method, address, body, headers)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def _processes(master: int) -> list[int]:
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [master, *map(int, children)]


def _memory(pid: int, name: str) -> float:
    """A figure from a process's account of its memory, in MB."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 / 1e6


def main() -> int:
    # It measures this among other things.
    from tests.benchmarks import history

    parser = argparse.ArgumentParser(
        description="Rows a second of an export as CSV, and the server's memory."
    )
    history.add_database(parser)
    options = parser.parse_args()
    all_hold = True
    for rows in history.sizes(options):
        with history.house_of(options, rows).served() as house:
            found = measure(house.ports["product"], house.masters["product"], house.facts)
        print(f"{rows:,} calls: {found}")
        for what, holds, figure in verdicts(found, options.db):
            all_hold &= holds
            print(f"{'holds' if holds else 'FALLS SHORT'}: {what} ({figure})")
    return 0 if all_hold else 1


if __name__ == "__main__":
    raise SystemExit(main())
