"""The same five people in every test: one for each role, and a stranger who has signed in but holds none."""

from recorder_app.models import Person

PASSWORD = "made-up-for-tests"
ROLE_OF = {
    "operator": "operator",
    "support": "support",
    "manager": "manager",
    "admin": "administrator",
    "stranger": "",
}


def person(who: str) -> Person:
    """That person, made on first use."""
    known = Person.objects.filter(username=who).first()
    if known:
        return known
    return Person.objects.create_user(username=who, password=PASSWORD, role=ROLE_OF[who])
