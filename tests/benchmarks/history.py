"""How quick the pages are on a history of ten thousand, a million, ten million calls, beside what others would have.

    python -m tests.benchmarks.history --rows 10000,1000000 --db sqlite
    python -m tests.benchmarks.history --rows 10000,1000000,10000000 --db postgresql --database-url postgresql://.../h

Fills a database once for each size (SQLite: a file in ``--folder``; PostgreSQL: the databases h10k, h1m, h10m, which
must exist) and keeps it. Serves the product under gunicorn (2 workers), and beside it a bare view for each question
and Django's admin, usual and tuned, and asks them in turn. The time is the server's own, without the network. Pages
that the product does not have are skipped, and a line says so.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests.benchmarks import csv_export
from tests.benchmarks.beside.took import HEADER
from tests.benchmarks.start import percentile
from tests.processes import free_port, wait_until_ready

ROOT = Path(__file__).resolve().parent.parent.parent
WARM, ROUNDS, ADMIN_ROUNDS = 6, 40, 3
SLOWEST = 120.0  # seconds that an admin page is waited for
MOST_SPENT = 20_000.0  # milliseconds after which a plain view is not asked again
NAMES = {10_000: "10k", 100_000: "100k", 1_000_000: "1m", 10_000_000: "10m"}
IS_FILLED = "from recorder_app.models import ApiCall; print(ApiCall.objects.exists())"
FACTS = "from tests.benchmarks.beside import facts; facts.main()"
Facts = dict
# What a page is asked: the address in round number n, or None where there is no such page.
Address = Callable[[Facts, int], str]


@dataclass
class Page:
    name: str
    product: Address
    plain: Address | None = None
    usual: Address | None = None
    tuned: Address | None = None
    session: str = "session"
    post: Callable[[Facts], dict[str, str]] | None = None
    # The most that the plain view's p50 may be exceeded, and the most p95 at the largest size.
    ratio: float = 0.0
    p95: float = 0.0


def fixed(address: str) -> Address:
    return lambda facts, number: address


def filtered(*names: str, path: str = "/calls/", **more: str) -> Address:
    def address(facts: Facts, number: int) -> str:
        known = {name: facts[name] for name in names}
        known |= {"since": facts[more["days"]]} if "days" in more else {}
        known |= {name: value for name, value in more.items() if name != "days"}
        return f"{path}?{urlencode(known)}"

    return address


def taking(path: str, name: str) -> Address:
    return lambda facts, number: path.format(facts[name][number % len(facts[name])])


USUAL, TUNED = "/usual/recorder_app/apicall/", "/tuned/recorder_app/apicall/"
COMBINED = {"outcome": "refused", "days": "since_30"}


def report(days: str) -> Address:
    return lambda facts, number: f"/reports/?{urlencode({'since': facts[days], 'until': facts['until']})}"


def raw_report(days: str) -> Address:
    return lambda facts, number: (
        f"/plain/report/?{urlencode({'since': facts[days], 'until': facts['until']})}"
    )


PAGES = (
    Page("first list", fixed("/calls/"), fixed("/plain/calls/"), fixed(USUAL), fixed(TUNED), ratio=2.5),
    Page("page 1000, by its key", filtered("before"), filtered("before", path="/plain/calls/"), ratio=2.5),
    Page(
        "one RequestId",
        taking("/lookup/?q={}", "request_ids"),
        taking("/plain/lookup/?q={}", "request_ids"),
        taking(USUAL + "?q={}", "request_ids"),
        taking(TUNED + "?q={}", "request_ids"),
        ratio=2.5,
        p95=20,
    ),
    Page(
        "a log with 50 identifiers",
        fixed("/lookup/"),
        fixed("/plain/lookup/many/"),
        post=lambda facts: {"q": log_of(facts["ids"]), "ids": "\n".join(facts["ids"])},
        ratio=2.5,
    ),
    Page(
        "refused, one application, 30 days",
        filtered("application", **COMBINED),
        filtered("application", path="/plain/calls/", **COMBINED),
        ratio=2.5,
    ),
    Page(
        "accepted, one application, 30 days",
        filtered("application", outcome="ok", days="since_30"),
        filtered("application", path="/plain/calls/", outcome="ok", days="since_30"),
        ratio=2.5,
    ),
    Page("by room", filtered("room"), filtered("room", path="/plain/calls/"), ratio=2.5),
    Page(
        "person and error code, 2 years",
        filtered("by", "code", days="since_730"),
        filtered("by", "code", path="/plain/calls/", days="since_730"),
        ratio=2.5,
    ),
    Page("a call", taking("/calls/{}/", "pks"), taking("/plain/calls/{}/", "pks"), ratio=2.5),
    Page("overview", fixed("/"), fixed("/plain/overview/"), p95=100),
    Page("report of 30 days", report("since_30"), raw_report("since_30"), p95=100),
    Page("report of 2 years", report("since_730"), raw_report("since_730"), p95=100),
    # Not asked for by name, but where a database loses its way.
    Page("recordings", fixed("/recordings/")),
    Page("recordings in trouble", filtered(path="/recordings/", status="troubled")),
    Page("recordings of an application", filtered("application", path="/recordings/")),
    Page("calls, seen by somebody limited", fixed("/calls/"), session="limited"),
    Page("recordings, seen by somebody limited", fixed("/recordings/"), session="limited"),
    Page("one rare action", filtered(action="DescribeRunningTasks")),
    Page("an action that never was", filtered(action="SetOnlineRecordCallback")),
    Page("one product", filtered(product="gme")),
    Page("demonstration data, of which there is none", filtered(origin="demo")),
    Page("slower than ten seconds", filtered(slower="10000")),
    Page("somebody who is not there", filtered(by="nobody")),
    Page("an error that never was", filtered(code="NoSuchCode")),
    Page("refused or unanswered", lambda facts, number: "/calls/?outcome=refused&outcome=no_answer"),
)


def log_of(ids: list[str]) -> str:
    """What somebody pastes: lines of a log, with the identifiers somewhere in them."""
    lines = [
        f'2026-11-20 09:{number:02d}:11,204 WARN recorder.worker - answer {{"RequestId": "{one}"}} took 212 ms'
        if "-" in one
        else f"2026-11-20 09:{number:02d}:12,017 INFO recorder.worker - following TaskId={one} state=RECORDING"
        for number, one in enumerate(ids)
    ]
    return "\n".join(lines)


# --- Serving ---------------------------------------------------------------------------------------------
@dataclass
class House:
    """A filled database, and the two servers on it."""

    url: str
    rows: int
    ports: dict[str, int] = field(default_factory=dict)
    masters: dict[str, int] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)

    def environment(self, settings: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "benchmark-" + "x" * 50,
            "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
            "LOCAL": "True",
            "LOG_LEVEL": "ERROR",
            "DATABASE_URL": self.url,
            "STATIC_ROOT": "/tmp/recorder-history-static",
            "DJANGO_SETTINGS_MODULE": settings,
        }

    def manage(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.environment("dashboard.settings"), check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return done.stdout

    def prepare(self) -> Facts:
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")
        if self.manage("shell", "--verbosity", "0", "-c", IS_FILLED).strip() != "True":
            self.manage("fill_history", "--rows", str(self.rows))
        return json.loads(self.manage("shell", "--verbosity", "0", "-c", FACTS))

    @contextmanager
    def served(self) -> Iterator["House"]:
        children = []
        try:
            for name, settings in (("product", "product_settings"), ("beside", "settings")):
                self.ports[name] = free_port()
                command = [
                    sys.executable, "-m", "gunicorn", "dashboard.wsgi", "--bind", f"127.0.0.1:{self.ports[name]}",
                    "--workers", "2", "--threads", "32", "--worker-class", "gthread", "--timeout", "300",
                    "--log-level", "error",
                ]  # fmt: skip
                environment = self.environment(f"tests.benchmarks.beside.{settings}")
                children.append(subprocess.Popen(command, cwd=ROOT, env=environment))
            for port in self.ports.values():
                wait_until_ready(f"http://127.0.0.1:{port}/readyz")
            self.masters = {name: child.pid for name, child in zip(self.ports, children, strict=True)}
            yield self
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait(timeout=60)


@dataclass(frozen=True)
class Answer:
    status: int
    took: float
    text: bytes

    @property
    def rows(self) -> int:
        return self.text.count(b"<tr")


def ask(
    port: int, address: str, session: str, *, post: dict[str, str] | None = None, wait: float = 60
) -> Answer:
    """One request over a connection of its own, so that both workers get theirs."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=wait)
    token = "b" * 32
    headers = {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}
    body = None
    if post is not None:
        body = urlencode(post)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("POST" if post is not None else "GET", address, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    took = float(answer.headers.get(HEADER) or "nan")
    return Answer(answer.status, took, text)


# --- Measuring -------------------------------------------------------------------------------------------
def measure(houses: list[House], rounds: int) -> dict[int, dict[str, dict]]:
    """Product and plain view of each page at each size in turn, round by round: what else the machine does weighs on
    all of them alike. Answers, by size and page, p50, p95 and the quickest tenth."""
    pages = {house.rows: [page for page in PAGES if exists(house, page)] for house in houses}
    times: dict[tuple[int, str, str], list[float]] = {}
    found: dict[int, dict[str, dict]] = {house.rows: {} for house in houses}
    for number in range(-WARM, rounds):
        for page in PAGES:
            for house in houses:
                if page not in pages[house.rows]:
                    continue
                answers = {"product": product_answer(house, page, number)}
                # A view that takes its time is not asked for ever; what it took to warm up counts then.
                plain = times.setdefault((house.rows, page.name, "plain"), [])
                if page.plain and sum(plain) < MOST_SPENT:
                    answers["plain"] = plain_answer(house, page, number)
                found[house.rows][page.name] = {"lines": answers["product"].rows}
                for side, answer in answers.items():
                    if number >= 0 or answer.took > MOST_SPENT / WARM:
                        times.setdefault((house.rows, page.name, side), []).append(answer.took)
    for (rows, name, side), took in times.items():
        if not took:
            continue
        figures = [statistics.median(took), percentile(took, 0.95), percentile(took, 0.1)]
        found[rows][name][side] = figures
    return found


def product_answer(house: House, page: Page, number: int) -> Answer:
    post = page.post(house.facts) if page.post else None
    session = house.facts[page.session]
    return ask(house.ports["product"], page.product(house.facts, number), session, post=post)


def plain_answer(house: House, page: Page, number: int) -> Answer:
    post, address = page.post(house.facts) if page.post else None, page.plain(house.facts, number)
    answer = ask(house.ports["beside"], address, house.facts["admin"], post=post, wait=300)
    if answer.status != 200:
        raise SystemExit(f"the plain view answers {answer.status} to {address}")
    return answer


def exists(house: House, page: Page) -> bool:
    answer = product_answer(house, page, 0)
    if answer.status >= 400 or (page.post and house.facts["ids"][0].encode() not in answer.text):
        print(f"skipped: {page.name}: the product has no such page yet (it answers {answer.status})")
        return False
    if page.name.startswith("report") and not answer.rows:
        print(f"skipped: {page.name}: {house.rows:,} calls are not counted; manage.py rebuild_counts does it")
        return False
    return True


def measure_admin(house: House, found: dict[str, dict]) -> None:
    """Few times, and no longer than one would wait."""
    for page in PAGES:
        for side, address in (("usual", page.usual), ("tuned", page.tuned)):
            if address and page.name in found:
                took = admin_times(house, address)
                found[page.name][side] = [statistics.median(took), max(took), min(took)]


def admin_times(house: House, address: Address) -> list[float]:
    took: list[float] = []
    began = time.monotonic()
    for number in range(ADMIN_ROUNDS + 1):
        try:
            answer = ask(
                house.ports["beside"], address(house.facts, number), house.facts["admin"], wait=SLOWEST
            )
        except TimeoutError:
            return [*took, SLOWEST * 1000]
        assert answer.status == 200, f"the admin answers {answer.status}"
        # The first warms up, unless there is no time for a second.
        took = [] if number == 1 else took
        took.append(answer.took)
        if time.monotonic() - began > SLOWEST:
            break
    return took


def house_of(options: argparse.Namespace, rows: int) -> House:
    name = NAMES.get(rows, str(rows))
    if options.db == "sqlite":
        options.folder.mkdir(parents=True, exist_ok=True)
        house = House(f"sqlite:///{options.folder / name}.sqlite3", rows)
    elif not options.database_url:
        raise SystemExit("--db postgresql needs --database-url")
    else:
        house = House(options.database_url + name, rows)
    house.facts = house.prepare()
    return house


def measure_all(options: argparse.Namespace) -> list[dict]:
    houses = [house_of(options, rows) for rows in sizes(options)]
    with ExitStack() as stack:
        for house in houses:
            stack.enter_context(house.served())
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
        found = measure(houses, options.rounds)
        csv = {}
        for house in houses:
            if not options.no_admin:
                measure_admin(house, found[house.rows])
            csv[house.rows] = csv_export.measure(
                house.ports["product"], house.masters["product"], house.facts
            )
        print(f"load of the machine after: {os.getloadavg()[0]:.1f}", flush=True)
    return [{"rows": house.rows, "pages": found[house.rows], "csv": csv[house.rows]} for house in houses]


# --- Telling ---------------------------------------------------------------------------------------------
def told(values: list[float] | None) -> str:
    return f"{values[0]:.1f} / {values[1]:.1f}" if values else "-"


def print_table(result: dict) -> None:
    heads = ("this product", "quickest tenth", "lines", "plain view", "ratio", "admin", "tuned admin")
    print(f"\n| {result['rows']:,} calls: ms, p50 / p95 | {' | '.join(heads)} |")
    print("|---|---|---|---|---|---|---|---|")
    for name, row in result["pages"].items():
        ratio = f"{row['product'][0] / row['plain'][0]:.2f}" if "plain" in row else "-"
        cells = [told(row.get(side)) for side in ("plain", "usual", "tuned")]
        row_told = (
            told(row["product"]),
            f"{row['product'][2]:.1f}",
            str(row["lines"]),
            cells[0],
            ratio,
            *cells[1:],
        )
        print(f"| {name} | {' | '.join(row_told)} |")
    if result["csv"]:
        print(f"CSV: {result['csv']}")


def verdicts(results: list[dict]) -> Iterator[tuple[str, bool, str]]:
    """Each target of the largest size, whether it holds, and the figures."""
    small, large = results[0], results[-1]
    targets = {page.name: page for page in PAGES}
    for name, row in large["pages"].items():
        page, p50 = targets[name], row["product"][0]
        before = small["pages"].get(name)
        if before and small is not large:
            most = max(before["product"][0] * 1.3, before["product"][0] + 1)
            yield (
                f"{name}: grows at most 1.3x or 1 ms",
                p50 <= most,
                f"{before['product'][0]:.1f} -> {p50:.1f}",
            )
        if page.ratio:
            ratio = p50 / row["plain"][0]
            yield f"{name}: at most {page.ratio}x the plain view", ratio <= page.ratio, f"{ratio:.2f}x"
        if page.p95:
            yield (
                f"{name}: p95 at most {page.p95:.0f} ms",
                row["product"][1] <= page.p95,
                f"{row['product'][1]:.1f}",
            )
        if "usual" in row and large["rows"] >= 10_000_000:
            times = row["usual"][0] / p50
            wanted = 1000 if "RequestId" in name else 100
            yield f"{name}: {wanted}x quicker than the usual admin", times >= wanted, f"{times:.0f}x"


def add_database(parser: argparse.ArgumentParser) -> None:
    """The options that say on which database, and at which sizes."""
    parser.add_argument("--rows", default="10000", help="one or several numbers of calls, with commas")
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--folder", type=Path, default=Path("/tmp/recorder-history"), help="for SQLite's files"
    )
    parser.add_argument("--database-url", default="", help="PostgreSQL; 10k, 1m or 10m is added to its name")


def sizes(options: argparse.Namespace) -> list[int]:
    return sorted(int(one) for one in options.rows.split(","))


def main() -> int:
    parser = argparse.ArgumentParser(description="The pages at any size of history.")
    add_database(parser)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--no-admin", action="store_true", help="leave Django's admin out, which is slow")
    options = parser.parse_args()
    results = measure_all(options)
    for result in results:
        print_table(result)
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / f"results-{options.db}.json").write_text(json.dumps(results, indent=1))
    print()
    all_hold = True
    for what, holds, figures in [*verdicts(results), *csv_export.verdicts(results[-1]["csv"], options.db)]:
        all_hold &= holds
        print(f"{'holds' if holds else 'FALLS SHORT'}: {what} ({figures})")
    return 0 if all_hold else 1


if __name__ == "__main__":
    raise SystemExit(main())
