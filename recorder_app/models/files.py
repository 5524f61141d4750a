"""The files a recording leaves, as the cloud describes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import FileKind
from recorder_app.models.recordings import Recording


class RecordingFile(models.Model):
    recording = models.ForeignKey(
        Recording, on_delete=models.PROTECT, related_name="files", verbose_name=_("recording")
    )
    # What tells one file of a recording from another: TIW's VideoId, GME's FileName.
    key = models.CharField(_("file"), max_length=500)
    kind = models.CharField(_("kind"), max_length=12, choices=FileKind, default=FileKind.OTHER)
    name = models.CharField(_("name"), max_length=500, blank=True, default="")
    format = models.CharField(_("format"), max_length=20, blank=True, default="")
    url = models.TextField(_("address"), blank=True, default="")
    # Whose stream it is; empty for whiteboard and mix.
    owner = models.CharField(_("owner"), max_length=200, blank=True, default="")
    size_bytes = models.BigIntegerField(_("size in bytes"), null=True)
    duration_ms = models.BigIntegerField(_("length in ms"), null=True)
    width = models.PositiveIntegerField(_("width"), null=True)
    height = models.PositiveIntegerField(_("height"), null=True)
    # Where it begins in the playback of the whole recording, in ms (TIW).
    begins_ms = models.BigIntegerField(_("begins at, ms"), null=True)
    begun_at = models.DateTimeField(_("begun at"), null=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    # The cloud's own word or number: GME tells the state of each file.
    status = models.CharField(_("cloud status"), max_length=40, blank=True, default="")
    seen_at = models.DateTimeField(_("last told by the cloud at"))

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(name="file_once_per_recording", fields=["recording", "key"]),
            models.CheckConstraint(name="file_kind_known", condition=models.Q(kind__in=FileKind.values)),
        ]

    def __str__(self) -> str:
        return self.name or self.key
