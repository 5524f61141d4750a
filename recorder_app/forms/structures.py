"""Forms that mirror the nested structures of a request.

One class per structure, its fields spelled as the API spells them. A structure inside a structure is declared with
``Part``, a list of structures with ``Rows``; joining the names with dots gives the API's own flattened names
(``MixStream.Custom.InputStreamList.0.LayoutParams.Width``), so a list finds its rows in what was posted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict, ErrorList
from django.utils.translation import gettext_lazy as _

from recorder_app.cloud.masking import MASK
from recorder_app.forms.fields import (
    NEITHER_YES_NOR_NO,
    Sealed,
    TextList,
    is_ticked,
    is_yes_or_no,
    row_number,
)

NOTHING = (None, "", [], {})


@dataclass(frozen=True)
class Part:
    """A structure inside a structure. An optional one has a switch: its own ``Enabled``, or one of its name.

    ``starts_with`` is what a fresh form offers in it.
    """

    form: type["StructureForm"]
    label: Any
    is_optional: bool = False
    starts_with: dict[str, Any] | None = None


@dataclass(frozen=True)
class Rows:
    """A list of structures; ``starts_with`` is what a fresh form offers."""

    form: type["StructureForm"]
    label: Any
    row_label: Any
    most: int = 100
    starts_with: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Doubt:
    """A warning: nothing the reference forbids, but a person has to say that it is meant.

    ``field`` is the API's dotted name; ``code`` is posted as ``confirm`` to say yes; ``message`` is for people.
    """

    field: str
    code: str
    message: Any


@dataclass(frozen=True)
class Problem:
    """An error with the place where it can be mended: the id to jump to and the path in people's words."""

    anchor: str
    label: str
    message: str


