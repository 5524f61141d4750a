"""The export of a hundred thousand calls as CSV: rows a second, and how much memory the server needs for it."""

import http.client
import re
import threading
import time
import uuid
from pathlib import Path
from urllib.parse import urlencode


def measure(port: int, master: int, facts: dict) -> dict | None:
    """Take the file three times; None where the product has no such page. Memory in MB above what it was before."""
    query = urlencode({"page": "calls", "since": facts["since_csv"]})
    token = "b" * 32
    headers = {
        "Cookie": f"sessionid={facts['session']}; csrftoken={token}",
        "X-CSRFToken": token,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    page = _ask(port, "GET", f"/exports/new/?{query}", None, headers)
    if page[0] >= 400:
        print(f"skipped: CSV: the product answers {page[0]} to /exports/new/")
        return None
    fields = dict(re.findall(r'name="(intention)"[^>]*value="([^"]+)"', page[1].decode()))
    form = {"kind": "csv", "columns": "all", "intention": fields.get("intention", str(uuid.uuid4()))}
    rates, before = [], _memory(master)
    watch = _Watch(master)
    with watch:
        for _ in range(3):
            began = time.perf_counter()
            status, body = _ask(port, "POST", f"/exports/new/?{query}", urlencode(form), headers)
            seconds = time.perf_counter() - began
            if status != 200:
                print(f"skipped: CSV: the product answers {status} to the order")
                return None
            rates.append((body.count(b"\n") - 1) / seconds)
    return {
        "rows": body.count(b"\n") - 1,
        "rows a second": round(max(rates)),
        "MB": round(len(body) / 1e6, 1),
        "memory growth, MB": round(watch.most - before, 1),
    }


def _ask(port: int, method: str, address: str, body: str | None, headers: dict) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request(method, address, body, headers)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


class _Watch:
    """The most memory of a server's processes while it lasts."""

    def __init__(self, master: int) -> None:
        self.master, self.most, self._over = master, 0.0, threading.Event()

    def __enter__(self) -> None:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            self.most = max(self.most, _memory(self.master))


def _memory(master: int) -> float:
    """Resident memory of a process and its children in MB."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    found = 0
    for pid in (str(master), *children):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        found += pages * 4096
    return found / 1e6
