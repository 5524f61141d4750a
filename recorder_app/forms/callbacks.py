"""The forms of an application's callbacks. Keys are typed once and never shown."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recorder_app.forms.settings import THIS_MACHINE, secret_field
from recorder_app.models import Application, Person
from recorder_app.services import callback_settings
from recorder_app.services.callback_settings import CloudSetting

# SetOnlineRecordCallbackKey takes no longer one (tiw.md section 5).
LONGEST_TIW_KEY = 64
FOUND_ANOTHERS = _(
    "The cloud sends the events of this application to %(address)s, which is not this dashboard. Nothing was changed."
)


class ReplacesForm(forms.Form):
    """What may meet another system's address asks, once it has met one, whether to replace it."""

    replaces = forms.BooleanField(
        label=_("Replace it: the other system will hear nothing any more"),
        required=False,
        initial=False,
        widget=forms.HiddenInput,
    )

    def ask_whether_to_replace(self, setting: CloudSetting) -> None:
        self.fields["replaces"].widget = forms.CheckboxInput()
        self.add_error("replaces", FOUND_ANOTHERS % {"address": setting.address})


class SetCallbackForm(ReplacesForm):
    address = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_(
            "This dashboard as the cloud reaches it. Change the host when you are here under another name than "
            "the one that leads here from outside."
        ),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    key = secret_field(
        _("Callback key"),
        required=False,
        help_text=_(
            "Signs every event. Empty: the one stored here, or a new one that nobody needs to know. "
            "At most 64 characters; stored encrypted and never shown."
        ),
    )
    field_order = ["address", "key", "replaces"]

    def __init__(self, *args: Any, application: Application, path: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.application = application
        self.path = path

    def clean_address(self) -> str:
        text = self.cleaned_data["address"].strip()
        try:
            parts = urlsplit(text)
            host = parts.hostname or ""
            _port = parts.port  # raises ValueError where the port is none
        except ValueError:
            raise ValidationError(_("Give an address such as https://recorder.example.com/…")) from None
        if parts.scheme not in ("http", "https") or not host or " " in text or "@" in parts.netloc:
            raise ValidationError(_("Give an address such as https://recorder.example.com/…"))
        if parts.path != self.path or parts.query or parts.fragment:
            raise ValidationError(
                _("It must end with %(path)s, so that the events arrive here.") % {"path": self.path}
            )
        if self.application.is_live and (parts.scheme != "https" or host in THIS_MACHINE):
            raise ValidationError(
                _(
                    "The live cloud sends across the internet: give the https address under which it reaches this."
                )
            )
        return text

    def clean_key(self) -> str:
        key = self.cleaned_data["key"]
        if len(key) > LONGEST_TIW_KEY:
            raise ValidationError(_("The cloud takes at most 64 characters."))
        return key

    def save(self, *, by: Person) -> None:
        data = self.cleaned_data
        callback_settings.set_at_cloud(
            self.application, address=data["address"], key=data["key"], replaces=data["replaces"], by=by
        )


class ClearCallbackForm(ReplacesForm):
    def save(self, application: Application, *, by: Person) -> None:
        callback_settings.clear_at_cloud(application, replaces=self.cleaned_data["replaces"], by=by)


class CallbackKeyForm(forms.Form):
    callback_key = secret_field(
        _("Key"),
        required=False,
        help_text=_("As the console shows it. Stored encrypted and never shown. Empty: remove it from here."),
    )

    def save(self, application: Application, *, by: Person) -> None:
        callback_settings.store_key(application, self.cleaned_data["callback_key"], by=by)