class StructureForm(forms.Form):
    """One structure of the API.

    ``data`` is what was posted, whole: every part picks its own names. ``initial`` is nested as the API nests it.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        prefix: str | None = None,
        initial: dict[str, Any] | None = None,
        outer: "StructureForm | None" = None,
        part: Part | None = None,
        title: Any = "",
        is_checked: bool = True,
    ) -> None:
        given = initial is not None
        # What somebody else filled in is taken as it is: the fields they left out do not get our defaults.
        blank = dict.fromkeys(self.base_fields) if given else {}
        super().__init__(data, prefix=prefix, initial={**blank, **(initial or {})}, error_class=ErrorList)
        self.outer, self.part, self.title = outer, part, title
        # A form that is only shown again, e.g. with one more row, asks nobody to mend anything yet.
        self.is_checked = outer.is_checked if outer else is_checked
        self.is_given = given
        self._doubts: list[Doubt] = []
        self.parts: dict[str, StructureForm | RowList] = {
            name: self._make(name, declared) for name, declared in self.declared_parts().items()
        }
        for name, field in self.fields.items():
            field.api_name = name

    @classmethod
    def declared_parts(cls) -> dict[str, Part | Rows]:
        """The nested structures and lists of this structure, by the API's names."""
        found = {}
        for base in reversed(cls.__mro__):
            found |= {name: value for name, value in vars(base).items() if isinstance(value, Part | Rows)}
        return found

    def _make(self, name: str, declared: "Part | Rows") -> "StructureForm | RowList":
        prefix = f"{self.prefix}.{name}" if self.prefix else name
        initial = self.initial.get(name) if self.is_given else declared.starts_with
        if isinstance(declared, Rows):
            return RowList(declared, prefix, outer=self, initial=initial)
        return declared.form(
            self.data if self.is_bound else None,
            prefix=prefix,
            initial=initial,
            outer=self,
            part=declared,
            title=declared.label,
        )

    def add_prefix(self, field_name: str) -> str:
        return f"{self.prefix}.{field_name}" if self.prefix else field_name

    def __getitem__(self, name: str) -> Any:
        return self.parts[name] if name in self.parts else super().__getitem__(name)

    # --- The switch ------------------------------------------------------------------------------------------
    @property
    def switch_name(self) -> str:
        """The posted name of the switch, "" where the structure is always there."""
        if self.part is None or not self.part.is_optional:
            return ""
        return self.add_prefix("Enabled") if "Enabled" in self.fields else self.prefix

    @cached_property
    def is_on(self) -> bool:
        """Whether the structure is sent. Browsers post a named switch always; a program that posts only the
        API's own names has switched on whatever it fills in."""
        if not self.switch_name:
            return True
        if not self.is_bound:
            return self.is_given and ("Enabled" not in self.fields or bool(self.initial.get("Enabled")))
        if self.switch_name in self.data or "Enabled" in self.fields:
            return is_ticked(self.data.get(self.switch_name))
        return any(key.startswith(f"{self.prefix}.") and self.data.get(key) for key in self.data)

    @property
    def counts(self) -> bool:
        """Whether this structure and everything around it is on."""
        return self.is_on and (self.outer is None or self.outer.counts)

    # --- Checking --------------------------------------------------------------------------------------------
    def full_clean(self) -> None:
        """Check the parts first, so that a rule across them finds them ready."""
        self._doubts = []
        if self.is_bound and not (self.is_checked and self.counts):
            self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}
            return
        for part in self.parts.values():
            part.full_clean()
        super().full_clean()
        if (
            self.is_bound
            and "Enabled" not in self.fields
            and not is_yes_or_no(self.data.get(self.switch_name))
        ):
            self.add_error(None, NEITHER_YES_NOR_NO)

    def is_valid(self) -> bool:
        return super().is_valid() and all(part.is_valid() for part in self.parts.values())

    def object_to(self, name: str, message: Any) -> None:
        """Put an error where it can be mended: at a field, a part, a list, or with "" at the structure itself."""
        part = self.parts.get(name)
        if part is None:
            self.add_error(name or None, message)
        elif isinstance(part, RowList):
            part.errors.append(message)
        else:
            part.add_error(None, message)

    def warn(self, name: str, code: str, message: Any) -> None:
        """Ask whether something unusual is meant; ``name`` is a field or part of this structure."""
        self._doubts.append(Doubt(self.add_prefix(name), code, message))

    def doubts(self) -> Iterator[Doubt]:
        """The warnings of this structure and its parts."""
        if self.is_bound:
            _ = self.errors
        yield from self._doubts
        for part in self.parts.values():
            yield from part.doubts()

    def problems(self, path: str = "") -> Iterator[Problem]:
        """The errors of this structure and its parts, in the order of the fields."""
        for name, errors in self.errors.items():
            bound = None if name == "__all__" else self[name]
            anchor = bound.id_for_label or bound.auto_id if bound else self.anchor
            label = f"{path}{bound.label}" if bound else path.rstrip(" ›") or _("The form")
            yield from (Problem(anchor, label, message) for message in errors)
        for part in self.parts.values():
            # A part without a title of its own is no step on the way to its fields.
            yield from part.problems(f"{path}{part.title} › " if part.title else path)

    @property
    def all_problems(self) -> list[Problem]:
        return list(self.problems())

    @property
    def anchor(self) -> str:
        return f"part_{self.prefix}" if self.prefix else "start-form"

    # --- What it says ----------------------------------------------------------------------------------------
    def sent_fields(self) -> list[str]:
        """The fields that are sent when they are filled in."""
        return list(self.fields)

    def checked(self, name: str) -> Any:
        """One field's value as the API wants it; None when it is empty or not valid by itself."""
        try:
            return self.fields[name].clean(self.raw(name))
        except ValidationError:
            return None

    def typed(self, name: str) -> Any:
        """One field's value as far as it can be read, inside its range or not."""
        field = self.fields[name]
        try:
            return getattr(field, "read", field.to_python)(self.raw(name))
        except ValidationError:
            return None

    def raw(self, name: str) -> Any:
        bound = self[name]
        return bound.data if self.is_bound else bound.field.prepare_value(bound.initial)

    def params(self) -> dict[str, Any]:
        """The structure nested exactly as it is sent: without what is off, empty or (for a preview) not valid."""
        found = {name: self.checked(name) for name in self.sent_fields()}
        found |= {name: part.params() for name, part in self.parts.items() if part.is_on}
        return {name: value for name, value in found.items() if value not in NOTHING}

    def draft(self) -> dict[str, Any]:
        """The same as far as it can be read, for a picture of something half typed: ranges are not looked at."""
        found = {name: self.typed(name) for name in self.sent_fields()}
        found |= {name: part.draft() for name, part in self.parts.items() if part.is_on}
        return {name: value for name, value in found.items() if value not in NOTHING}

    @classmethod
    def fresh_row(cls, rows: "RowList") -> dict[str, Any]:
        """What a new row of a list of these holds, by flattened names: at least one, so that it is posted."""
        return dict.fromkeys(cls.base_fields, "")

    # --- Names -----------------------------------------------------------------------------------------------
    def names(self) -> Iterator[str]:
        """Every name this structure may be posted under, except the numbered entries of its text lists."""
        if self.switch_name:
            yield self.switch_name
        for name, field in self.fields.items():
            yield self.add_prefix(name)
            if isinstance(field, Sealed):
                yield f"{self.add_prefix(name)}.kept"
        for part in self.parts.values():
            yield from part.names()

    @classmethod
    def sort_params(cls, params: dict[str, Any], path: str = "") -> tuple[dict[str, Any], list[str]]:
        """Split earlier parameters into what this structure can be filled with and the names it does not know.

        Masked values are left out: nobody can fill them in.
        """
        known: dict[str, Any] = {}
        unknown: list[str] = []
        parts = cls.declared_parts()
        for name, value in params.items():
            place = f"{path}{name}"
            if name in parts:
                fits, inner = _sort_part(parts[name], value, place)
            else:
                fits, inner = _sort_value(cls.base_fields.get(name), value, place)
            unknown += inner
            if fits is not None:
                known[name] = fits
        return known, unknown


