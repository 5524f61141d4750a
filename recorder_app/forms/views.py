"""The forms of saved views, and of how a person likes to see a list."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import ListPage
from recorder_app.forms.filters import FILTERS
from recorder_app.models import Person, SavedView
from recorder_app.services import lists, views

# What an address holds beside the filter.
NOT_KEPT = ("before", "after", "all", "page")


class SavedViewForm(forms.ModelForm):
    """A name for a filter, and who may use it."""

    is_default = forms.BooleanField(
        label=_("Open this view first"),
        required=False,
        help_text=_("For you alone: the page opens with it until you choose another view."),
    )

    class Meta:
        model = SavedView
        fields = ["name", "is_shared"]
        labels = {"name": _("Name"), "is_shared": _("Everybody may use it")}
        help_texts = {
            "is_shared": _(
                "It then stands on everybody's page. Nobody sees more through it than they may anyway."
            )
        }

    def __init__(self, *args: Any, by: Person, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.by = by
        self.fields["name"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        if not self.instance.query:
            raise ValidationError(
                _("Nothing is filtered yet, so there is nothing to keep. Set a filter first.")
            )
        if len(self.instance.query) > SavedView._meta.get_field("query").max_length:
            raise ValidationError(_("So long a filter cannot be kept. Take some of its values away first."))
        return super().clean()

    def _get_validation_exclusions(self) -> set[str]:
        # The owner is set already, and belongs to the promise that a name is there once.
        return super()._get_validation_exclusions() - {"owner", "page"}

    def save_view(self) -> bool:
        """Keep it, and tell the audit if others can use it from now on; answers whether that could be done.

        Another request may have taken the name since it was looked for: that is told in the form, too.
        """
        try:
            views.save(self.save(commit=False), by=self.by, is_default=self.cleaned_data["is_default"])
        except IntegrityError:
            self.add_error("name", _("You have a view of this name already."))
            return False
        return True


class ListForm(forms.Form):
    """The columns of a page, and how close together its rows are."""

    columns = forms.MultipleChoiceField(required=False)
    compact = forms.BooleanField(required=False)

    def __init__(self, *args: Any, page: str, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.page = page
        self.fields["columns"].choices = list(lists.COLUMNS[page].items())

    def save(self, person: Person) -> None:
        data = self.cleaned_data
        lists.choose(person, self.page, shown=data["columns"], compact=data["compact"])


def filter_of(page: str, address: QueryDict, *, person: Person) -> str:
    """What of an address is the filter to keep, in one order; "" where nothing is set or something makes no sense."""
    known = FILTERS.get(page)
    if known is None:
        # The reports have their own words for what they show.
        return urlencode([pair for pair in parse_qsl(address.urlencode()) if pair[0] not in NOT_KEPT])
    chosen = known(address, person=person)
    return chosen.query if chosen.is_valid() else ""


def is_page(name: str) -> bool:
    return name in ListPage.values
