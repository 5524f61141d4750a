"""The form for a note."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 4000


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("A note for everybody"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Kept with your name, for ever: nobody can change it. What looks like a key or a signature is blacked out."
        ),
        error_messages={"required": _("Write something first.")},
    )
