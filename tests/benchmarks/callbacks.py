"""How many callbacks a second are stored: two gunicorn web workers, no background worker, SQLite or PostgreSQL.

    python -m tests.benchmarks.callbacks [--callbacks 4000] [--connections 16] [--database-url postgresql://...]

Posts signed TIW and GME callbacks, each a different event, over kept connections from processes of their own, and
some of them twice. Every one must be answered 200 and lie in the database exactly once, with its repetitions counted;
no worker runs, so what is stored is what waits. The sender shares the machine with the server, as it would not in life.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import multiprocessing
import statistics
import time

from tests.benchmarks.start import percentile
from tests.processes import Installation

TARGET = 200.0
KEY = "EXAMPLE-callback-key-0001"
TOKENS = {"tiw": "t" * 43, "gme": "g" * 43}
SENDERS = 2
TWICE_EVERY = 20

SET_UP = f"""
from recorder_app.models import Application, CloudAccount
account = CloudAccount.objects.create(
    name="Benchmark", environment="sandbox", secret_id="x", secret_key="x", endpoint="http://127.0.0.1:9")
for product, number in (("tiw", "1400000001"), ("gme", "3400352518")):
    Application.objects.create(
        account=account, product=product, name=product, app_id=number, callback_key={KEY!r},
        callback_token={TOKENS!r}[product])
"""
COUNT = """
from django.db.models import Sum
from recorder_app.models import CallbackEvent, RefusedCallback
print(CallbackEvent.objects.count(), CallbackEvent.objects.aggregate(n=Sum("deliveries"))["n"] or 0,
      CallbackEvent.objects.filter(outcome="waiting", due_at__isnull=False).count(), RefusedCallback.objects.count())
"""


def message(number: int) -> tuple[str, bytes, dict[str, str]]:
    """The address, body and headers of one callback; TIW and GME take turns."""
    now = int(time.time())
    if number % 2:
        expire_time = now + 300
        sign = hashlib.md5(f"{KEY}{expire_time}".encode()).hexdigest()
        data = {
            "TaskId": f"task{number:016d}",
            "RoomId": number,
            "RecordUserId": f"tic_record_user_{number}_1",
        }
        body = {
            "Timestamp": now,
            "SdkAppId": 1400000001,
            "EventType": "OnlineRecordStarted",
            "EventData": data,
        }
        text = json.dumps(body | {"ExpireTime": expire_time, "Sign": sign}).encode()
        return f"/callbacks/tiw/{TOKENS['tiw']}/", text, {}
    detail = {"SeqNo": 0, "FileName": f"3400352518_{number}_9/{number}_audio.mp3"}
    body = {
        "BizID": 3400352518, "RoomID": str(number), "UserID": "9", "TaskID": 446192236330927912 + number,
        "RecordMode": 0, "Timestamp": now, "EventType": 1, "Detail": detail,
    }  # fmt: skip
    text = json.dumps(body).encode()
    signature = base64.b64encode(hmac.digest(KEY.encode(), text, "sha1")).decode()
    return f"/callbacks/gme/{TOKENS['gme']}/", text, {"Signature": signature}


def send(port: int, numbers: list[int]) -> list[tuple[float, int]]:
    """Post these callbacks one after another; answers how long each took in ms, and its status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    took = []
    for number in numbers:
        address, body, headers = message(number)
        for _ in range(2 if number % TWICE_EVERY == 0 else 1):
            began = time.perf_counter()
            connection.request("POST", address, body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            answer.read()
            took.append(((time.perf_counter() - began) * 1000, answer.status))
    connection.close()
    return took


def sender(port: int, numbers: list[int], connections: int, results: multiprocessing.Queue) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(connections) as pool:
        shares = [numbers[index::connections] for index in range(connections)]
        results.put([one for share in pool.map(lambda part: send(port, part), shares) for one in share])


def flood(port: int, count: int, connections: int) -> tuple[float, list[tuple[float, int]]]:
    """All callbacks at once from two processes; answers the seconds it took, and what each got."""
    numbers = list(range(1, count + 1))
    results: multiprocessing.Queue = multiprocessing.Queue()
    each = max(1, connections // SENDERS)
    children = [
        multiprocessing.Process(target=sender, args=(port, numbers[index::SENDERS], each, results))
        for index in range(SENDERS)
    ]
    began = time.perf_counter()
    for child in children:
        child.start()
    got = [one for _ in children for one in results.get(timeout=600)]
    seconds = time.perf_counter() - began
    for child in children:
        child.join()
    return seconds, got


def main() -> int:
    parser = argparse.ArgumentParser(description="Stored callbacks a second.")
    parser.add_argument("--callbacks", type=int, default=4000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; SQLite without it")
    options = parser.parse_args()
    with Installation(options.database_url) as web:
        web.set_up(SET_UP)
        seconds, got = flood(web.port, options.callbacks, options.connections)
        stored, deliveries, waiting, refused = map(int, web.set_up(COUNT).split())
    times, statuses = zip(*got, strict=True)
    rate = len(got) / seconds
    row = {
        "database": options.database_url.split(":")[0] or "sqlite",
        "posted": len(got),
        "answered 200": statuses.count(200),
        "stored": stored,
        "deliveries": deliveries,
        "waiting": waiting,
        "refused": refused,
        "a second": round(rate),
        "p50 ms": round(statistics.median(times), 1),
        "p95 ms": round(percentile(list(times), 0.95), 1),
        "max ms": round(max(times), 1),
    }
    print(json.dumps(row))
    whole = (stored, deliveries, waiting, refused) == (options.callbacks, len(got), options.callbacks, 0)
    held = whole and statuses.count(200) == len(got) and rate >= TARGET
    print(f"at least {TARGET:.0f} a second, none lost: {'holds' if held else 'FALLS SHORT'}")
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
