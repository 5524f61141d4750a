"""The kinds of fields the API's structures are made of.

Each tells people what it wants in its own words, refuses control characters, and has a limit, so that no value can
be too much for a page, a table or a call.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from recorder_app.crypto import cipher

MOST_INT64 = 2**63 - 1
# Far more than 64 bits have; longer ones are not read at all.
MOST_DIGITS = 20
# Full-width digits and signs, as East Asian keyboards write them.
PLAIN_DIGITS = str.maketrans("０１２３４５６７８９＋－", "0123456789+-")
# Zero-width characters and marks of direction, which come along when a number is copied from a chat or a table.
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
# Nothing is documented about the length of most texts; this is far above any name in use.
MOST_TEXT = 256
PLAIN_INPUT = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
# What browsers and programs write for a box or switch; a box that is not ticked is not posted at all.
WORDS_FOR_YES = ("on", "true", "1", "yes")
WORDS_FOR_NO = ("", "off", "false", "0", "no")
NEITHER_YES_NOR_NO = _("This is neither yes nor no. Tick it or leave it empty.")


def _plain(placeholder: str) -> dict[str, str]:
    """What every input carries; the placeholder shows a default that is used when nothing is typed."""
    return {**PLAIN_INPUT, "placeholder": placeholder} if placeholder else PLAIN_INPUT


def is_ticked(posted: Any) -> bool:
    """Whether the posted value of a box or switch says yes."""
    return str(posted or "").strip().lower() not in WORDS_FOR_NO


def has_control_characters(text: str) -> bool:
    """Whether a text holds characters that neither show nor belong into a name: Unicode Cc, lone surrogates, and the
    mark that stands where the bytes that came were no text."""
    return any(category(character) in ("Cc", "Cs") or character == "\ufffd" for character in text)


def without_invisible(text: str) -> str:
    """A text without blanks and invisible characters around it; inside it they may be meant."""
    return text.strip(f" \t\r\n\u00a0\u3000{INVISIBLE}")


class Text(forms.CharField):
    """One line of text, at most ``most`` characters and, where the API counts them, ``most_bytes`` bytes."""

    default_error_messages = {
        "required": _("This is needed before anything can be sent."),
        "control": _("This holds a control character, such as a tab or a line break. Type it again without."),
        "too_long": _("This is %(length)d characters long; at most %(most)d fit."),
        "too_many_bytes": _(
            "This is %(length)d bytes long; at most %(most)d fit. Some characters take several bytes."
        ),
    }

    def __init__(self, *, most: int = MOST_TEXT, most_bytes: int | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.TextInput(attrs=_plain(kwargs.pop("placeholder", ""))))
        self.most, self.most_bytes = most, most_bytes
        self.unit = kwargs.pop("unit", "")
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return without_invisible(text) if self.strip else text

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.most:
            raise self._error("too_long", length=len(value), most=self.most)
        if self.most_bytes and (length := len(value.encode(errors="replace"))) > self.most_bytes:
            raise self._error("too_many_bytes", length=length, most=self.most_bytes)
        if has_control_characters(value):
            raise self._error("control")

    def bound_data(self, data: Any, initial: Any) -> Any:
        # What was typed comes back to the page, but nobody needs megabytes of it.
        return data[: 2 * self.most] if isinstance(data, str) else data

    def _error(self, code: str, **params: Any) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)


class Colour(Text):
    default_error_messages = {"colour": _("Write a colour as # and six hexadecimal digits, such as #34363B.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=MOST_TEXT, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
            raise self._error("colour")


class Address(Text):
    """An address on the web. A host without a dot is fine: the documents' own example has one."""

    default_error_messages = {
        "address": _("Write a whole web address that begins with http:// or https:// and holds no blanks.")
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=2048, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        try:
            parts = urlsplit(value)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in value
        except ValueError:
            sound = False
        if value and not sound:
            raise self._error("address")


class JsonText(Text):
    """Text that is handed on as it is; when it looks like JSON it has to be JSON."""

    default_error_messages = {
        "json": _("This looks like JSON and cannot be read as such. Check its quotes, commas and brackets.")
    }

    def validate(self, value: str) -> None:
        super().validate(value)
        if not value.startswith(("{", "[")):
            return
        try:
            json.loads(value, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise self._error("json") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


class Whole(forms.Field):
    """A whole number from ``low`` to ``high``, both included, written in plain digits."""

    widget = forms.TextInput
    default_error_messages = {
        "required": _("This is needed before anything can be sent."),
        "whole": _("Write a whole number in plain digits."),
        "range": _("Write a whole number from %(low)s to %(high)s."),
        "least": _("Write a whole number, %(low)s or more."),
        "most": _("This number is too large."),
    }

    def __init__(self, *, low: int = 0, high: int = MOST_INT64, unit: Any = "", **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        plain = _plain(kwargs.pop("placeholder", ""))
        # A text input, because a number input throws away what is not a number instead of showing it again.
        kwargs.setdefault("widget", forms.TextInput(attrs=plain | {"inputmode": "numeric"}))
        self.low, self.high, self.unit = low, high, unit
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        text = "" if value is None else without_invisible(str(value)).translate(PLAIN_DIGITS).strip()
        if not text:
            return None
        if not re.fullmatch(r"[+-]?[0-9]+", text):
            raise ValidationError(self.error_messages["whole"], code="whole")
        if len(text) > MOST_DIGITS:
            raise self._out_of_range()
        return int(text)

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is not None and not self.low <= value <= self.high:
            raise self._out_of_range()

    def _out_of_range(self) -> ValidationError:
        # Nobody types a bound of nineteen digits: there, only the other one is worth a word.
        code = "range" if self.high < MOST_INT64 else "least" if self.low > -MOST_INT64 else "most"
        return ValidationError(
            self.error_messages[code], code=code, params={"low": self.low, "high": self.high}
        )

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data[:MOST_TEXT] if isinstance(data, str) else data


def is_yes_or_no(posted: Any) -> bool:
    """Whether the posted value of a box or switch can be understood."""
    return str(posted or "").strip().lower() in (*WORDS_FOR_YES, *WORDS_FOR_NO)


class TickBox(forms.CheckboxInput):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool | str:
        posted = data.get(name)
        return is_ticked(posted) if is_yes_or_no(posted) else posted


class Ticked(forms.BooleanField):
    widget = TickBox
    default_error_messages = {"neither": NEITHER_YES_NOR_NO}

    def __init__(self, *, is_switch: bool = False, **kwargs: Any) -> None:
        self.is_switch = is_switch
        super().__init__(required=False, **kwargs)

    def to_python(self, value: Any) -> bool:
        if not is_yes_or_no(value):
            raise ValidationError(self.error_messages["neither"], code="neither")
        return is_ticked(value)


class Choice(forms.TypedChoiceField):
    """One of the API's fixed values; nothing chosen is nothing sent."""

    default_error_messages = {
        "required": _("Choose one before anything can be sent."),
        "invalid_choice": _("This is not one of the values to choose from."),
    }

    def __init__(self, *, coerce: Callable[[str], Any] = str, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(coerce=coerce, empty_value=None, **kwargs)

    def read(self, value: Any) -> Any:
        """The value as the API wants it, where reading and no checking is asked for."""
        text = self.to_python(value)
        return self._coerce(text) if self.valid_value(text) else None

    def prepare_value(self, value: Any) -> Any:
        """A value as it was sent, as the choice it was."""
        if isinstance(value, bool):
            return "true" if value else "false"
        return value


class TextList(forms.Field):
    """A list of texts, posted as ``Name.0``, ``Name.1`` …, or as ``Name`` with one on each line."""

    default_error_messages = {
        "required": _("Write at least one."),
        "too_many": _("These are %(count)d; at most %(most)d are accepted."),
        "entry": _("Entry %(number)d: %(why)s"),
        "twice": _("“%(text)s” stands here more than once. Remove the repetition."),
    }

    def __init__(self, *, most: int, entry: Text | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", TextListInput())
        self.most, self.entry = most, entry or Text()
        super().__init__(**kwargs)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> "BoundTextList":
        return BoundTextList(form, self, field_name)

    def to_python(self, value: Iterable[Any] | None) -> list[str]:
        return [text for text in (without_invisible(str(entry)) for entry in value or ()) if text]

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > self.most:
            raise ValidationError(
                self.error_messages["too_many"],
                code="too_many",
                params={"count": len(value), "most": self.most},
            )
        for number, text in enumerate(value, 1):
            self._validate_entry(number, text)
            if value.count(text) > 1:
                raise ValidationError(self.error_messages["twice"], code="twice", params={"text": text})

    def _validate_entry(self, number: int, text: str) -> None:
        try:
            self.entry.clean(text)
        except ValidationError as error:
            raise ValidationError(
                self.error_messages["entry"],
                code="entry",
                params={"number": number, "why": " ".join(error.messages)},
            ) from None


class TextListInput(forms.Widget):
    """Reads the rows in the order of their numbers; gaps do not matter."""

    # More than any list may hold and few enough to show again.
    MOST_SHOWN = 200
    # A single value longer than this is no list of names: it stays whole and is refused for its length.
    LONGEST_LIST = 20_000

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        rows = sorted(
            (int(number), key)
            for key in data
            if (number := row_number(key, name)) and key.count(".", len(name) + 1) == 0
        )
        entries: list[str] = []
        for text in [data.get(name) or "", *(data.get(key) or "" for _number, key in rows)]:
            entries += text.splitlines() or [""] if len(text) <= self.LONGEST_LIST else [text]
        return entries

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not self.value_from_datadict(data, files, name)


def row_number(key: str, name: str) -> str:
    """The number in a posted name such as ``Name.3`` or ``Name.3.Width``; "" when it is no row of that list."""
    if not key.startswith(f"{name}."):
        return ""
    number = key[len(name) + 1 :].partition(".")[0]
    return number if re.fullmatch(r"0|[1-9][0-9]{0,5}", number) else ""


class BoundTextList(forms.BoundField):
    """A list with its rows as a page shows them."""

    def holds(self, name: str) -> bool:
        """Whether a posted name is an entry of this list."""
        number = row_number(name, self.html_name)
        return bool(number) and name == f"{self.html_name}.{number}"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Every entry with its posted name, and an empty one to type into where there is none or one was asked for."""
        entries = [text for text in self.value() or () if str(text).strip()][: TextListInput.MOST_SHOWN]
        longest = 2 * self.field.entry.most
        asks_for_more = not entries or (self.form.is_bound and not getattr(self.form, "is_checked", True))
        return [
            {"number": number + 1, "name": f"{self.html_name}.{number}", "text": str(text)[:longest]}
            for number, text in enumerate([*entries, ""] if asks_for_more else entries)
        ]


class Sealed(Text):
    """A secret that a person typed. It comes back to the page only as a sealed hidden value.

    A form that returns with a mistake must not lose what was typed, and a signature must not lie in a page or in the
    database. So the page carries it encrypted with the installation's own key: only the server that gave it out can
    read it, and only for a few hours.
    """

    SECONDS = 4 * 3600
    default_error_messages = {
        "seal": _(
            "What was kept of this secret can no longer be read. Type it again, or let it be forgotten."
        )
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=SealedInput(attrs={**PLAIN_INPUT, "autocomplete": "new-password"}), **kwargs)
        self.widget.most = self.most

    def to_python(self, value: Any) -> str:
        if value is BROKEN_SEAL:
            raise self._error("seal")
        return super().to_python(value)


BROKEN_SEAL = object()
SEALED_FOR_A_PAGE = "page:"


class SealedInput(forms.PasswordInput):
    most = MOST_TEXT

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if typed := (data.get(name) or "").strip():
            return typed
        seal = data.get(f"{name}.kept") or ""
        if not seal:
            return ""
        try:
            text = cipher().decrypt(seal.encode(errors="replace"), ttl=Sealed.SECONDS).decode()
        except InvalidToken:
            return BROKEN_SEAL
        # Only what was sealed for a page: a stored secret that somebody got hold of is not opened here.
        return text.removeprefix(SEALED_FOR_A_PAGE) if text.startswith(SEALED_FOR_A_PAGE) else BROKEN_SEAL

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        if not isinstance(value, str) or not 0 < len(value) <= self.most:
            return super().render(name, "", attrs, renderer)
        seal = cipher().encrypt(f"{SEALED_FOR_A_PAGE}{value}".encode(errors="replace")).decode()
        told = {**(attrs or {}), "placeholder": _("kept, sealed; type to replace it")}
        box = super().render(name, "", told, renderer)
        return format_html('{}<input type="hidden" name="{}.kept" value="{}">', box, name, seal)
