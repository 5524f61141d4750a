"""What the pages are asked about in a database that is filled: printed as JSON, by `manage.py shell`."""

import json
from datetime import timedelta

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Count

from recorder_app.models import ApiCall, Application, Person, Recording

CODE, SAMPLES, PAGE = "RequestLimitExceeded", 60, 50


def session_of(
    name: str, *, role: str, applications: list[Application] | None = None, **fields: object
) -> str:
    """The key of a session in which somebody has signed in, and sees all, or only some applications."""
    person, _made = Person.objects.update_or_create(
        username=name, defaults={"role": role, "sees_all": applications is None, **fields}
    )
    person.applications.set(applications or [])
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return session.session_key


def key_at(place: int) -> str:
    """The key of the page that begins behind so many rows."""
    at, pk = ApiCall.objects.newest_first().values_list("created_at", "pk")[place]
    return f"{at.isoformat()}~{pk}"


def spread(count: int, last: int) -> list[int]:
    return [1 + last * number // count for number in range(count)]


def collect() -> dict:
    last = ApiCall.objects.order_by("-pk").values_list("pk", flat=True)[0]
    newest = ApiCall.objects.newest_first().values_list("created_at", flat=True)[0]
    until = newest + timedelta(hours=1)
    calls = list(
        ApiCall.objects.filter(pk__in=spread(3 * SAMPLES, last)).exclude(request_id="").order_by("pk")
    )
    tasks = Recording.objects.exclude(task_id="").order_by("-pk").values_list("task_id", flat=True)[:15]
    lately = ApiCall.objects.filter(created_at__gte=newest - timedelta(days=30))
    rooms = lately.exclude(room_id="").values("room_id").annotate(n=Count("pk")).order_by("-n", "room_id")
    applications = list(Application.objects.order_by("pk"))
    by_name = {one.name: one for one in applications}
    ids = [call.request_id for call in calls[::3]][:35] + list(tasks)
    page = min(1000, last // PAGE * 3 // 4)
    return {
        "calls": last,
        "pks": [call.pk for call in calls[:SAMPLES]],
        "request_ids": [call.request_id for call in calls[:SAMPLES]],
        "ids": ids,
        "page": page,
        "before": key_at(page * PAGE),
        "application": by_name["Mathematics, live (made up)"].pk,
        "room": rooms[0]["room_id"],
        "by": "lin.chen",
        "code": "ResourceInUse.RecordUserId",
        "until": until.isoformat(),
        "since_30": (until - timedelta(days=30)).isoformat(),
        "since_730": (until - timedelta(days=730)).isoformat(),
        "since_csv": ApiCall.objects.newest_first()[min(last, 100_000) - 1].created_at.isoformat(),
        "newest": newest.isoformat(),
        "session": session_of("bench.support", role="support"),
        "limited": session_of(
            "bench.limited",
            role="support",
            applications=[by_name["Night watch (made up)"], by_name["Parents' evenings (made up)"]],
        ),
        "admin": session_of("bench.admin", role="administrator", is_staff=True, is_superuser=True),
    }


def main() -> None:
    print(json.dumps(collect()))
