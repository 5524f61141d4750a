"""Units of work: nobody does one that another holds, and what a killed worker held is taken over."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from recorder_app.models import Application, Recording
from tests import factories

LEASE = timedelta(seconds=60)


def due(count: int) -> list[Recording]:
    application = factories.application()
    now = timezone.now()
    return [
        factories.recording(application=application, due_at=now - timedelta(seconds=count - number))
        for number in range(count)
    ]


@pytest.mark.django_db
def test_the_longest_due_come_first():
    rows = due(3)

    keys = Recording.objects.claim(by="a", now=timezone.now(), lease=LEASE, most=2)

    assert sorted(keys) == [rows[0].pk, rows[1].pk]


@pytest.mark.django_db
def test_what_is_not_due_or_held_is_left_alone():
    due(1)
    factories.recording(due_at=None)
    factories.recording(due_at=timezone.now() + timedelta(minutes=1))
    now = timezone.now()

    first = Recording.objects.claim(by="a", now=now, lease=LEASE, most=10)
    second = Recording.objects.claim(by="b", now=now, lease=LEASE, most=10)

    assert (len(first), second) == (1, [])


@pytest.mark.django_db
def test_what_a_killed_worker_held_is_taken_over_when_its_lease_ends():
    [row] = due(1)
    now = timezone.now()
    Recording.objects.claim(by="killed", now=now, lease=LEASE, most=1)

    early = Recording.objects.claim(by="b", now=now + timedelta(seconds=59), lease=LEASE, most=1)
    late = Recording.objects.claim(by="b", now=now + timedelta(seconds=60), lease=LEASE, most=1)

    assert (early, late) == ([], [row.pk])


@pytest.mark.django_db
def test_a_worker_that_was_too_slow_gives_back_nothing_that_is_anothers():
    [row] = due(1)
    now = timezone.now()
    Recording.objects.claim(by="slow", now=now, lease=LEASE, most=1)
    Recording.objects.claim(by="next", now=now + LEASE, lease=LEASE, most=1)

    Recording.objects.all().release(row.pk, by="slow")

    row.refresh_from_db()
    assert row.claimed_by == "next"


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_share_without_a_unit_done_twice(together):
    rows = due(60)

    def take() -> list[int]:
        taken: list[int] = []
        while keys := Recording.objects.claim(by="x", now=timezone.now(), lease=LEASE, most=3):
            taken += keys
        return taken

    shares = together(8, take)

    assert sorted(key for share in shares for key in share) == sorted(row.pk for row in rows)


@pytest.mark.django_db
def test_a_lease_has_a_holder():
    with pytest.raises(IntegrityError, match="recording_held_by_somebody"), transaction.atomic():
        factories.recording(claimed_until=timezone.now())


@pytest.mark.django_db
def test_a_verb_has_its_moment():
    with pytest.raises(IntegrityError, match="recording_verb_has_moment"), transaction.atomic():
        factories.recording(verb="stop")


@pytest.mark.django_db
def test_every_application_has_an_address_of_its_own_for_callbacks():
    factories.application()
    factories.application()

    tokens = set(Application.objects.values_list("callback_token", flat=True))

    assert len(tokens) == 2
    assert all(len(token) >= 40 for token in tokens)
