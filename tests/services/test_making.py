"""Files made in the background: whole or not at all, for their owner, for a week."""

import uuid
import zlib
from datetime import timedelta

import pytest
from django.utils import timezone

from recorder_app import jobs
from recorder_app.choices import ExportKind, ExportState
from recorder_app.models import AuditEntry, Export, ExportPart
from recorder_app.services import making, people
from tests import factories, steps
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)


def order(**changes) -> Export:
    fields = {
        "kind": ExportKind.CSV,
        "page": "calls",
        "query": "",
        "file_name": "calls.csv",
        "by": person("manager"),
        "intention_key": uuid.uuid4(),
    }
    return making.order(**{**fields, **changes})


def held(export: Export) -> Export:
    """As a worker has it that has just taken it."""
    Export.objects.filter(pk=export.pk).update(claimed_by="one", claimed_until=timezone.now())
    return reread(export)


def reread(export: Export) -> Export:
    return Export.objects.select_related("by").get(pk=export.pk)


def content(*pieces: bytes):
    return lambda export: making.Content(len(pieces), iter([(1, piece) for piece in pieces]))


def stored(export: Export) -> bytes:
    return b"".join(making.parts_of(export))


def history(rooms: int = 3) -> None:
    for number in range(rooms):
        factories.call(recording=factories.recording(room_id=f"{number}-room"))


def test_a_worker_makes_the_file_that_was_ordered():
    history()
    export = order()

    steps.work_off()

    export = reread(export)
    text = b"".join(making.unpacked(making.parts_of(export))).decode("utf-8-sig")
    assert (export.state, export.done, export.total, export.claimed_by) == (ExportState.READY, 3, 3, "")
    assert [f"{number}-room" in text for number in range(3)] == [True, True, True]
    assert export.size == len(text.encode("utf-8-sig"))


def test_the_filter_and_the_columns_are_those_of_the_order():
    history()
    export = order(query="room=1-room&columns=all")

    steps.work_off()

    text = b"".join(making.unpacked(making.parts_of(reread(export)))).decode("utf-8-sig")
    assert len(text.splitlines()) == 2
    assert "1-room" in text.splitlines()[1]
    assert "Filter: Room: 1-room" in text
    assert "HTTP status" in text


def test_a_workbook_is_made_the_same_way():
    history()
    export = order(kind=ExportKind.XLSX, page="recordings")

    steps.work_off()

    assert (reread(export).state, reread(export).done) == (ExportState.READY, 3)
    assert stored(export)[:2] == b"PK"


def test_the_same_intention_orders_once():
    key = uuid.uuid4()

    assert order(intention_key=key) == order(intention_key=key)
    assert Export.objects.count() == 1


def test_content_lies_in_parts_of_a_megabyte_at_most():
    export = held(order(kind=ExportKind.XLSX))

    making.make(export, content(b"a" * 1_500_000, b"b" * 1_000_000))

    sizes = [len(part.body) for part in ExportPart.objects.order_by("number")]
    assert sizes == [making.PART_BYTES, making.PART_BYTES, 2_500_000 - 2 * making.PART_BYTES]
    assert stored(export) == b"a" * 1_500_000 + b"b" * 1_000_000


def test_what_a_killed_worker_left_is_made_anew():
    export = held(order(kind=ExportKind.XLSX))

    def killed():
        yield 1, b"x" * 1_200_000
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        making.make(export, lambda one: making.Content(2, killed()))
    left = ExportPart.objects.count()
    making.make(held(export), content(b"whole"))

    assert left == 1
    assert stored(export) == b"whole"
    assert (reread(export).state, reread(export).tries) == (ExportState.READY, 2)


def test_a_worker_that_lost_its_work_writes_nothing_more():
    export = held(order(kind=ExportKind.XLSX))

    def slow():
        yield 1, b"slow" * 1_000_000
        Export.objects.filter(pk=export.pk).update(claimed_by="another")
        yield 1, b"late" * 1_000_000

    making.make(export, lambda one: making.Content(2, slow()))

    assert reread(export).state == ExportState.WAITING
    assert b"late" not in stored(export)


