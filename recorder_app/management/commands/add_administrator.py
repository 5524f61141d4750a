"""The first person of an installation, who can add all others in the browser."""

from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recorder_app.models import Person


class Command(BaseCommand):
    help = "Add an administrator; asks for the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        if Person.objects.filter(username=username).exists():
            raise CommandError(
                f"There is somebody called {username} already. Sign in, or choose another name."
            )
        person = Person(username=username, role="administrator")
        password = getpass("Password: ")
        try:
            person.full_clean(exclude=["password"])
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        person.set_password(password)
        person.save()
        self.stdout.write(f"{username} can sign in now.")
