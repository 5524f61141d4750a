"""Does the history tell the truth, whatever breaks? Real processes are killed, answers are lost, the database dies.

    python -m tests.soak.certainty --trials 1000 --seed 1 [--sqlite]

Each trial is one class or voice room that an operator starts in a browser and stops later, perhaps after a pause, with
double clicks and reloads; meanwhile web and worker processes are killed with SIGKILL, the sandbox cloud drops
connections before and after it did the work, delays answers beyond the timeout, answers with errors and garbage, and
PostgreSQL is stopped at once and started again. At the end the sandbox's own account is compared with the history.
Ends with status 1 unless nothing was lost, doubled, wrong or unsettled.
"""

# ruff: noqa: T201 - a script that prints what it found

import argparse
import json
import os
import random
import signal
import sys
import threading
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import NoReturn

from tests.soak.house import CHINESE_APP, READ_TIMEOUT, WORKERS, Browser, House

AT_ONCE = 12
TARGET_P95 = 60.0  # seconds
SETTLE_WITHIN = 300.0  # seconds that the end may take before what is open counts as unsettled
# Faults of a start and how often each is chosen; "" is none.
START_FAULTS = {
    "": 30, "drop_before": 12, "drop_after": 14, "garbage": 5, "http_status": 5, "delay": 10, "late": 8,
    "InternalError": 5, "RequestLimitExceeded": 4, "kill web": 7,
}  # fmt: skip
# Beside these, every call of any kind may be lost, all the time.
EVERY_CALL = [
    {"action": "*", "kind": "drop_before", "probability": 0.01},
    {"action": "*", "kind": "drop_after", "probability": 0.02},
    {"action": "*", "kind": "delay", "seconds": READ_TIMEOUT + 1, "probability": 0.004, "after": True},
]


def fault_of(kind: str) -> dict | None:
    """The sandbox's fault for a kind of trial; ``late`` does the work long after the dashboard gave up waiting."""
    after = {"count": 1, "after": True}
    return {
        "drop_before": {"kind": "drop_before", "count": 1},
        "drop_after": {"kind": "drop_after", "count": 1},
        "garbage": {"kind": "garbage", **after},
        "http_status": {"kind": "http_status", "status": 502, **after},
        "delay": {"kind": "delay", "seconds": READ_TIMEOUT + 2, **after},
        "late": {"kind": "delay", "seconds": READ_TIMEOUT + 9, "count": 1},
        "InternalError": {"kind": "error", "code": "InternalError", **after},
        "RequestLimitExceeded": {"kind": "error", "code": "RequestLimitExceeded", "count": 1},
    }.get(kind)