def test_work_that_never_comes_to_its_end_is_given_up():
    export = order()
    Export.objects.update(tries=making.MOST_TRIES)

    steps.work_off()

    assert reread(export).state == ExportState.FAILED
    assert "begun five times" in reread(export).reason


def test_rights_are_those_of_the_moment_at_which_it_is_made():
    seen, hidden = (
        factories.application(name="Mine"),
        factories.application(name="Theirs", app_id="1400000009"),
    )
    for application in (seen, hidden):
        factories.call(recording=factories.recording(application=application))
    export = order()
    manager = person("manager")
    manager.sees_all = False
    manager.save()
    manager.applications.set([seen])

    steps.work_off()

    text = b"".join(making.unpacked(making.parts_of(reread(export))))
    assert b"Mine" in text
    assert b"Theirs" not in text


@pytest.mark.parametrize("lost", [{"role": ""}, {"is_active": False}])
def test_who_has_lost_the_right_to_see_history_gets_nothing(lost):
    history()
    export = order()
    type(export.by).objects.filter(pk=export.by_id).update(**lost)

    steps.work_off()

    assert (reread(export).state, ExportPart.objects.count()) == (ExportState.FAILED, 0)
    assert "may not see the history" in reread(export).reason


def test_a_filter_that_names_what_is_hidden_now_makes_no_file_of_everything():
    hidden = factories.application(name="Theirs")
    factories.call(recording=factories.recording(application=hidden))
    export = order(query=f"application={hidden.pk}")
    manager = person("manager")
    manager.sees_all = False
    manager.save()

    steps.work_off()

    assert (reread(export).state, ExportPart.objects.count()) == (ExportState.FAILED, 0)


def test_a_change_of_rights_throws_away_what_was_made_before():
    history()
    ready = order()
    steps.work_off()
    manager = person("manager")
    manager.sees_all = False

    people.change(manager, by=person("admin"), changed=["sees_all", "applications"], applications=[])

    assert not Export.objects.filter(pk=ready.pk).exists()
    assert ExportPart.objects.count() == 0


def test_a_change_of_rights_stops_what_is_being_made_so_that_it_is_made_anew():
    export = held(order(kind=ExportKind.XLSX))
    manager = person("manager")

    def changed():
        yield 1, b"with the old rights" * 100_000
        people.change(manager, by=person("admin"), changed=["sees_all"])
        yield 1, b""

    making.make(export, lambda one: making.Content(2, changed()))

    assert (reread(export).state, reread(export).claimed_by) == (ExportState.WAITING, "")
    assert Export.objects.due(timezone.now()).get() == export


def test_files_are_kept_for_a_week():
    old = factories.export(by=person("manager"), finished_at=factories.NOW - timedelta(days=7))
    ExportPart.objects.create(export=old, number=0, body=b"x")
    young = factories.export(by=person("manager"), finished_at=factories.NOW - timedelta(days=6, hours=23))

    thrown = making.delete_old(now=factories.NOW)

    assert (thrown, list(Export.objects.all()), ExportPart.objects.count()) == (1, [young], 0)


def test_a_worker_makes_two_files_at_a_time_and_leaves_its_threads_to_the_rest(monkeypatch):
    for _number in range(5):
        order()
    at_work: list[int] = []

    def watched(key: int) -> str:
        at_work.append(Export.objects.exclude(claimed_by="").count())
        return jobs.do_export(key)

    kind = jobs.Kind(Export.objects.all, watched, most=2)
    monkeypatch.setattr(jobs, "KINDS", (kind,))

    one = jobs.Worker(threads=8, say=lambda line: None)
    one.run(once=True)

    assert one.counts["exports"] == 5
    assert max(at_work) <= 2


def test_taking_a_file_is_written_down():
    export = factories.export(by=person("manager"), query="room=5", done=7)

    making.taken(export, by=export.by)

    entry = AuditEntry.objects.get()
    assert (entry.event, entry.by_name) == ("export_taken", "manager")
    assert entry.details == {"page": "calls", "filter": "room=5", "file": "csv", "rows": 7}


def test_content_is_compressed_where_it_is_text():
    export = held(order())

    making.make(export, content(b"row\n" * 100_000))

    assert len(stored(export)) < 10_000
    assert zlib.decompress(stored(export), wbits=31) == b"row\n" * 100_000
