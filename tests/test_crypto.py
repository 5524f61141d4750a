import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from recorder_app.models import CloudAccount
from tests import factories

pytestmark = pytest.mark.django_db


def stored(account: CloudAccount) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret_key FROM recorder_app_cloudaccount WHERE id = %s", [account.pk])
        return cursor.fetchone()[0]


def test_a_secret_is_unreadable_in_the_database_and_readable_by_us():
    account = factories.account(secret_key="EXAMPLE-of-a-secret")

    again = CloudAccount.objects.get(pk=account.pk)

    assert "EXAMPLE" not in stored(account)
    assert again.secret_key == "EXAMPLE-of-a-secret"


def test_the_same_secret_twice_looks_different():
    one, other = factories.account(secret_key="same"), factories.account(secret_key="same")

    assert stored(one) != stored(other)


def test_an_empty_secret_stays_empty():
    account = factories.account()

    assert CloudAccount.objects.get(pk=account.pk).token == ""


def test_a_new_key_in_front_reads_what_the_old_one_wrote(settings):
    account = factories.account(secret_key="EXAMPLE-of-a-secret")
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]

    again = CloudAccount.objects.get(pk=account.pk)

    assert again.secret_key == "EXAMPLE-of-a-secret"


def test_a_lost_key_is_told_by_name(settings):
    account = factories.account()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(ImproperlyConfigured, match=r"CloudAccount\.secret_key.*FIELD_ENCRYPTION_KEYS"):
        CloudAccount.objects.get(pk=account.pk)