def _sort_value(field: forms.Field | None, value: Any, place: str) -> tuple[Any, list[str]]:
    if value == MASK or value is None:
        return None, []
    if isinstance(field, TextList):
        entries = value if isinstance(value, list) else [value]
        return [str(entry) for entry in entries if not isinstance(entry, dict | list)], []
    if field is None or isinstance(value, dict | list):
        return None, [place]
    return value, []


def _sort_part(declared: Part | Rows, value: Any, place: str) -> tuple[Any, list[str]]:
    if isinstance(declared, Part):
        return declared.form.sort_params(value, f"{place}.") if isinstance(value, dict) else (None, [place])
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return None, [place]
    sorted_rows = [declared.form.sort_params(row, f"{place}.{n}.") for n, row in enumerate(value)]
    return [known for known, _unknown in sorted_rows], [
        name for _known, unknown in sorted_rows for name in unknown
    ]


class RowList:
    """The rows of a list of structures, in the order of their numbers, which may have gaps."""

    is_on = True

    def __init__(
        self, declared: Rows, prefix: str, *, outer: StructureForm, initial: Sequence[dict[str, Any]] | None
    ) -> None:
        self.declared, self.prefix, self.outer, self.title = declared, prefix, outer, declared.label
        self.errors: list[Any] = []
        numbers = self._posted_numbers() if outer.is_bound else []
        self.dropped = {str(number) for number in numbers[declared.most :]}
        if outer.is_bound:
            self.rows = [self._row(number, place) for place, number in enumerate(numbers[: declared.most], 1)]
        else:
            values = (initial or ())[: declared.most]
            self.rows = [self._row(number, number + 1, values[number]) for number in range(len(values))]

    def _posted_numbers(self) -> list[int]:
        return sorted({int(number) for key in self.outer.data if (number := row_number(key, self.prefix))})

    def _row(self, number: int, place: int, initial: dict[str, Any] | None = None) -> StructureForm:
        return self.declared.form(
            self.outer.data if self.outer.is_bound else None,
            prefix=f"{self.prefix}.{number}",
            initial=initial,
            outer=self.outer,
            title=f"{self.declared.row_label} {place}",
        )

    def __iter__(self) -> Iterator[StructureForm]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        # A list without rows is still a list with a place in the page.
        return True

    @property
    def anchor(self) -> str:
        return f"part_{self.prefix}"

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= self.declared.most

    def full_clean(self) -> None:
        self.errors = []
        for row in self.rows:
            row.full_clean()
        if self.dropped:
            self.errors.append(
                _("At most %(most)d rows fit here; the rest, %(count)d, was left out.")
                % {"most": self.declared.most, "count": len(self.dropped)}
            )

    def is_valid(self) -> bool:
        return not self.errors and all(row.is_valid() for row in self.rows)

    def doubts(self) -> Iterator[Doubt]:
        for row in self.rows:
            yield from row.doubts()

    def problems(self, path: str) -> Iterator[Problem]:
        yield from (Problem(self.anchor, path.rstrip(" ›"), message) for message in self.errors)
        for row in self.rows:
            # The row alone: a long way in front of it would hide which one is meant.
            yield from row.problems(f"{row.title} › ")

    def params(self) -> list[dict[str, Any]]:
        return [sent for row in self.rows if (sent := row.params())]

    def draft(self) -> list[dict[str, Any]]:
        """One entry per row, empty ones too, so that they can be told apart by their place."""
        return [row.draft() for row in self.rows]

    def names(self) -> Iterator[str]:
        for row in self.rows:
            yield from row.names()

    def holds(self, name: str) -> bool:
        """Whether a posted name belongs to a row that did not fit."""
        return row_number(name, self.prefix) in self.dropped
