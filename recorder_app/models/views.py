"""Filters that somebody keeps under a name, for himself or for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import ListPage

if TYPE_CHECKING:
    from recorder_app.models.people import Person


class SavedViewQuerySet(models.QuerySet):
    def usable_by(self, person: Person) -> SavedViewQuerySet:
        """A person's own views, and those that others share."""
        return self.filter(Q(owner=person) | Q(is_shared=True))


class SavedView(models.Model):
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="saved_views",
        verbose_name=_("owner"),
    )
    page = models.CharField(_("page"), max_length=10, choices=ListPage)
    name = models.CharField(_("name"), max_length=80)
    # As it stands in the address, without the key of a page.
    query = models.CharField(_("filter"), max_length=2000, blank=True, default="")
    is_shared = models.BooleanField(_("everybody may use it"), default=False)
    created_at = models.DateTimeField(_("saved at"), auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="view_name_once",
                fields=["owner", "page", "name"],
                violation_error_message=_("You have a view of this name already."),
            ),
            models.CheckConstraint(name="view_page_known", condition=Q(page__in=ListPage.values)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse(self.page) + (f"?{self.query}" if self.query else "")


class DefaultView(models.Model):
    """What a person wants to see first on a page: a view of his own, or one that somebody shares."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="default_views"
    )
    page = models.CharField(_("page"), max_length=10, choices=ListPage)
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="defaults")

    class Meta:
        verbose_name = _("default view")
        verbose_name_plural = _("default views")
        constraints = [models.UniqueConstraint(name="default_once_per_page", fields=["person", "page"])]

    def __str__(self) -> str:
        return f"{self.person} · {self.view}"
