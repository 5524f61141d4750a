"""The form for a note."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from recorder_app.forms.notes import NoteForm
from recorder_app.templatetags.recorder import drawn_once

register = template.Library()


@register.simple_tag
@drawn_once
def empty_note() -> SafeString:
    """The field for a note before anything is written: the same on every page."""
    return render_to_string("components/field.html", {"field": NoteForm()["text"]})
