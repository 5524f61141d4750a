"""The people who sign in."""

from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
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

    @property
    def rights(self) -> Role:
        return ROLES.get(self.role, NO_ROLE)

    def may(self, permission: Permission) -> bool:
        return self.is_active and permission in self.rights.permissions