class Soak:
    def __init__(self, house: House, *, trials: int, seed: int) -> None:
        self.house, self.trials, self.seed = house, trials, seed
        self.faults: Counter = Counter()
        self.applications: dict[str, int] = {}
        self._browsers = threading.local()
        self._over = threading.Event()

    def run(self) -> None:
        self._post_faults(EVERY_CALL)
        chaos = threading.Thread(target=self._chaos, daemon=True)
        chaos.start()
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            for done, _trial in enumerate(pool.map(self._trial, range(self.trials)), start=1):
                if done % 100 == 0:
                    print(f"  {done} trials done", file=sys.stderr, flush=True)
        finally:
            # Also when told to end: nobody starts a database, or asks for anything, while the house is torn down.
            self._over.set()
            pool.shutdown(cancel_futures=True)
            chaos.join()
        self._clear_faults()

    def _trial(self, number: int) -> None:
        dice = random.Random(f"{self.seed}:{number}")
        product = dice.choice(("tiw", "chinese", "gme"))
        kind = dice.choices(list(START_FAULTS), weights=list(START_FAULTS.values()))[0]
        action = "StartRecord" if product == "gme" else "StartOnlineRecord"
        if fault := fault_of(kind):
            self._post_faults([{"action": action, **fault}])
        if kind:
            self.faults[kind] += 1
        killer = None
        if kind == "kill web":
            killer = threading.Timer(dice.random() * 0.15, self.house.kill_web_process, [dice.randrange(2)])
            killer.start()
        pk = self._start(dice, number, product)
        if killer:
            killer.join()
        time.sleep(dice.random() * 2)
        if dice.random() < 0.3 and product != "gme":
            for verb in ("pause", "resume"):
                self._click(pk, verb, twice=dice.random() < 0.3)
                time.sleep(0.5 + dice.random() * 1.5)
        if dice.random() < 0.7:
            self._click(pk, "stop", twice=dice.random() < 0.3)

    def _start(self, dice: random.Random, number: int, product: str) -> int | None:
        """Post the form, again and again with the same intention until a page comes, as people reload."""
        room = f"soak-{number}" if product == "gme" else str(100_000 + number)
        form = {
            "application": str(self.applications[product]),
            "RoomId": room,
            "intention": str(uuid.uuid4()),
        }
        if product == "gme":
            form["RecordMode"] = str(dice.choice((1, 2, 3)))
        path = "/start/gme/" if product == "gme" else "/start/tiw/"
        if product != "gme":
            # The form makes a new RecordUserId each time it is drawn, and posts the one it showed.
            form["RecordUserId"] = f"tic_record_user_{room}_{dice.getrandbits(40):x}"
        copies = 2 if dice.random() < 0.2 else 1
        for _attempt in range(12):
            if self._over.is_set():
                break
            answers = self._at_once([lambda: self._browser().post(path, form)] * copies)
            for answer in answers:
                if (
                    answer is not None
                    and answer.status_code == 302
                    and "/recordings/" in answer.headers["Location"]
                ):
                    return int(answer.headers["Location"].strip("/").split("/")[-1])
                if answer is not None and answer.status_code == 200:
                    return None  # the form with a message: refused, or not started
            time.sleep(0.7)
        return None

    def _click(self, pk: int | None, verb: str, *, twice: bool) -> None:
        if pk is not None:
            click = lambda: self._browser().post(f"/recordings/{pk}/{verb}/", {})  # noqa: E731
            self._at_once([click] * (2 if twice else 1))

    @staticmethod
    def _at_once(work: list[Callable]) -> list:
        if len(work) == 1:
            return [work[0]()]
        with ThreadPoolExecutor(len(work)) as pool:
            return [future.result() for future in [pool.submit(one) for one in work]]

    def _browser(self) -> Browser:
        if not hasattr(self._browsers, "mine"):
            self._browsers.mine = Browser(self.house.address)
        return self._browsers.mine

    def _chaos(self) -> None:
        """Kill something every few seconds."""
        dice = random.Random(f"{self.seed}:chaos")
        while not self._over.wait(2 + dice.random() * 6):
            what = dice.choices(("worker", "web process", "web server", "database"), weights=(5, 4, 1, 1))[0]
            if what == "database" and self.house.postgresql is None:
                what = "worker"
            self.faults[f"kill {what}" if what != "database" else "database restarted"] += 1
            if what == "worker":
                self.house.kill_worker(dice.randrange(WORKERS))
            elif what == "web process":
                self.house.kill_web_process(dice.randrange(2))
            elif what == "web server":
                self.house.kill_web_server()
            else:
                self.house.restart_database(away=0.5 + dice.random() * 2)

    def _post_faults(self, faults: list[dict]) -> None:
        self._steer("POST", faults)

    def _clear_faults(self) -> None:
        self._steer("DELETE", None)

    def _steer(self, method: str, body: list | None) -> None:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.house.sandbox}/_sandbox/faults", data=data, method=method)
        with urllib.request.urlopen(request, timeout=30):
            pass


