"""Who changed what. Words and ids only, no foreign keys: an entry outlives what it describes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recorder_app.models.pages import HistoryQuerySet


class AuditEntry(models.Model):
    class Event(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("failed to sign in")
        ACCOUNT_ADDED = "account_added", _("added the account")
        ACCOUNT_CHANGED = "account_changed", _("changed the account")
        ACCOUNT_KEY_REPLACED = "account_key_replaced", _("replaced the key of the account")
        ACCOUNT_TESTED = "account_tested", _("tested the account")
        APPLICATION_ADDED = "application_added", _("added the application")
        APPLICATION_CHANGED = "application_changed", _("changed the application")
        APPLICATION_KEY_REPLACED = "application_key_replaced", _("replaced the SDK key of the application")
        CALLBACK_KEY_STORED = "callback_key_stored", _("stored the callback key of the application")
        CALLBACK_KEY_REMOVED = "callback_key_removed", _("removed the callback key of the application")
        CALLBACK_SET = "callback_set", _("set the cloud's callback address for the application")
        CALLBACK_CLEARED = "callback_cleared", _("cleared the cloud's callback address for the application")
        CALLBACK_ADDRESS_RENEWED = (
            "callback_address_renewed",
            _("renewed the callback address of the application"),
        )
        PERSON_ADDED = "person_added", _("added the person")
        PERSON_CHANGED = "person_changed", _("changed the person")
        PERSON_PASSWORD_SET = "person_password_set", _("set a new password for the person")
        STOPS_ORDERED = "stops_ordered", _("ordered the stop of many recordings")
        EXPORT_TAKEN = "export_taken", _("took an export")
        BUNDLE_TAKEN = "bundle_taken", _("took a support bundle")
        VIEW_SHARED = "view_shared", _("shared the view")
        REPORT_SCHEDULED = "report_scheduled", _("scheduled the report by mail")
        REPORT_UNSCHEDULED = "report_unscheduled", _("ended the report by mail")

    event = models.CharField(_("event"), max_length=30, choices=Event)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(_("by"), max_length=150)
    about = models.CharField(_("about"), max_length=200, blank=True, default="")
    about_id = models.BigIntegerField(null=True)
    details = models.JSONField(_("details"), default=dict)
    created_at = models.DateTimeField(_("when"))

    objects = HistoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            # /audit/, newest first.
            models.Index(name="audit_newest", fields=["-created_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.by_name} {self.get_event_display()} {self.about}"

    @property
    def told(self) -> list[tuple[str, str]]:
        """The details in words, without those that say nothing."""
        return [
            (name.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
            for name, value in self.details.items()
            if value not in ("", None, [])
        ]
