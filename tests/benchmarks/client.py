"""How fast the cloud client is, beside the official SDK in the same run.

    python -m tests.benchmarks.client [--rounds 9] [--calls 300] [--threads 1 8] [--skip-sandbox]

Measures the signing of one body, then calls per second and CPU time per call, against a canned HTTPS answer from
a process of its own and against the sandbox. The candidates take turns within each round, and medians over the
rounds are printed, so that whatever else the machine does meets all of them alike. Exits with 1 when a target
is missed. Absolute figures belong to the machine; only ratios within one run say something.
"""

import argparse
import json
import multiprocessing
import socket
import ssl
import statistics
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread

import requests
from django.conf import settings
from tencentcloud.common import credential
from tencentcloud.common.http.request import RequestInternal
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.tiw.v20190919 import models
from tencentcloud.tiw.v20190919.tiw_client import TiwClient

from recorder_app.cloud.client import CloudClient, Credentials, encoded
from recorder_app.cloud.signing import TC3Auth, canonical_request, signature, signing_key, string_to_sign
from recorder_app.sandbox.defaults import DEMO_SECRET_ID, DEMO_SECRET_KEY, DEMO_TIW_APP
from tests.canned_server import certificate, message
from tests.processes import end, environment, free_port, start, wait_until_ready

REGION = "ap-singapore"
ANSWER = {
    "Response": {"Callback": "", "CallbackKey": "", "RequestId": "eac6b301-a322-493a-8e36-83b295459397"}
}
ACTION = "DescribeOnlineRecordCallback"
PARAMS = {"SdkAppId": DEMO_TIW_APP}
BODY = {
    "SdkAppId": 1400000001,
    "RoomId": 1203,
    "RecordUserId": "tic_record_user_1203_141551",
    "RecordUserSig": "x" * 220,
    "Whiteboard": {"Width": 1280, "Height": 960, "InitParam": '{"ratio":"16:9"}'},
    "Concat": {"Enabled": True, "Image": "http://background/image.jpg"},
    "MixStream": {"Enabled": True, "DisableAudio": False, "ModelId": 2, "TeacherId": "teacher"},
    "Extras": ["MIX_STREAM"],
}

OURS = "this client"
SDK = "SDK, one long-lived client"
SDK_KEEP = "SDK, the same with keepAlive"
SDK_EACH = "SDK, a client per call"


class Candidates:
    """The same read call in four ways, at one endpoint."""

    def __init__(self, scheme: str, host: str, ca_file: str) -> None:
        self.is_encrypted = scheme == "https"
        self._place = (scheme, host, ca_file)
        self._ours = CloudClient(
            "tiw",
            Credentials(DEMO_SECRET_ID, DEMO_SECRET_KEY),
            region=REGION,
            endpoint=f"{scheme}://{host}",
            ca_bundle=ca_file,
        )
        self._sdk = self._sdk_client(keeps_alive=False)
        self._sdk_keep = self._sdk_client(keeps_alive=True)
        self.calls: dict[str, Callable[[], object]] = {
            OURS: lambda: self._ours.call(ACTION, PARAMS),
            SDK: lambda: self._ask(self._sdk),
            SDK_KEEP: lambda: self._ask(self._sdk_keep),
            SDK_EACH: lambda: self._ask(self._sdk_client(keeps_alive=False)),
        }

    def _sdk_client(self, *, keeps_alive: bool) -> TiwClient:
        scheme, host, ca_file = self._place
        profile = HttpProfile(
            protocol=scheme, endpoint=host, certification=ca_file or None, keepAlive=keeps_alive
        )
        keys = credential.Credential(DEMO_SECRET_ID, DEMO_SECRET_KEY)
        return TiwClient(keys, REGION, ClientProfile(httpProfile=profile))

    def _ask(self, client: TiwClient) -> object:
        request = models.DescribeOnlineRecordCallbackRequest()
        request.from_json_string(json.dumps(PARAMS))
        return client.DescribeOnlineRecordCallback(request)

    def close(self) -> None:
        self._ours.close()


