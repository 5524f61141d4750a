"""Who and what the made-up history is about: three sandbox accounts, twelve applications, forty people, their rooms."""

import random
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from recorder_app.choices import Environment, Product
from recorder_app.models import Application, CloudAccount, Person

ENDPOINT = "http://127.0.0.1:8001"
TIW, GME = Product.TIW.value, Product.GME.value
# Account, name, product, application id, how much of the history is its own, how many rooms it has.
APPLICATIONS = (
    ("Academy", "Mathematics, live", TIW, "1400310001", 26, 240),
    ("Academy", "English with native speakers", TIW, "1400310002", 17, 180),
    ("Guilds", "Raid voice", GME, "3400520001", 14, 160),
    ("Academy", "Physics and chemistry", TIW, "1400310003", 9, 90),
    ("Guilds", "Arena voice", GME, "3400520002", 8, 120),
    ("Academy", "Small groups", TIW, "1400310004", 7, 300),
    ("Guilds", "Open rooms", GME, "3400520003", 6, 80),
    ("Training", "Teachers' training", TIW, "1400310005", 4, 24),
    ("Training", "Music lessons", TIW, "1400310006", 3, 40),
    ("Guilds", "Tournaments", GME, "3400520004", 3, 16),
    ("Training", "Parents' evenings", TIW, "1400310007", 2, 12),
    ("Guilds", "Night watch", GME, "3400520005", 1, 8),
)
FIRST_NAMES = ("Lin", "Maya", "Jonas", "Ana", "Wei", "Hana", "Omar", "Ines", "Tariq", "Sofia")
LAST_NAMES = ("Chen", "Okafor", "Berg", "Duarte")
# Of ten people: seven operators, one in support, one manager, one administrator.
ROLES = ("operator",) * 7 + ("support", "manager", "administrator")
ROOM_WORDS = ("guild", "arena", "lobby", "squad", "raid", "team")


@dataclass(frozen=True)
class Place:
    """An application as the rows of its history show it; every value is text, as it is written."""

    number: int
    app_id: str
    product: str
    # The values of the columns account_id to region of a call.
    head: tuple[str, ...]
    # The values of the columns application_id to product of a recording.
    recording_head: tuple[str, ...]
    # The values of the columns application_id to product of a callback.
    event_head: tuple[str, ...]
    # One entry for each tenth of a per cent of its recordings: rooms that recur, some of them often.
    rooms: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """What every life is drawn from; pools hold an entry as often as it is to occur."""

    places: tuple[Place, ...]
    people: tuple[tuple[str, str], ...]
    helpers: tuple[tuple[str, str], ...]


@transaction.atomic
def ensure_world(dice: random.Random) -> World:
    """The rows all the others refer to: made on first use, and left as they are after that."""
    people = [_person(number) for number in range(40)]
    operators = [one for one in people if one.role in ("operator", "administrator")]
    helpers = [one for one in people if one.role == "support"]
    accounts = {name: _account(name) for name in dict.fromkeys(row[0] for row in APPLICATIONS)}
    places = []
    for number, (account, name, product, app_id, weight, rooms) in enumerate(APPLICATIONS):
        place = _place(dice, number, _application(accounts[account], name, product, app_id), rooms)
        places += [place] * weight
    return World(
        places=tuple(places),
        # The first of them work much, the last seldom.
        people=tuple(
            (str(one.pk), one.name) for rank, one in enumerate(operators) for _ in range(40 // (rank + 2) + 1)
        ),
        helpers=tuple((str(one.pk), one.name) for one in helpers),
    )


def _person(number: int) -> Person:
    first, last = FIRST_NAMES[number % 10], LAST_NAMES[number // 10]
    found, _made = Person.objects.get_or_create(
        username=f"{first}.{last}".lower(),
        defaults={
            "first_name": first,
            "last_name": last,
            "role": ROLES[number % 10],
            "time_zone": "Asia/Shanghai",
            # Nobody can sign in as somebody who is made up.
            "password": make_password(None),
        },
    )
    return found


def _account(name: str) -> CloudAccount:
    found, _made = CloudAccount.objects.get_or_create(
        name=f"{name} (made up)",
        defaults={
            "environment": Environment.SANDBOX,
            "endpoint": ENDPOINT,
            "secret_id": f"EXAMPLE-{name}",
            "secret_key": "EXAMPLE",
        },
    )
    return found


def _application(account: CloudAccount, name: str, product: str, app_id: str) -> Application:
    # Their callback tokens are new each time, and their keys are none: nothing of it leads anywhere.
    found, _made = Application.objects.get_or_create(
        account=account, product=product, app_id=app_id, defaults={"name": f"{name} (made up)"}
    )
    return found


def _place(dice: random.Random, number: int, application: Application, rooms: int) -> Place:
    account = application.account
    names = [_room(number, room, application.product) for room in range(rooms)]
    often = [1 / (rank + 3) for rank in range(rooms)]
    # Plain text: of rows made just now some values are words of an enumeration.
    key, name, product = str(application.pk), application.name, str(application.product)
    environment, region = str(account.environment), str(application.effective_region)
    endpoint = account.endpoint.removeprefix("http://")
    return Place(
        number=number,
        app_id=application.app_id,
        product=product,
        head=(str(account.pk), account.name, key, name, product, environment, endpoint, region),
        recording_head=(key, name, account.name, environment, product),
        event_head=(key, name, product),
        rooms=tuple(dice.choices(names, often, k=1000)),
    )


def _room(number: int, room: int, product: str) -> str:
    if product == TIW:
        return str(100_000 * (number + 1) + 1000 + 7 * room)
    return f"{ROOM_WORDS[(number + room) % len(ROOM_WORDS)]}-{number}{room:03d}"
