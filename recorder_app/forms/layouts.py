"""The structures of a mixed picture. Source: pages StartOnlineRecord, "Data Types" and "Mixed recording" (TIW)."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from recorder_app.forms.fields import MOST_INT64, PLAIN_INPUT, Choice, Colour, Text, Ticked, Whole
from recorder_app.forms.structures import Part, RowList, Rows, StructureForm

MOST_NAMED = 6


class Rect(NamedTuple):
    """A place on the canvas, in pixels from its top left corner."""

    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: "Rect") -> bool:
        """Whether the two share at least one pixel; touching edges share none."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


def prefixes(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of names of which the first begins the second: the recorder matches streams by the beginning."""
    for one, other in combinations(sorted(filter(None, names)), 2):
        if other.startswith(one):
            yield one, other


def pairs_in_words(pairs: Iterable[tuple[Any, Any]]) -> str:
    """The first few pairs, for a message."""
    listed = list(pairs)
    words = ", ".join(f"{one} + {other}" for one, other in listed[:MOST_NAMED])
    return f"{words}, …" if len(listed) > MOST_NAMED else words


class LayoutParams(StructureForm):
    """A size and, for a stream, its place. Source: ranges of "Data Types", LayoutParams."""

    Width = Whole(label=_("Width"), required=True, low=2, high=3000)
    Height = Whole(label=_("Height"), required=True, low=2, high=3000)
    X = Whole(label=_("Left"), low=0, high=3000)
    Y = Whole(label=_("Top"), low=0, high=3000)
    ZOrder = Whole(label=_("Layer"), low=-MOST_INT64, high=MOST_INT64)

    def rect(self) -> Rect | None:
        """The place, None while it cannot be read."""
        width, height = self.checked("Width"), self.checked("Height")
        if width is None or height is None:
            return None
        return Rect(self.checked("X") or 0, self.checked("Y") or 0, width, height)


class Canvas(StructureForm):
    BackgroundColor = Colour(label=_("Background"), placeholder="#000000")
    LayoutParams = Part(LayoutParams, "")


class StreamLayout(StructureForm):
    InputStreamId = Text(
        label=_("Stream"), widget=forms.TextInput(attrs={**PLAIN_INPUT, "list": "stream-names"})
    )
    FillMode = Choice(
        label=_("Fitting"),
        coerce=int,
        choices=[
            ("", _("Leave it to the service")),
            (0, _("Show all of it, with bars")),
            (1, _("Fill, cut the rest")),
        ],
    )
    BackgroundColor = Colour(label=_("Background"), placeholder="#000000")
    LayoutParams = Part(LayoutParams, "")

    @property
    def words(self) -> str:
        """How messages name this row."""
        name = str(self.typed("InputStreamId") or "")[:40]
        return f"{self.title} ({name})" if name else str(self.title)

    @classmethod
    def fresh_row(cls, rows: RowList) -> dict[str, Any]:
        """A small picture where there is room for one, otherwise in the corner."""
        taken = [rect for row in rows if (rect := row["LayoutParams"].rect())]
        canvas = rows.outer["Canvas"]["LayoutParams"].rect()
        spot = _free_spot(canvas, taken) if canvas else Rect(0, 0, 320, 240)
        return {
            "InputStreamId": "",
            "LayoutParams.Width": spot.width,
            "LayoutParams.Height": spot.height,
            "LayoutParams.X": spot.x,
            "LayoutParams.Y": spot.y,
            "LayoutParams.ZOrder": max(
                (row["LayoutParams"].checked("ZOrder") or 0 for row in rows), default=0
            )
            + 1,
        }


def _free_spot(canvas: Rect, taken: list[Rect]) -> Rect:
    width, height = min(320, canvas.width), min(240, canvas.height)
    # Beside and below what is there: the corners where people put the next picture.
    lefts = sorted(
        {0, *(rect.x for rect in taken), *(rect.x + rect.width + 8 for rect in taken)}, reverse=True
    )
    tops = sorted({0, *(rect.y for rect in taken), *(rect.y + rect.height + 8 for rect in taken)})
    for left in lefts:
        for top in tops:
            spot = Rect(left, top, width, height)
            fits = left + width <= canvas.width and top + height <= canvas.height
            if fits and not any(spot.overlaps(rect) for rect in taken):
                return spot
    return Rect(0, 0, width, height)


def _place(stream: str, x: int, y: int, width: int, height: int, layer: int) -> dict[str, Any]:
    place = {"Width": width, "Height": height, "X": x, "Y": y, "ZOrder": layer}
    return {"InputStreamId": stream, "LayoutParams": place} if stream else {"LayoutParams": place}


# Built-in layout 2 as the documents print it, without the screen that covers the whiteboard: a layout to begin with.
FIRST_LAYOUT = (
    _place("tic_record_user", 8, 8, 1280, 960, 1),
    *(_place("", 1296, 8 + 248 * number, 320, 240, 3) for number in range(4)),
)
FIRST_CANVAS = {"BackgroundColor": "#34363B", "LayoutParams": {"Width": 1624, "Height": 1000}}


class CustomLayout(StructureForm):
    Canvas = Part(Canvas, _("Canvas"), starts_with=FIRST_CANVAS)
    InputStreamList = Rows(StreamLayout, _("Streams"), _("Stream"), starts_with=FIRST_LAYOUT)

    def clean(self) -> dict[str, Any]:
        rows = self["InputStreamList"]
        if not len(rows):
            self.object_to("InputStreamList", _("Add at least one stream; with none, nothing is mixed."))
        canvas = self["Canvas"]["LayoutParams"].rect()
        placed = [(row, rect) for row in rows if (rect := row["LayoutParams"].rect())]
        for row, rect in placed:
            if canvas:
                _keep_inside(row, rect, canvas)
        overlapping = [
            (one.words, other.words) for (one, a), (other, b) in combinations(placed, 2) if a.overlaps(b)
        ]
        if overlapping:
            self.warn(
                "InputStreamList",
                "overlapping-streams",
                _("These streams overlap, so the upper one hides a part of the other: %(pairs)s.")
                % {"pairs": pairs_in_words(overlapping)},
            )
        alike = list(prefixes(row.checked("InputStreamId") or "" for row in rows))
        if alike:
            self.warn(
                "InputStreamList",
                "stream-name-begins-another",
                _(
                    "Streams are matched by the beginning of their name, so these compete for one place: %(pairs)s. "
                    "Any of them may appear in it."
                )
                % {"pairs": pairs_in_words(alike)},
            )
        return self.cleaned_data


def _keep_inside(row: StreamLayout, rect: Rect, canvas: Rect) -> None:
    place = row["LayoutParams"]
    for offset, size, name, start, length, limit in (
        ("X", "Width", _("wide"), rect.x, rect.width, canvas.width),
        ("Y", "Height", _("high"), rect.y, rect.height, canvas.height),
    ):
        if start + length <= limit:
            continue
        # The offset can only mend what fits the canvas at all.
        field, most = (offset, limit - length) if length <= limit else (size, limit - min(start, limit))
        place.object_to(
            field,
            _(
                "%(row)s reaches %(end)d px, but the canvas is %(limit)d px %(name)s. Here, at most %(most)d fits."
            )
            % {"row": row.words, "end": start + length, "limit": limit, "name": name, "most": max(most, 0)},
        )


class MixStream(StructureForm):
    """Source: page StartOnlineRecord and "Data Types", MixStream."""

    Enabled = Ticked(
        label=_("Record a mixed picture, too"),
        is_switch=True,
        help_text=_(
            "Whiteboard and cameras in one video, beside the single ones. The cloud opens this on request."
        ),
    )
    DisableAudio = Ticked(label=_("Leave the sound out of the mix"))
    ModelId = Choice(
        label=_("Layout"),
        coerce=int,
        choices=[
            ("", _("Choose a layout")),
            (1, _("1 · a row of four small pictures and the whiteboard")),
            (2, _("2 · whiteboard left, four small pictures right")),
        ],
        # The one whose geometry is published, so that the picture beside the form is true.
        initial=2,
    )
    TeacherId = Text(
        label=_("Teacher"),
        help_text=_(
            "The user shown in the first small picture of a built-in layout. Empty is whoever comes first."
        ),
    )
    Custom = Part(CustomLayout, _("A layout of your own"), is_optional=True)

    def sent_fields(self) -> list[str]:
        # The cloud ignores both beside a layout of one's own.
        unused = ("ModelId", "TeacherId") if self["Custom"].is_on else ()
        return [name for name in self.fields if name not in unused]

    def clean(self) -> dict[str, Any]:
        if (
            not self["Custom"].is_on
            and self.cleaned_data.get("ModelId") is None
            and "ModelId" not in self.errors
        ):
            self.add_error("ModelId", _("Choose a built-in layout, or switch on a layout of your own."))
        return self.cleaned_data