def main() -> int:
    options = _options()
    settings.configure(USE_I18N=False)
    holds = _signing(options.rounds)
    with canned_https() as (host, ca_file):
        holds += _places("a canned HTTPS answer", Candidates("https", host, ca_file), options)
    if not options.skip_sandbox:
        with sandbox() as host:
            holds += _places("the sandbox (HTTP)", Candidates("http", host, ""), options)
    return 0 if all(holds) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=300, help="calls per round and candidate")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--skip-sandbox", action="store_true")
    return parser.parse_args()


def _signing(rounds: int) -> list[bool]:
    """Compare the signature alone, and the way from parameters to a signed request."""
    host, body = "tiw.tencentcloudapi.com", json.dumps(BODY)
    sdk = TiwClient(credential.Credential("AKIDEXAMPLE", "EXAMPLEkey"), REGION)
    theirs = RequestInternal(host, "POST", "/", data=body)
    theirs.header = {"Content-Type": "application/json", "Host": host, "X-TC-Timestamp": "1700000000"}
    auth = TC3Auth("AKIDEXAMPLE", "EXAMPLEkey", service="tiw")
    headers = {"content-type": "application/json", "host": host}
    key = signing_key("EXAMPLEkey", "2023-11-14", "tiw")

    def sign() -> str:
        canonical = canonical_request("POST", "", headers, body.encode())
        return signature(key, string_to_sign(1700000000, "2023-11-14", "tiw", canonical))

    def prepare() -> None:
        request = requests.PreparedRequest()
        request.method, request.url, request.body = "POST", f"https://{host}/", encoded(BODY)
        request.headers = {
            "Host": host,
            "Content-Type": "application/json",
            "X-TC-Action": "StartOnlineRecord",
        }
        auth(request)

    works: list[Callable[[], object]] = [
        sign,
        lambda: sdk._get_tc3_signature(BODY, theirs, "2023-11-14", "tiw", "EXAMPLEkey"),
        prepare,
        lambda: sdk._build_req_inter("StartOnlineRecord", BODY, RequestInternal(host, "POST", "/")),
    ]
    ours, sdks, ours_whole, sdks_whole = (seconds * 1e6 for seconds in _medians(works, rounds=rounds))
    print(f"\nSigning one body of {len(body)} bytes")
    print(f"  with JSON and headers around it: {ours_whole:.1f} µs, the SDK {sdks_whole:.1f} µs")
    found = f"{ours:.1f} of {sdks:.1f} µs, {ours / sdks:.2f}"
    return [_verdict("the signature in at most half the SDK's time", ours / sdks <= 0.5, found)]


