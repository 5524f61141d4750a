"""Callbacks that were turned away: counted by day, so that somebody notices; nothing of their content is kept."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Sum
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import Product, RefusalReason
from recorder_app.models import Application, RefusedCallback

LATELY = timedelta(days=7)
WHAT_TO_DO = {
    RefusalReason.UNKNOWN_TOKEN: _(
        "Enter the address on the application's page in the console again. If it is there already, somebody is "
        "guessing; nothing needs doing."
    ),
    RefusalReason.FORGED: _(
        "Compare the key in the console with the one stored here, and store it again. If they are the same, "
        "somebody else knows the address: renew it."
    ),
    RefusalReason.EXPIRED: _("Set this machine's clock. If it is right, somebody is repeating old messages."),
    RefusalReason.MALFORMED: _(
        "One or two are a broken connection. More of them: something else than the cloud sends here."
    ),
    RefusalReason.TOO_LARGE: _(
        "No event of the cloud is this large: something else than the cloud sends here."
    ),
    RefusalReason.OTHER_APPLICATION: _(
        "In the console, this application's address is entered for another application. Give each its own."
    ),
    RefusalReason.NO_KEY: _(
        "Store the permission key of the application, as the console shows it, on its page."
    ),
}


def count(*, product: str, application: Application | None, reason: str, now: datetime) -> None:
    """Count one refused callback; ``application`` is None where the address led to none."""
    name = application.name if application else ""
    where = {"product": product, "application_name": name, "reason": reason, "day": now.date()}
    counter = RefusedCallback.objects.filter(**where)
    if counter.update(count=F("count") + 1, last_at=now):
        return
    try:
        with transaction.atomic():
            RefusedCallback.objects.create(**where, count=1, last_at=now)
    except IntegrityError:  # another process was the first of the day
        counter.update(count=F("count") + 1, last_at=now)


def lately(*, now: datetime, application: Application | None = None) -> list[dict[str, Any]]:
    """What was refused in the last seven days, of one application or of all: words, how many, when, what to do."""
    found = RefusedCallback.objects.filter(day__gte=(now - LATELY).date())
    if application:
        found = found.filter(product=application.product, application_name=application.name)
    sums = found.order_by().values("product", "application_name", "reason")
    rows = sums.annotate(how_many=Sum("count"), last=Max("last_at")).order_by("-last")
    return [
        {
            **row,
            "product": Product(row["product"]),
            "reason": RefusalReason(row["reason"]).label,
            "what_to_do": WHAT_TO_DO[RefusalReason(row["reason"])],
        }
        for row in rows
    ]
