"""What the indexes of the calls cost: writing one call, intended and then answered, with all of them and with none.

    python -m tests.benchmarks.writing --database-url sqlite:////tmp/recorder-history/1m.sqlite3
    python -m tests.benchmarks.writing --database-url postgresql://.../h1m

Takes a database that ``tests.benchmarks.history`` has filled, copies the calls into a table that has the same columns,
conditions and keys but no index except its primary key, and writes to both in turn as the product does: through the
ORM, a transaction for the insert and one for the update. What it wrote and the copy are gone afterwards.
"""

import argparse
import json
import os
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TARGET = 1.5
BARE = "bare_call"
PAIRS = 100


def set_up(database_url: str) -> None:
    os.environ |= {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "SECRET_KEY": "benchmark-" + "x" * 50,
        "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
        "LOCAL": "True",
    }
    import django

    django.setup()


@contextmanager
def bare_copy() -> Iterator[None]:
    """A table of the same calls with its primary key alone."""
    from django.db import connection

    from recorder_app.models import ApiCall

    name = ApiCall._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {BARE}")
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [name])
            cursor.execute(cursor.fetchone()[0].replace(f'"{name}"', BARE, 1))
            cursor.execute(f"INSERT INTO {BARE} SELECT * FROM {name}")
        else:
            cursor.execute(
                f"CREATE TABLE {BARE} (LIKE {name} INCLUDING CONSTRAINTS INCLUDING IDENTITY INCLUDING STORAGE)"
            )
            cursor.execute(f"INSERT INTO {BARE} OVERRIDING SYSTEM VALUE SELECT * FROM {name}")
            cursor.execute(f"ALTER TABLE {BARE} ADD PRIMARY KEY (id)")
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{BARE}', 'id'), max(id)) FROM {BARE}")
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
                [name],
            )
            for (definition,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {BARE} ADD {definition}")
        cursor.execute("ANALYZE")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {BARE}")


def bare_model() -> type:
    """The model of the copy: the same fields."""
    from django.db import models

    from recorder_app.models import ApiCall

    fields = {}
    for field in ApiCall._meta.local_fields:
        _name, _path, args, kwargs = field.deconstruct()
        fields[field.name] = type(field)(
            *args, **kwargs | ({"related_name": "+"} if field.is_relation else {})
        )
    meta = type("Meta", (), {"db_table": BARE, "managed": False, "app_label": "recorder_app"})
    return type("BareCall", (models.Model,), {**fields, "Meta": meta, "__module__": __name__})


def writer() -> Callable[[type, int], None]:
    """Answers what writes one call and its answer, as the product does, modelled on one of the last ones."""
    from django.utils import timezone

    from recorder_app.choices import CallOutcome
    from recorder_app.models import ApiCall

    models = list(ApiCall.objects.exclude(request_id="").order_by("-pk")[:2000])
    kept = [field.attname for field in ApiCall._meta.concrete_fields if field.attname != "id"]
    answered = (
        "outcome",
        "request_id",
        "error_code",
        "error_message",
        "answer",
        "http_status",
        "duration_ms",
    )

    def write(model: type, number: int) -> None:
        like = models[number % len(models)]
        values = {name: getattr(like, name) for name in kept}
        ending = {name: values.pop(name) for name in (*answered, "clock_offset_ms", "answered_at")}
        call = model.objects.create(
            **{**values, "created_at": timezone.now(), "outcome": CallOutcome.SENDING, "sent_at": None}
        )
        ending |= {"request_id": str(uuid.uuid4()), "answered_at": timezone.now()}
        for name, value in ending.items():
            setattr(call, name, value)
        call.save(update_fields=list(ending))

    return write


def measure(rounds: int) -> dict[str, list[float]]:
    """Milliseconds for one call, round by round, in both tables in turn."""
    from django.db import connection

    from recorder_app.models import ApiCall

    sides = {"bare": bare_model(), "indexed": ApiCall}
    last = ApiCall.objects.order_by("-pk").values_list("pk", flat=True)[0]
    write, took = writer(), {"bare": [], "indexed": []}
    number = 0
    try:
        for turn in range(rounds + 1):
            for side, model in sides.items():
                began = time.perf_counter()
                for _ in range(PAIRS):
                    number += 1
                    write(model, number)
                if turn:
                    took[side].append((time.perf_counter() - began) * 1000 / PAIRS)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {ApiCall._meta.db_table} WHERE id > %s", [last])
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description="What the indexes of the calls cost when one is written.")
    parser.add_argument("--database-url", required=True, help="a database that is filled")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    set_up(options.database_url)
    with bare_copy():
        took = measure(options.rounds)
    bare, indexed = (statistics.median(took[side]) for side in ("bare", "indexed"))
    # Each round beside its neighbour, so that what else the machine does weighs on both.
    ratio = statistics.median(b / a for a, b in zip(took["bare"], took["indexed"], strict=True))
    row = {
        "database": options.database_url.split(":")[0],
        "bare ms": round(bare, 3),
        "indexed ms": round(indexed, 3),
    }
    print(json.dumps(row | {"ratio": round(ratio, 2), "load": round(os.getloadavg()[0], 1)}))
    print(f"at most {TARGET}x: {'holds' if ratio <= TARGET else 'FALLS SHORT'} ({ratio:.2f}x)")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    raise SystemExit(main())