def _medians(works: list[Callable[[], object]], *, rounds: int, repeats: int = 3000) -> list[float]:
    """Seconds that each work takes, as medians over the rounds in which they take turns."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, kept in zip(works, times, strict=True):
            began = time.perf_counter()
            for _ in range(repeats):
                work()
            kept.append((time.perf_counter() - began) / repeats)
    return [statistics.median(kept) for kept in times]


def _places(title: str, candidates: Candidates, options: argparse.Namespace) -> list[bool]:
    holds = []
    for threads in options.threads:
        measured = _measure(candidates.calls, threads=threads, rounds=options.rounds, calls=options.calls)
        print(f"\nAgainst {title}, {threads} thread{'s' if threads > 1 else ''}")
        print(f"  {'':<32}{'calls/s':>10}{'CPU ms/call':>14}{'this client is':>18}")
        for name, (rate, cpu) in measured.items():
            print(f"  {name:<32}{rate:>10.0f}{cpu * 1000:>14.3f}{measured[OURS][0] / rate:>17.2f}x")
        holds += _targets(measured, is_encrypted=candidates.is_encrypted)
    candidates.close()
    return holds


def _targets(measured: dict[str, tuple[float, float]], *, is_encrypted: bool) -> list[bool]:
    rate, cpu = measured[OURS]
    against_long, against_each = rate / measured[SDK][0], rate / measured[SDK_EACH][0]
    cheapest = min(measured[name][1] for name in (SDK, SDK_EACH))
    holds = [
        _verdict("1.3x the SDK's long-lived client", against_long >= 1.3, f"{against_long:.2f}x"),
        _verdict(
            "less CPU per call than either", cpu < cheapest, f"{cpu * 1000:.3f} of {cheapest * 1000:.3f} ms"
        ),
    ]
    if is_encrypted:  # without TLS there is no handshake, which is what a client per call pays for
        holds.append(_verdict("5x a client per call", against_each >= 5, f"{against_each:.2f}x"))
    return holds


def _verdict(target: str, holds: bool, found: str) -> bool:
    print(f"  {'holds ' if holds else 'MISSED'}  {target}: {found}")
    return holds


def _measure(
    candidates: dict[str, Callable[[], object]], *, threads: int, rounds: int, calls: int
) -> dict[str, tuple[float, float]]:
    """Calls per second and CPU seconds per call of each candidate, as medians over the rounds."""
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in candidates}
    with ThreadPoolExecutor(threads) as pool:
        for turn in range(rounds + 1):
            for name, call in candidates.items():
                # A client per call is slow: a fifth of the calls says as much.
                number = max(threads, calls // 5 if name == SDK_EACH else calls)
                figure = _turn(pool, call, threads, number // threads)
                if turn:  # the first one warms up
                    figures[name].append(figure)
    return {
        name: (statistics.median(rate for rate, _ in values), statistics.median(cpu for _, cpu in values))
        for name, values in figures.items()
    }


def _turn(
    pool: ThreadPoolExecutor, call: Callable[[], object], threads: int, each: int
) -> tuple[float, float]:
    """Calls per second of all threads together, and seconds of this process's CPU per call."""

    def work() -> None:
        for _ in range(each):
            call()

    began, began_cpu = time.perf_counter(), time.process_time()
    for done in [pool.submit(work) for _ in range(threads)]:
        done.result()
    number = each * threads
    return number / (time.perf_counter() - began), (time.process_time() - began_cpu) / number


@contextmanager
def canned_https():
    """Host and certificate of a server, in a process of its own, that gives one answer as fast as it can."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    ca_file = certificate()
    process = context.Process(target=_serve, args=(ca_file, sender), daemon=True)
    process.start()
    try:
        yield f"127.0.0.1:{receiver.recv()}", ca_file
    finally:
        process.terminate()
        process.join()


def _serve(ca_file: str, sender) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(ca_file)
    answer = message(json.dumps(ANSWER).encode(), headers={"Date": "Tue, 14 Nov 2023 22:13:20 GMT"})
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        sender.send(listener.getsockname()[1])
        while True:
            connection, _address = listener.accept()
            Thread(target=_answer_all, args=(tls, connection, answer), daemon=True).start()


def _answer_all(tls: ssl.SSLContext, plain: socket.socket, answer: bytes) -> None:
    try:
        with tls.wrap_socket(plain, server_side=True) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = sock.makefile("rb")
            while reader.readline():
                length = 0
                while (line := reader.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                reader.read(length)
                sock.sendall(answer)
    except OSError:
        pass  # the candidate is through with this connection


@contextmanager
def sandbox():
    """Host of a sandbox in a child process, with its limit of calls out of the way."""
    port = free_port()
    # Made-up keys; the sandbox needs no database.
    words = ("manage.py", "sandbox", "--port", str(port), "--rate", "100000")
    process = start(words, environment("sqlite:///:memory:"), stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/_sandbox/health")
        yield f"127.0.0.1:{port}"
    finally:
        end([process])


if __name__ == "__main__":
    raise SystemExit(main())
