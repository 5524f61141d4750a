"""The people who sign in."""

from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from recorder_app.permissions import NO_ROLE, ROLE_CHOICES, ROLES, Permission, Role

# What the columns that keep a name as words can hold.
NAME_LENGTH = 150


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is not the name of a time zone, such as Asia/Shanghai."), params={"name": name}
        )


class Person(AbstractUser):
    role = models.CharField(_("role"), max_length=20, blank=True, choices=ROLE_CHOICES, default="")
    time_zone = models.CharField(
        _("time zone"), max_length=60, blank=True, default="", validators=[validate_time_zone]
    )

    # Whose history a person may see: of every application, or only of those named.
    sees_all = models.BooleanField(_("sees every application"), default=True)
    applications = models.ManyToManyField(
        "recorder_app.Application", blank=True, related_name="people", verbose_name=_("applications")
    )
    # How a person likes to see lists: {"calls": {"hidden": ["origin"], "density": "compact"}}.
    list_settings = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(
                name="person_role_known", condition=models.Q(role__in=[key for key, _name in ROLE_CHOICES])
            ),
        ]

    @property
    def name(self) -> str:
        """What history keeps of a person as words."""
        return (self.get_full_name() or self.username)[:NAME_LENGTH]

    @cached_property
    def limited_to(self) -> list[int] | None:
        """The keys of the applications whose history this person may see; None for all of them."""
        return None if self.sees_all else list(self.applications.order_by("pk").values_list("pk", flat=True))

    @property
    def rights(self) -> Role:
        return ROLES.get(self.role, NO_ROLE)

    def may(self, permission: Permission) -> bool:
        return self.is_active and permission in self.rights.permissions
