"""What people write down about a recording or a call, beside what happened."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recorder_app.models.calls import ApiCall
from recorder_app.models.recordings import Recording


class Note(models.Model):
    """Written once, like all history; who was wrong writes another."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, null=True, related_name="notes")
    call = models.ForeignKey(ApiCall, on_delete=models.PROTECT, null=True, related_name="notes")
    text = models.TextField(_("note"), max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(_("by"), max_length=150)
    created_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="note_about_one_thing",
                condition=Q(recording__isnull=False, call__isnull=True)
                | Q(recording__isnull=True, call__isnull=False),
            ),
            models.CheckConstraint(name="note_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.text[:60]
