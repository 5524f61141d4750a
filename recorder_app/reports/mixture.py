"""The mixed picture of a class recording, drawn as SVG.

Plain data in, one safe string out. The page's content security policy allows no inline style, so looks come from
classes and presentation attributes; overflow and overlap are told by a pattern and a word, not by colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

# No canvas is larger (page "Data Types", LayoutParams); what is drawn beyond it would only shrink the rest.
MOST = 3000
WHITEBOARD, SCREEN = "tic_record_user", "tic_substream"


@dataclass(frozen=True)
class Box:
    """One stream's place: pixels from the canvas's top left corner; ``name`` is the row it edits, "" for none."""

    label: str
    x: int
    y: int
    width: int
    height: int
    layer: int = 0
    number: str = ""
    name: str = ""
    kind: str = "user"

    def overlaps(self, other: "Box") -> bool:
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height

    def is_outside(self, width: int, height: int) -> bool:
        return self.x < 0 or self.y < 0 or self.x + self.width > width or self.y + self.height > height


@dataclass(frozen=True)
class Picture:
    """What is drawn: a canvas, its boxes, and a word about how exact it is."""

    width: int
    height: int
    boxes: list[Box]
    title: str
    note: str = ""
    background: str = "#000000"
    is_mixed_by_hand: bool = False


def draw(mix: dict[str, Any] | None, *, names: Sequence[str] = ()) -> SafeString:
    """Draw a ``MixStream`` structure, nested as the API nests it and as complete as somebody has typed it.

    ``names`` are the flattened names of the rows of ``Custom.InputStreamList``, so that a box can be dragged to edit
    them. Numbers out of range are drawn at the edge; boxes without a readable size are left out and counted. An empty
    string when there is nothing to draw. Never raises on plain data. Geometry: page "Mixed recording" (TIW), layouts
    1 and 2; of layout 1 only the sizes are documented, so it is drawn as a scheme and says so.
    """
    picture = _picture(mix or {}, names)
    return _svg(picture) if picture else SafeString("")


# --- What is to be seen ----------------------------------------------------------------------------------
def _picture(mix: dict[str, Any], names: Sequence[str]) -> Picture | None:
    custom = mix.get("Custom")
    if isinstance(custom, dict):
        return _custom(custom, names)
    teacher = str(mix.get("TeacherId") or "")
    if mix.get("ModelId") == 1:
        return _layout_1(teacher)
    if mix.get("ModelId") == 2:
        return _layout_2(teacher)
    return None


def _small_pictures(teacher: str) -> list[str]:
    first = _("Teacher: %(name)s") % {"name": teacher} if teacher else _("User 1")
    return [first, *(_("User %(number)d") % {"number": number} for number in (2, 3, 4))]


def _layout_1(teacher: str) -> Picture:
    users = [
        Box(label, 8 + 328 * number, 8, 320, 240, 1) for number, label in enumerate(_small_pictures(teacher))
    ]
    return Picture(
        1320,
        1224,
        [*users, Box(_("Whiteboard or screen"), 20, 256, 1280, 960, 1, kind="board")],
        _("Built-in layout 1: four small pictures in a row and the whiteboard"),
        _("Schematic: the documents give the sizes of this layout, but not where each picture stands."),
        "#34363B",
    )


def _layout_2(teacher: str) -> Picture:
    users = [
        Box(label, 1296, 8 + 248 * number, 320, 240, 3)
        for number, label in enumerate(_small_pictures(teacher))
    ]
    board = Box(_("Whiteboard; the shared screen covers it"), 8, 8, 1280, 960, 1, kind="board")
    return Picture(
        1624,
        1000,
        [board, *users],
        _("Built-in layout 2: the whiteboard left, four small pictures right"),
        background="#34363B",
    )


def _custom(custom: dict[str, Any], names: Sequence[str]) -> Picture:
    canvas = _dict(custom.get("Canvas"))
    size = _dict(canvas.get("LayoutParams"))
    rows = custom.get("InputStreamList")
    rows = rows if isinstance(rows, list) else []
    boxes = [box for number, row in enumerate(rows) if (box := _box(_dict(row), number, names))]
    width = _number(size.get("Width")) or max((box.x + box.width for box in boxes), default=0)
    height = _number(size.get("Height")) or max((box.y + box.height for box in boxes), default=0)
    missing = len(rows) - len(boxes)
    return Picture(
        max(min(width, MOST), 2),
        max(min(height, MOST), 2),
        sorted(boxes, key=lambda box: box.layer),
        _("Your own layout, %(width)d × %(height)d px") % {"width": width, "height": height},
        _("%(count)d not drawn: its width or height is missing.") % {"count": missing} if missing else "",
        _colour(canvas.get("BackgroundColor")),
        is_mixed_by_hand=True,
    )


def _box(row: dict[str, Any], number: int, names: Sequence[str]) -> Box | None:
    place = _dict(row.get("LayoutParams"))
    width, height = _number(place.get("Width")), _number(place.get("Height"))
    if not width or not height:
        return None
    stream = str(row.get("InputStreamId") or "")
    label, kind = _stream(stream)
    return Box(
        label,
        _number(place.get("X")),
        _number(place.get("Y")),
        width,
        height,
        _layer(place.get("ZOrder")),
        str(number + 1),
        names[number] if number < len(names) else "",
        kind,
    )


def _stream(stream: str) -> tuple[str, str]:
    if not stream:
        return _("Free place"), "free"
    if stream.startswith(WHITEBOARD):
        return _("Whiteboard"), "board"
    if stream.startswith(SCREEN):
        return _("Shared screen"), "screen"
    return stream[:40], "user"


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int:
    """A length or offset in pixels, never beyond what could be drawn; 0 for what is no number."""
    return max(0, min(value, 2 * MOST)) if isinstance(value, int) and not isinstance(value, bool) else 0


def _layer(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _colour(value: Any) -> str:
    sound = isinstance(value, str) and len(value) == 7 and value[0] == "#"
    return value if sound and all(letter in "0123456789abcdefABCDEF" for letter in value[1:]) else "#000000"


# --- How it is drawn -------------------------------------------------------------------------------------
def _svg(picture: Picture) -> SafeString:
    covered = _covered(picture.boxes) if picture.is_mixed_by_hand else {}
    outside = [box for box in picture.boxes if box.is_outside(picture.width, picture.height)]
    # Some room around the canvas, so that what sticks out is seen to stick out.
    edge = max(picture.width, picture.height) // 20 if outside else 0
    size = max(picture.width, picture.height) / 28
    return format_html(
        '<figure class="mix"><svg class="mix-picture" viewBox="{} {} {} {}" role="group" aria-label="{}" '
        'data-mix="" data-width="{}" data-height="{}"><title>{}</title>{}'
        '<rect class="mix-canvas" width="{}" height="{}" fill="{}"/>{}</svg>'
        "<figcaption>{}{}</figcaption></figure>",
        -edge,
        -edge,
        picture.width + 2 * edge,
        picture.height + 2 * edge,
        picture.title,
        picture.width,
        picture.height,
        picture.title,
        _patterns(max(round(size), 1)),
        picture.width,
        picture.height,
        picture.background,
        format_html_join(
            "", "{}", ((_drawn(box, covered.get(box, []), box in outside, size),) for box in picture.boxes)
        ),
        picture.title,
        _notes(picture, covered, outside),
    )


def _covered(boxes: list[Box]) -> dict[Box, list[Box]]:
    """Of each box, the others it shares pixels with."""
    found: dict[Box, list[Box]] = {}
    for one, other in combinations(boxes, 2):
        if one.overlaps(other):
            found.setdefault(one, []).append(other)
            found.setdefault(other, []).append(one)
    return found


def _patterns(size: int) -> SafeString:
    """Stripes for what overlaps, dots for what sticks out."""
    return format_html(
        '<defs><pattern id="mix-overlap" width="{0}" height="{0}" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="mix-stripe" width="{1}" height="{0}"/></pattern>'
        '<pattern id="mix-outside" width="{0}" height="{0}" patternUnits="userSpaceOnUse">'
        '<circle class="mix-dot" cx="{1}" cy="{1}" r="{2}"/></pattern></defs>',
        size,
        max(size // 3, 1),
        max(size // 5, 1),
    )


def _drawn(box: Box, covering: list[Box], is_outside: bool, size: float) -> SafeString:
    words = [box.label, f"{box.width} × {box.height}"]
    if is_outside:
        words.append(_("outside"))
    if covering:
        words.append(_("overlaps %(others)s") % {"others": ", ".join(other.number for other in covering[:4])})
    number = f"{box.number} · " if box.number else ""
    spoken = _("%(name)s, %(width)d × %(height)d px at %(x)d, %(y)d, layer %(layer)d") % {
        "name": number + box.label,
        "width": box.width,
        "height": box.height,
        "x": box.x,
        "y": box.y,
        "layer": box.layer,
    }
    handle = _handle(box, size) if box.name else SafeString("")
    return format_html(
        '<g class="mix-box mix-{}{}"{} aria-label="{}"><title>{}</title>'
        '<rect class="mix-body" x="{}" y="{}" width="{}" height="{}"/>{}{}{}</g>',
        box.kind,
        " is-outside" if is_outside else "",
        format_html(
            ' id="mix-{0}" data-row="{1}" tabindex="0" role="application" aria-roledescription="{2}" '
            'data-x="{3}" data-y="{4}" data-w="{5}" data-h="{6}"',
            box.number, box.name, _("movable stream"), box.x, box.y, box.width, box.height,
        ) if box.name else SafeString(' role="img"'),
        ", ".join([spoken, *words[2:]]),
        spoken,
        box.x,
        box.y,
        box.width,
        box.height,
        _marks(box, bool(covering), is_outside),
        _words(box, [number + words[0], *words[1:]], size),
        handle,
    )  # fmt: skip


def _marks(box: Box, is_covered: bool, is_outside: bool) -> SafeString:
    patterns = [name for name, holds in (("overlap", is_covered), ("outside", is_outside)) if holds]
    return format_html_join(
        "",
        '<rect class="mix-mark" x="{}" y="{}" width="{}" height="{}" fill="url(#mix-{})"/>',
        ((box.x, box.y, box.width, box.height, name) for name in patterns),
    )


def _words(box: Box, words: list[str], size: float) -> SafeString:
    """As many lines as fit, each cut to the box's width (a letter is a little over half its size wide)."""
    size = max(size * 0.6, min(size, box.width / 12))
    letters, lines = int((box.width - size / 2) / (size * 0.56)), int((box.height - size / 3) / (size * 1.2))
    if letters < 2:
        return SafeString("")
    return format_html_join(
        "",
        '<text class="mix-word" x="{}" y="{}" font-size="{}">{}</text>',
        (
            (
                box.x + round(size / 3),
                box.y + round(size * (1.1 + 1.2 * line)),
                round(size),
                _cut(word, letters),
            )
            for line, word in enumerate(words[: max(lines, 0)])
        ),
    )


def _cut(word: str, letters: int) -> str:
    return word if len(word) <= letters else f"{word[: letters - 1]}…"


def _handle(box: Box, size: float) -> SafeString:
    """The corner by which a box is resized."""
    side = round(min(0.7 * size, box.width / 2, box.height / 2), 1)
    return format_html(
        '<rect class="mix-handle" data-handle="" x="{}" y="{}" width="{}" height="{}"/>',
        box.x + box.width - side,
        box.y + box.height - side,
        side,
        side,
    )


def _notes(picture: Picture, covered: dict[Box, list[Box]], outside: list[Box]) -> SafeString:
    notes = [picture.note] if picture.note else []
    if outside:
        names = ", ".join(box.number for box in outside)
        notes.append(_("Dotted: outside the canvas (stream %(names)s).") % {"names": names})
    if covered:
        names = ", ".join(sorted((box.number for box in covered), key=int))
        notes.append(_("Striped: overlapping (stream %(names)s).") % {"names": names})
    return format_html_join("", '<span class="mix-note">{}</span>', ((note,) for note in notes))
