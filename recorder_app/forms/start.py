"""What the two forms that start a recording have in common: the application, the intention, warnings, refusals."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import UNSETTLED, CallOutcome
from recorder_app.cloud.error_codes import Retry
from recorder_app.forms.fields import TextList, row_number
from recorder_app.forms.structures import Doubt, RowList, StructureForm
from recorder_app.models import ApiCall, Application, Person, Recording
from recorder_app.models.accounts import ApplicationQuerySet

# Posted beside the API's own names: the select, the intention, confirmed warnings, row buttons, the preview's tab,
# the recording it was filled from, the mark of the request that was refused.
OTHER_NAMES = {
    "csrfmiddlewaretoken",
    "application",
    "intention",
    "confirm",
    "row",
    "shown",
    "like",
    "refused",
}
MOST_NAMED = 5


def read_intention(text: str | None) -> uuid.UUID | None:
    """The key a form carries, None when it is missing or damaged."""
    try:
        return uuid.UUID(text) if text and len(text) <= 40 else None
    except ValueError:
        return None


# Answers the recording that a room is taken by, other than the one with this intention.
TakenBy = Callable[[Application, str, uuid.UUID], Recording | None]


class ApplicationSelect(forms.Select):
    """The applications of a product by name, sandbox and live apart; asked for only when the page is drawn."""

    def __init__(self, product: str) -> None:
        super().__init__()
        self.product = product
        self.by: Person | None = None

    def optgroups(self, name: str, value: list, attrs: Any = None) -> list:
        groups: dict[str, list] = {}
        for application in StartForm.usable(self.by, self.product).order_by("account__environment", "name"):
            environment = str(application.account.get_environment_display())
            groups.setdefault(environment, []).append(
                (application.pk, f"{application.name} · {application.app_id}")
            )
        self.choices = [("", _("Choose an application")), *groups.items()]
        return super().optgroups(name, value, attrs)

    def __deepcopy__(self, memo: dict) -> Self:
        copy = type(self)(self.product)
        copy.by = self.by
        copy.attrs = self.attrs.copy()
        return copy


class ApplicationField(forms.Field):
    """SdkAppId or BizId: chosen as a name, sent as a number."""

    def __init__(self, product: str) -> None:
        super().__init__(
            label=_("Application"),
            widget=ApplicationSelect(product),
            error_messages={
                "required": _("Choose the application to record; only those in use can be chosen.")
            },
        )


class StartForm(StructureForm):
    """A whole request. ``application`` and ``intention`` come from the view; None where it found none.
    ``by`` limits the applications to choose from to those that person may see.

    ``taken_by`` lets it warn of a room that is recorded already.
    """

    action = ""
    product = ""
    app_field = ""

    def __init__(
        self,
        data: Any = None,
        *,
        application: Application | None,
        intention: uuid.UUID | None,
        by: Person | None = None,
        initial: dict[str, Any] | None = None,
        is_checked: bool = True,
        taken_by: TakenBy | None = None,
    ) -> None:
        self.application = application
        self.by = by
        self.taken_by = taken_by
        self.has_lost_intention = intention is None
        self.intention = intention or uuid.uuid4()
        self.refusal: ApiCall | None = None
        self.refusal_anchor = ""
        self.refused_stamp = (data or {}).get("refused", "")[:64]
        self.unknown_params: list[str] = []
        super().__init__(_posted(data, application), initial=initial, is_checked=is_checked)
        self.fields[self.app_field].widget.by = by
        if application:
            self.initial[self.app_field] = application.pk

    # --- Finding and filling ---------------------------------------------------------------------------------
    @classmethod
    def usable(cls, by: Person | None, product: str = "") -> ApplicationQuerySet:
        """The applications that this person (None: anybody) can record in, with their accounts."""
        usable = Application.objects.filter(product=product or cls.product, is_active=True)
        return (usable.visible_to(by) if by else usable).select_related("account")

    @classmethod
    def find_application(cls, data: Any, by: Person | None = None) -> Application | None:
        """The application somebody chose or, where a program posts SdkAppId or BizId instead, the only one in use
        that has it."""
        chosen, app_id = (data.get(name) or "" for name in ("application", cls.app_field))
        if chosen:
            return cls.usable(by).filter(pk=chosen).first() if _is_number(chosen) else None
        matches = list(cls.usable(by).filter(app_id=app_id)[:2]) if _is_number(app_id) else []
        return matches[0] if len(matches) == 1 else None

    @classmethod
    def only_application(cls, by: Person | None = None) -> Application | None:
        """The application nobody has to choose, because it is the only one."""
        matches = list(cls.usable(by)[:2])
        return matches[0] if len(matches) == 1 else None

    @classmethod
    def from_params(
        cls,
        params: dict[str, Any],
        *,
        application: Application | None,
        intention: uuid.UUID,
        by: Person | None = None,
    ) -> Self:
        """A form filled with earlier parameters, nested as they were sent; what it cannot hold is named in
        ``unknown_params``."""
        given = {name: value for name, value in params.items() if name not in cls.made_anew()}
        known, unknown = cls.sort_params(given)
        form = cls(application=application, intention=intention, by=by, initial=known)
        form.unknown_params = unknown
        return form

    @classmethod
    def made_anew(cls) -> set[str]:
        """Parameters that belong to one recording or one application and are not taken over to the next."""
        return {cls.app_field}

    def with_rows(self, command: str) -> Self:
        """The same form, nothing asked of it, after ``add:<list>``, ``remove:<list>.<number>`` or
        ``forget:<secret>``; any other command only shows it again."""
        verb, _colon, place = command.partition(":")
        data = self.data.copy()
        lists = dict(self.lists())
        if verb == "add" and place in lists:
            for name, value in _new_row(lists[place], place, data).items():
                data[name] = value
        elif verb == "remove" and place.rpartition(".")[0] in lists:
            for key in [key for key in data if key == place or key.startswith(f"{place}.")]:
                del data[key]
        elif verb == "forget":
            for key in (place, f"{place}.kept"):
                data.pop(key, None)
        return type(self)(
            data, application=self.application, intention=self.intention, by=self.by, is_checked=False
        )

    def lists(self, structure: StructureForm | None = None) -> Iterator[tuple[str, Any]]:
        """Every list of the form by its dotted name."""
        here = structure or self
        for name, field in here.fields.items():
            if isinstance(field, TextList):
                yield here.add_prefix(name), here[name]
        for part in here.parts.values():
            if isinstance(part, RowList):
                yield part.prefix, part
            else:
                yield from self.lists(part)

    # --- Checking --------------------------------------------------------------------------------------------
    def add_prefix(self, field_name: str) -> str:
        # The page's select is named for what people choose.
        return "application" if field_name == self.app_field else super().add_prefix(field_name)

    def strangers(self) -> list[str]:
        """Posted names that no part of this form has."""
        known = {*OTHER_NAMES, self.app_field, *self.names()}
        lists = [there for _name, there in self.lists()]
        return [
            name for name in self.data if name not in known and not any(there.holds(name) for there in lists)
        ]

    def clean(self) -> dict[str, Any]:
        self._check_application()
        self._check_room()
        if self.has_lost_intention:
            self.add_error(
                None,
                _(
                    "The mark that keeps a form from starting two recordings was missing or damaged, so nothing was "
                    "sent. The form has a new one: check it and press Start again."
                ),
            )
        if strangers := self.strangers():
            names = ", ".join(f"“{name[:60]}”" for name in strangers[:MOST_NAMED])
            more = " …" if len(strangers) > MOST_NAMED else ""
            self.add_error(
                None, _("This form has no field named %(names)s. Nothing was sent.") % {"names": names + more}
            )
        return self.cleaned_data

    def _check_application(self) -> None:
        posted = self.data.get(self.app_field)
        if self.application and posted and posted != self.application.app_id:
            self.add_error(self.app_field, _("This application has another id than the one that was posted."))
        if not self.application and self.app_field not in self.errors:
            self.add_error(self.app_field, self.fields[self.app_field].error_messages["required"])

    def _check_room(self) -> None:
        """The cloud records a room once at a time; whether it does so already may even be unknown."""
        room = self.cleaned_data.get("RoomId")
        if not self.application or not self.taken_by or room in (None, ""):
            return
        newest = self.taken_by(self.application, str(room), self.intention)
        if newest is None:
            return
        said = {"number": newest.pk, "status": newest.get_status_display()}
        if newest.status in UNSETTLED:
            message = _(
                "Nobody knows yet whether recording %(number)d of this room runs (%(status)s). A second one may be "
                "refused, or record and bill the room twice. Wait until that one is settled."
            )
        else:
            message = _(
                "This room is being recorded already, by recording %(number)d (%(status)s). The cloud may refuse a "
                "second one, or record and bill the room twice."
            )
        self.warn("RoomId", "room-unknown", message % said)

    @property
    def warnings(self) -> list[Doubt]:
        """What a person has to confirm before it is sent; each code once."""
        return list({doubt.code: doubt for doubt in self.doubts()}.values())

    @property
    def confirmed(self) -> set[str]:
        return set(self.data.getlist("confirm")) if self.is_bound else set()

    @property
    def unconfirmed(self) -> list[Doubt]:
        return [doubt for doubt in self.warnings if doubt.code not in self.confirmed]

    def is_valid(self) -> bool:
        """Whether the form can be sent: no errors anywhere, and every warning confirmed."""
        return super().is_valid() and not self.unconfirmed

    # --- What it says ----------------------------------------------------------------------------------------
    def checked(self, name: str) -> Any:
        if name == self.app_field:
            return int(self.application.app_id) if self.application else None
        return super().checked(name)

    def stream_names(self) -> list[str]:
        """The flattened names of the rows that are drawn in a mixed picture, where there is one."""
        return []

    def shown_params(self) -> dict[str, Any]:
        """The parameters for a person's eyes."""
        return self.params()

    def typed(self, name: str) -> Any:
        return self.checked(name) if name == self.app_field else super().typed(name)

    # --- What the cloud said ---------------------------------------------------------------------------------
    def renew(self) -> None:
        """A new intention: what is sent next is another recording than what was sent before."""
        self.intention = uuid.uuid4()

    def mark(self, refusal: ApiCall) -> None:
        """Show what became of the call at the field it points at, and be ready to try again."""
        self.refusal = refusal
        self.renew()
        meaning = refusal.meaning
        may_help = meaning and meaning.retry_for(refusal.action) is Retry.LATER
        self.refused_stamp = self.stamp() if refusal.outcome == CallOutcome.REFUSED and not may_help else ""
        structure, name = self._locate(meaning.field) if meaning else (None, "")
        if structure is not None:
            self.refusal_anchor = _anchor(structure, name)
            message = _("The cloud refused this: %(meaning)s") % {"meaning": meaning.meaning}
            structure.object_to(name, message)

    def stamp(self) -> str:
        """A mark of what is sent, without what is made up for each try; it tells nothing of what it marks."""
        made_up = {name for name in self.made_anew() - {self.app_field} if not self.raw(name)}
        sent = {name: value for name, value in self.params().items() if name not in made_up}
        return salted_hmac(
            "recorder.refused", json.dumps(sent, sort_keys=True), algorithm="sha256"
        ).hexdigest()

    @property
    def is_as_refused(self) -> bool:
        """Whether this would send again what the cloud has refused."""
        return bool(self.refused_stamp) and self.refused_stamp == self.stamp()

    @property
    def is_unfilled(self) -> bool:
        """Whether this is a fresh form that still misses what nobody but a person can know."""
        return not self.is_bound and self.checked("RoomId") in (None, "")

    def _locate(self, dotted: str) -> tuple[StructureForm | None, str]:
        """The structure, and the name in it, that a name of the request points at: as far inside as this form goes.

        Rows are counted as they were sent, without gaps; a whole row is named "".
        """
        here: Any = self
        found: tuple[StructureForm | None, str] = (None, "")
        for word in dotted.split("."):
            if isinstance(here, RowList):
                here = dict(enumerate(here.rows)).get(int(word)) if word.isdecimal() else None
                found = (here, "") if here else found
            elif word in here.fields:
                return here, word
            elif word in here.parts:
                found, here = (here, word), here.parts[word]
            else:
                here = None
            if here is None:
                break
        return found


def _anchor(structure: StructureForm, name: str) -> str:
    """The id of a field, a part or, with "", the structure itself."""
    there = structure[name] if name else structure
    return getattr(there, "id_for_label", "") or getattr(there, "auto_id", "") or there.anchor


def _posted(data: Any, application: Application | None) -> QueryDict | None:
    """What was posted, as a browser posts it, with the application that was found for it."""
    if data is None:
        return None
    if not isinstance(data, QueryDict):
        given, data = data, QueryDict(mutable=True)
        for name, value in given.items():
            data.setlist(name, value if isinstance(value, list) else [value])
    if application and data.get("application") != str(application.pk):
        data = data.copy()
        data["application"] = str(application.pk)
    return data


def _is_number(text: Any) -> bool:
    return isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= 18


def _new_row(there: Any, place: str, data: QueryDict) -> dict[str, str]:
    """The posted names of one more row, behind the last; a full list gets none."""
    number = max((int(found) for key in data if (found := row_number(key, place))), default=-1) + 1
    if not isinstance(there, RowList):
        return {f"{place}.{number}": ""}
    if there.is_full:
        return {}
    fresh = there.declared.form.fresh_row(there)
    return {f"{place}.{number}.{name}": str(value) for name, value in fresh.items()}
