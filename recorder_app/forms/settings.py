"""The forms of the administration. Secrets are typed once, never shown, and replaced rather than edited."""

from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import Environment, Product
from recorder_app.cloud.endpoints import base_url
from recorder_app.models import Application, CloudAccount, Person
from recorder_app.services import accounts, people

MOST_INT64 = 2**63 - 1
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
THE_CLOUD = "tencentcloudapi.com"


def secret_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A field whose value goes in and never comes out: not even back into the form after a mistake."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=4000,
        help_text=help_text,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def validate_endpoint(text: str) -> None:
    """A host, or a base address, as the client takes it; plain http only where nothing leaves this machine."""
    try:
        base_url(text)
    except ValueError:
        raise ValidationError(
            _(
                "Give a host such as tiw.tencentcloudapi.com, or an address such as http://127.0.0.1:8001. Plain http "
                "is only for a sandbox on this machine: signed requests must not cross a network in the clear."
            )
        ) from None


def leads_to(endpoint: str) -> str:
    """The host name an endpoint leads to, "" for the product's own."""
    return urlsplit(base_url(endpoint)).hostname or "" if endpoint else ""


class KeyForm(forms.Form):
    """A key pair of the cloud."""

    secret_id = forms.CharField(
        label=_("SecretId"),
        max_length=120,
        help_text=_("The public half of an API key of the cloud account; it begins with AKID."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    secret_key = secret_field(
        _("SecretKey"), help_text=_("Stored encrypted and never shown again. To change it, replace the pair.")
    )
    token = secret_field(
        _("Token"), required=False, help_text=_("Only for temporary credentials, which come with one.")
    )


class ReplaceKey(KeyForm):
    def save(self, account: CloudAccount, *, by: Person) -> CloudAccount:
        return accounts.replace_account_key(account, by=by, **self.cleaned_data)


class AccountForm(forms.ModelForm):
    class Meta:
        model = CloudAccount
        fields = ["name", "environment", "edition", "endpoint"]
        help_texts = {
            "name": _("How people here call it, for example “School, production”."),
            "environment": _(
                "Live calls reach the real cloud and are billed; the sandbox is for trying things out."
            ),
            "edition": _(
                "Which of the cloud's two sites the account belongs to. It decides the region and a few fields."
            ),
            "endpoint": _("Empty: the product's own host. A sandbox needs its address."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["endpoint"].validators.append(validate_endpoint)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "endpoint" not in self.errors and "environment" in data:
            self._check_environment(data["environment"], data["endpoint"])
        if self.instance.pk and "environment" in self.changed_data and self.instance.has_history:
            self.add_error(
                "environment",
                _(
                    "Recordings were made with this account as it is. Add another account instead, so that "
                    "history stays true."
                ),
            )
        return data

    def _check_environment(self, environment: str, endpoint: str) -> None:
        """The badge on every page says sandbox or live: it has to be true."""
        host = leads_to(endpoint)
        if environment == Environment.SANDBOX and not endpoint:
            self.add_error("endpoint", _("Say where the sandbox listens, for example http://127.0.0.1:8001."))
        elif environment == Environment.SANDBOX and host in THIS_MACHINE and "://" not in endpoint:
            self.add_error(
                "endpoint",
                _(
                    "Begin with http:// or https://: a sandbox on this machine usually speaks http, the cloud https."
                ),
            )
        elif environment == Environment.SANDBOX and f".{host}".endswith(f".{THE_CLOUD}"):
            self.add_error(
                "environment", _("This endpoint is the cloud itself: calls there are real and billed.")
            )
        elif environment == Environment.LIVE and host in THIS_MACHINE:
            self.add_error(
                "environment", _("This endpoint is on this machine, so it cannot be the live cloud.")
            )

    def save_as(self, by: Person) -> CloudAccount:
        return accounts.change_account(self.instance, by=by, changed=self.changed_data)


class NewAccount(KeyForm, AccountForm):
    """An account and its first key pair."""

    field_order = ["name", "environment", "edition", "endpoint", "secret_id", "secret_key", "token"]

    def save_as(self, by: Person) -> CloudAccount:
        account = self.instance
        for name in ("secret_id", "secret_key", "token"):
            setattr(account, name, self.cleaned_data[name])
        return accounts.add_account(account, by=by)


class ApplicationForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ["name", "account", "product", "app_id", "region", "repeats_start", "is_active"]
        help_texts = {
            "name": _("How people here call it, for example “Evening classes”."),
            "account": _("Whose key signs the calls of this application."),
            "app_id": _("SdkAppId for TIW, BizId for GME: a number, as the console shows it."),
            "region": _("Empty: what the account's edition prescribes."),
            "repeats_start": _(
                "Only for TIW, and only last: when no answer to a start arrived and nothing else tells whether it "
                "records, send the same start once more. Its RecordUserId is refused if the first one runs."
            ),
            "is_active": _("Out of use: its history stays, nothing new is started."),
        }

    def clean_app_id(self) -> str:
        text = self.cleaned_data["app_id"].strip()
        if not (text.isascii() and text.isdecimal() and 0 < int(text) <= MOST_INT64):
            raise ValidationError(_("An application id is a whole number, for example 1400000001."))
        return str(int(text))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        settled = [name for name in ("account", "product", "app_id") if name in self.changed_data]
        if self.instance.pk and settled and self.instance.recordings.exists():
            self.add_error(
                settled[0],
                _(
                    "Recordings were made of this application as it is. Add another one, so that history stays true."
                ),
            )
        return data

    def clean_region(self) -> str:
        text = self.cleaned_data["region"].strip()
        if text and not (text.isascii() and text.replace("-", "").isalnum()):
            raise ValidationError(_("A region is a word such as ap-singapore."))
        return text

    def save_as(self, by: Person) -> Application:
        return accounts.change_application(self.instance, by=by, changed=self.changed_data)


class SdkKeyForm(forms.Form):
    sdk_key = secret_field(
        _("SDK secret key"),
        required=False,
        help_text=_(
            "Signs the account with which the recorder enters a TIW room. Stored encrypted, never shown again."
        ),
    )


class ReplaceSdkKey(SdkKeyForm):
    remove = forms.BooleanField(
        label=_("Remove the key; starts then need a signature pasted by hand"), required=False
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if bool(data.get("sdk_key")) == data.get("remove"):
            self.add_error("sdk_key", _("Type the new key, or tick that the old one is to be removed."))
        return data

    def save(self, application: Application, *, by: Person) -> Application:
        return accounts.replace_sdk_key(application, by=by, sdk_key=self.cleaned_data["sdk_key"])


class NewApplication(SdkKeyForm, ApplicationForm):
    """An application and, for TIW, its first SDK key."""

    field_order = ["name", "account", "product", "app_id", "region", "sdk_key", "repeats_start", "is_active"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("product") == Product.GME and data.get("sdk_key"):
            self.add_error("sdk_key", _("Only TIW applications have one; leave it empty for GME."))
        return data

    def save_as(self, by: Person) -> Application:
        self.instance.sdk_key = self.cleaned_data["sdk_key"]
        return accounts.add_application(self.instance, by=by)


class TimeZoneField(forms.CharField):
    """The name of a time zone, in any case; a city alone will do."""

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value).strip()
        return ZONES.get(typed.lower().replace(" ", "_"), typed)


def _zones() -> dict[str, str]:
    names = sorted(available_timezones())
    cities = {name.rpartition("/")[2].lower(): name for name in reversed(names) if "/" in name}
    return {**cities, **{name.lower(): name for name in names}}


ZONES = _zones()


class PersonForm(forms.ModelForm):
    class Meta:
        model = Person
        field_classes = {"time_zone": TimeZoneField}
        fields = [
            *("username", "first_name", "last_name", "role", "time_zone"),
            *("sees_all", "applications", "is_active"),
        ]
        widgets = {"applications": forms.CheckboxSelectMultiple}
        labels = {
            "is_active": _("May sign in"),
            "sees_all": _("Sees every application"),
            "applications": _("Sees only these applications"),
        }
        help_texts = {
            "username": _("Letters, digits and @ . + - _"),
            "time_zone": _("For example Asia/Shanghai. Empty: the dashboard's own."),
            "sees_all": _("Also those that are added later."),
            "applications": _(
                "Lists, look-ups, reports and exports hold these alone, and only these can be recorded."
            ),
            "is_active": _(
                "Switch this off instead of deleting somebody: the history keeps their name either way."
            ),
        }

    def save_as(self, by: Person) -> Person | None:
        """The saved person, or None when the change would lock everybody out; the form then says so."""
        try:
            return people.change(
                self.instance,
                by=by,
                changed=self.changed_data,
                applications=self.cleaned_data["applications"],
            )
        except people.LastAdministrator:
            self.add_error(
                "role",
                _(
                    "This is the last administrator who can sign in. Make somebody else an administrator first."
                ),
            )
            return None


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters, not all digits, not a common one."),
    )

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password


class NewPerson(PasswordForm, PersonForm):
    field_order = [
        *("username", "first_name", "last_name", "role", "time_zone", "password"),
        *("sees_all", "applications", "is_active"),
    ]

    def save_as(self, by: Person) -> Person:
        return people.add(
            self.instance,
            password=self.cleaned_data["password"],
            by=by,
            applications=self.cleaned_data["applications"],
        )


class MyPasswordForm(PasswordForm):
    """A new password of one's own, which the old one has to confirm."""

    field_order = ["old_password", "password"]
    old_password = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_old_password(self) -> str:
        old = self.cleaned_data["old_password"]
        if not self.person.check_password(old):
            raise ValidationError(_("This is not your present password."))
        return old


class MyOwnForm(forms.ModelForm):
    """What everybody sets for themselves."""

    class Meta:
        model = Person
        field_classes = {"time_zone": TimeZoneField}
        # Names are an administrator's to change: history keeps them as words, and nobody may write as another.
        fields = ["time_zone", "email"]
        help_texts = {
            "time_zone": _(
                "For example Asia/Shanghai. All times are shown in it. Empty: the dashboard's own."
            ),
            "email": _("Only for reports that you have sent to yourself."),
        }
