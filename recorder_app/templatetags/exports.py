"""Numbers and lengths of time as the pages of exports show them."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def grouped(number: int | None) -> str:
    """A number with its thousands apart: 1,234,567."""
    return "" if number is None else f"{number:,}"


@register.filter
def lasting(length: timedelta) -> str:
    """About how long: "40 seconds", "3 minutes"."""
    seconds = round(length.total_seconds())
    if seconds < 60:
        return _("less than a minute")
    minutes = round(seconds / 60)
    return ngettext("about one minute", "about %(number)d minutes", minutes) % {"number": minutes}