def set_up(house: House) -> dict[str, int]:
    """People, an international and a Chinese account, three applications, and callbacks for two of them."""
    from recorder_app.choices import Edition, Environment
    from recorder_app.models import Application, CloudAccount
    from recorder_app.sandbox.defaults import DEMO_CALLBACK_KEY, DEMO_SDK_KEY, DEMO_SECRET_ID, DEMO_SECRET_KEY
    from recorder_app.services import demo
    from recorder_app.services.clients import client_for, close_all

    demo.ensure_people()
    demo.ensure_applications(endpoint=house.sandbox, secret_id=DEMO_SECRET_ID, secret_key=DEMO_SECRET_KEY)
    account = CloudAccount.objects.create(
        name="Sandbox, Chinese edition", environment=Environment.SANDBOX, edition=Edition.CHINESE,
        endpoint=house.sandbox, secret_id=DEMO_SECRET_ID, secret_key=DEMO_SECRET_KEY,
    )  # fmt: skip
    chinese = Application.objects.create(
        account=account, product="tiw", name="Chinese classes", app_id=str(CHINESE_APP), sdk_key=DEMO_SDK_KEY
    )
    tiw, gme = Application.objects.get(name=demo.TIW), Application.objects.get(name=demo.GME)
    for application in (tiw, gme):
        application.callback_key = DEMO_CALLBACK_KEY
        application.save()
    client = client_for(tiw.account, product="tiw", region=tiw.effective_region)
    address = f"{house.address}/callbacks/tiw/{tiw.callback_token}/"
    client.call("SetOnlineRecordCallback", {"SdkAppId": int(tiw.app_id), "Callback": address})
    client.call("SetOnlineRecordCallbackKey", {"SdkAppId": int(tiw.app_id), "CallbackKey": DEMO_CALLBACK_KEY})
    close_all()
    hook = {"url": f"{house.address}/callbacks/gme/{gme.callback_token}/", "key": DEMO_CALLBACK_KEY}
    request = urllib.request.Request(
        f"{house.sandbox}/_sandbox/gme_callback", data=json.dumps(hook).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=10):
        pass
    return {"tiw": tiw.pk, "chinese": chinese.pk, "gme": gme.pk}


def stop_everything() -> float:
    """Stop what still runs and wait until nothing is open; answers the seconds that took."""
    from recorder_app.choices import FINAL, CallOutcome
    from recorder_app.models import ApiCall, Person, Recording
    from recorder_app.services import actions

    operator = Person.objects.get(username="operator")
    began = time.monotonic()
    while time.monotonic() - began < SETTLE_WITHIN:
        running = Recording.objects.exclude(status__in=FINAL).select_related("application__account")
        for recording in running.filter(status__in=actions.ALLOWED_IN["stop"], verb=""):
            try:
                actions.stop(recording, by=operator)
            except actions.NotNow:
                continue
        if not running.exists() and not ApiCall.objects.filter(outcome=CallOutcome.SENDING).exists():
            break
        time.sleep(2)
    return time.monotonic() - began


def percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, round(share * len(values)))] if values else 0.0


def report(soak: Soak, verdict, *, sqlite: bool, took: float, end_took: float) -> bool:
    p50, p95 = percentile(verdict.seconds, 0.5), percentile(verdict.seconds, 0.95)
    print(f"database      {'SQLite' if sqlite else 'PostgreSQL'}, seed {soak.seed}")
    print(f"trials        {soak.trials} in {took:.0f} s, and {end_took:.0f} s until everything had ended")
    print(f"faults        {', '.join(f'{kind}: {count}' for kind, count in sorted(soak.faults.items()))}")
    for name in ("lost", "doubled", "wrong", "unsettled"):
        found = getattr(verdict, name)
        print(f"{name:<13} {len(found)}")
        for line in found[:20]:
            print(f"              {line}")
    longest = verdict.seconds[-1] if verdict.seconds else 0.0
    print(
        f"settled       {len(verdict.seconds)} starts without an answer of their own; {verdict.revived} twice"
    )
    print(f"time, s       p50 {p50:.1f}, p95 {p95:.1f}, max {longest:.1f} from asking to knowing")
    holds = verdict.is_clean and p95 <= TARGET_P95
    print(
        f"p95 at most {TARGET_P95:.0f} s and nothing amiss: {'holds' if holds else 'FALLS SHORT'}", flush=True
    )
    return holds


def end_in_order(number: int, frame: FrameType | None) -> NoReturn:
    """Leave through the house's door, so that nothing it started outlives it; once, however often one is told."""
    for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # Not SIG_IGN, which whatever is started from now on would inherit.
        signal.signal(other, lambda *_: None)
    raise SystemExit(128 + number)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end_in_order)
    with House(sqlite=options.sqlite) as house:
        os.environ.update(house.environment)
        import django

        django.setup()
        from django.db import connection

        from tests.soak.verdict import judge

        soak = Soak(house, trials=options.trials, seed=options.seed)
        soak.applications = set_up(house)
        connection.close()
        if options.sqlite is False:
            connection.close_pool()  # the database will be restarted before it is needed again
        began = time.monotonic()
        soak.run()
        took = time.monotonic() - began
        end_took = stop_everything()
        holds = report(soak, judge(house.sandbox), sqlite=options.sqlite, took=took, end_took=end_took)
    raise SystemExit(0 if holds else 1)


if __name__ == "__main__":
    main()
