"""Cloud accounts, whose key signs the calls, and the applications that are recorded under them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import AccountTrouble, Edition, Environment, Product
from recorder_app.cloud.products import default_region
from recorder_app.crypto import EncryptedTextField

if TYPE_CHECKING:
    from recorder_app.models.people import Person


def new_token() -> str:
    """The unguessable part of the address at which the cloud reports an application's events."""
    return secrets.token_urlsafe(32)


class CloudAccount(models.Model):
    name = models.CharField(_("name"), max_length=80, unique=True)
    environment = models.CharField(_("environment"), max_length=10, choices=Environment)
    edition = models.CharField(_("edition"), max_length=15, choices=Edition, default=Edition.INTERNATIONAL)
    secret_id = models.CharField(_("SecretId"), max_length=120)
    secret_key = EncryptedTextField(_("SecretKey"))
    token = EncryptedTextField(_("token of temporary credentials"), blank=True, default="")
    # Empty: the product's own host. Otherwise a host, or a base address such as http://127.0.0.1:8001.
    endpoint = models.CharField(_("endpoint"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    # Changes with every saved change; a client with older keys is thrown away.
    changed_at = models.DateTimeField(auto_now=True)
    # What keeps all of its calls from succeeding; cleared by the first call that does.
    trouble = models.CharField(_("trouble"), max_length=12, choices=AccountTrouble, blank=True, default="")
    trouble_since = models.DateTimeField(_("in trouble since"), null=True, blank=True)
    trouble_message = models.TextField(_("what the trouble is"), blank=True, default="")

    class Meta:
        verbose_name = _("cloud account")
        verbose_name_plural = _("cloud accounts")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="account_environment_known", condition=models.Q(environment__in=Environment.values)
            ),
            models.CheckConstraint(
                name="account_edition_known", condition=models.Q(edition__in=Edition.values)
            ),
            # A sandbox is always somewhere else than the cloud's own hosts.
            models.CheckConstraint(
                name="account_sandbox_has_endpoint",
                condition=~models.Q(environment=Environment.SANDBOX) | ~models.Q(endpoint=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return self.environment == Environment.LIVE

    @property
    def has_history(self) -> bool:
        return Application.objects.filter(account=self, recordings__isnull=False).exists()

    @property
    def is_chinese(self) -> bool:
        return self.edition == Edition.CHINESE


class ApplicationQuerySet(models.QuerySet):
    def visible_to(self, person: Person) -> Self:
        """Those whose history a person may see, and in which they may record if their role lets them."""
        return self if person.limited_to is None else self.filter(pk__in=person.limited_to)


class Application(models.Model):
    account = models.ForeignKey(
        CloudAccount, on_delete=models.PROTECT, related_name="applications", verbose_name=_("account")
    )
    product = models.CharField(_("product"), max_length=3, choices=Product)
    name = models.CharField(_("name"), max_length=80, unique=True)
    # SdkAppId for TIW, BizId for GME: text here, an integer at the wire.
    app_id = models.CharField(_("application id"), max_length=20)
    region = models.CharField(_("region"), max_length=30, blank=True, default="")
    sdk_key = EncryptedTextField(_("SDK secret key"), blank=True, default="")
    # Proves the cloud's callbacks: TIW's callback key, GME's permission key.
    callback_key = EncryptedTextField(_("callback key"), blank=True, default="")
    callback_token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    # Whether a start without an answer may be settled, last, by repeating it with the same RecordUserId (TIW).
    repeats_start = models.BooleanField(_("may repeat an unanswered start"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="application_product_known", condition=models.Q(product__in=Product.values)
            ),
            models.UniqueConstraint(
                name="application_once_per_account", fields=["account", "product", "app_id"]
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def effective_region(self) -> str:
        return self.region or default_region(self.product, self.account.edition)

    @property
    def can_sign(self) -> bool:
        """Whether a start needs no signature pasted by hand."""
        return self.product != Product.TIW or bool(self.sdk_key)

    @property
    def is_live(self) -> bool:
        return self.account.is_live

    @property
    def has_trtc_fields(self) -> bool:
        """Only the Chinese edition knows the fields for a TRTC room."""
        return self.product == Product.TIW and self.account.is_chinese
