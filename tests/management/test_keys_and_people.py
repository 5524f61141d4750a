import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from recorder_app.models import Application, Person
from tests import factories

pytestmark = pytest.mark.django_db


def test_after_rotating_the_old_key_can_be_dropped(settings, capsys):
    application = factories.application(sdk_key="EXAMPLE-of-a-secret")
    new = Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, *settings.FIELD_ENCRYPTION_KEYS]

    call_command("rotate_keys")

    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert Application.objects.get(pk=application.pk).sdk_key == "EXAMPLE-of-a-secret"
    assert capsys.readouterr().out == "2 rows are encrypted with the first key now.\n"


def test_the_first_administrator_is_added(monkeypatch):
    monkeypatch.setattr(
        "recorder_app.management.commands.add_administrator.getpass", lambda _: "a-long-password"
    )

    call_command("add_administrator", "ana")

    ana = Person.objects.get()
    assert (ana.role, ana.check_password("a-long-password")) == ("administrator", True)


def test_a_weak_password_is_refused(monkeypatch):
    monkeypatch.setattr("recorder_app.management.commands.add_administrator.getpass", lambda _: "1234")

    with pytest.raises(CommandError, match="too short"):
        call_command("add_administrator", "ana")

    assert not Person.objects.exists()
