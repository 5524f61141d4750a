"""Find what identifiers belong to: one alone, the beginning of one, or all that a text holds.

Everything goes through an index, and through ``visible_to``: what is hidden is told as what does not exist.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Subquery

from recorder_app.cloud.error_codes import ErrorCode, explain
from recorder_app.models import ApiCall, Application, Person, Recording
from recorder_app.models.calls import ApiCallQuerySet
from recorder_app.models.recordings import RecordingQuerySet
from recorder_app.services.identifiers import Identifier, Kind, find_identifiers, guess, is_code

# A busy room has been recorded many times: the newest are what one looks for.
MOST = 50
# Of a text, so many recordings and calls for each kind of identifier, should one belong to many.
MOST_IN_TEXT = 1000
# Rooms of a text that are looked up: each costs a search of its own, if one within a single query.
MOST_ROOMS = 100
# No column of identifiers holds more characters; with label and quotes a lone one is not much longer.
LONGEST = 200
# Characters from which on the beginning of an identifier is worth a search.
SHORTEST_BEGINNING = 6
# As it stands in a log or in JSON: "RequestId": "...", TaskId=...
LABEL = re.compile(
    r"""^["']?(?:request[ _-]?id|task[ _-]?id|room[ _-]?id|record[ _-]?user[ _-]?id|user[ _-]?id|sdk[ _-]?app[ _-]?id|
    biz[ _-]?id)["']?\s*[:=]\s*""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Hits:
    """One identifier and what this person may see of what it belongs to."""

    identifier: Identifier
    calls: list[ApiCall] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    code: ErrorCode | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.calls or self.recordings or self.applications or self.code)

    @property
    def rows(self) -> list[ApiCall | Recording]:
        return [*self.calls, *self.recordings]

    @property
    def only(self) -> ApiCall | Recording | None:
        """The single row it belongs to, if there is just one."""
        is_alone = len(self.rows) == 1 and not self.applications and not self.code
        return self.rows[0] if is_alone else None


@dataclass(frozen=True)
class OfRecording:
    """What a text says of one recording: the identifiers that lead to it, and its calls among those found."""

    recording: Recording
    identifiers: list[Identifier] = field(default_factory=list)
    calls: list[ApiCall] = field(default_factory=list)


@dataclass(frozen=True)
class OfError:
    """What a text says of one error: its meaning, and the calls found that ended with it."""

    code: str
    meaning: ErrorCode
    calls: list[ApiCall] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """What a look-up found, in the order of what was looked up.

    ``begins`` says that nothing is called exactly so, but that these begin with it; ``is_cut`` that the text held more
    identifiers than are looked up at once; ``has_more`` that one identifier belongs to more than ``MOST``.
    """

    query: str
    hits: list[Hits] = field(default_factory=list)
    begins: bool = False
    is_cut: bool = False
    has_more: bool = False

    @cached_property
    def known(self) -> list[Hits]:
        return [hit for hit in self.hits if hit.is_known]

    @cached_property
    def unknown(self) -> list[Hits]:
        return [hit for hit in self.hits if not hit.is_known]

    @cached_property
    def calls(self) -> list[ApiCall]:
        """Every call found, once."""
        return _once(call for hit in self.hits for call in hit.calls)

    @cached_property
    def recordings(self) -> list[Recording]:
        """Every recording found, once, without those that only a call leads to."""
        return _once(recording for hit in self.hits for recording in hit.recordings)

    @property
    def only(self) -> ApiCall | Recording | None:
        """Where one lands at once: the single row of the single identifier."""
        return self.hits[0].only if len(self.hits) == 1 and not self.is_cut else None

    @cached_property
    def by_recording(self) -> list[OfRecording]:
        """The recordings that the identifiers lead to, directly or through a call."""
        groups: dict[int, OfRecording] = {}
        for hit in self.hits:
            for row in hit.rows:
                recording = row if isinstance(row, Recording) else row.recording
                if recording is None:
                    continue
                group = groups.setdefault(recording.pk, OfRecording(recording))
                group.identifiers.append(hit.identifier)
                if isinstance(row, ApiCall):
                    group.calls.append(row)
        return list(groups.values())

    @cached_property
    def calls_alone(self) -> list[ApiCall]:
        """The calls that belong to no recording."""
        return [call for call in self.calls if call.recording_id is None]

    @cached_property
    def by_error(self) -> list[OfError]:
        """The errors that the text names, or that its calls ended with."""
        groups: dict[str, OfError] = {}
        for hit in self.hits:
            if hit.code:
                groups.setdefault(hit.identifier.text, OfError(hit.identifier.text, hit.code))
            for call in hit.calls:
                if call.error_code and call.meaning:
                    group = groups.setdefault(call.error_code, OfError(call.error_code, call.meaning))
                    group.calls.append(call)
        return list(groups.values())


def find(text: str, *, person: Person) -> Found:
    """What this person may see of what a text names: a lone identifier, the beginning of one, or many in any text.

    Blanks, quotes and a label around a lone identifier, as they come with copying, do not matter, nor do capital
    letters in it. At most 50 rows of one identifier, newest first; of a text at most 500 identifiers, in a constant
    number of queries.
    """
    query = text.replace("\x00", "").strip()
    if not query:
        return Found("")
    is_word = len(query) <= LONGEST and len(query.split()) == 1
    found = find_one(query, person=person) if is_word else None
    if found and found.known:
        return found
    identifiers, is_cut = find_identifiers(query)
    if identifiers and [one.text for one in identifiers] != [_bare(query)]:
        hits = _Search(person).all(identifiers)
        told = [hit for hit in hits if hit.is_known or hit.identifier.is_sure]
        if told:
            return Found(query, told, is_cut=is_cut)
    if len(query) > LONGEST or "\n" in query:
        return Found(query)
    found = found or find_one(query, person=person)
    return found if found.known else _beginning(found, person)


def _bare(query: str) -> str:
    return LABEL.sub("", query).strip(" \t\"'`,;")


def find_one(query: str, *, person: Person) -> Found:
    """What exactly this identifier belongs to. A shape that tells its kind is asked for first, and alone if found."""
    bare = _bare(query)
    # A room may really be called "a;", so what was typed counts as well as what is left of it.
    texts = [text for text in dict.fromkeys((query, bare)) if text]
    folded = list(dict.fromkeys([*texts, bare.lower()]))
    kind = guess(bare) or guess(bare.lower())
    search = _Search(person)
    columns = [
        (Kind.REQUEST, lambda: (search.newest(search.calls, request_id__in=folded), [])),
        (Kind.TASK, lambda: ([], search.newest(search.recordings, task_id__in=folded))),
        (Kind.RECORD_USER, lambda: ([], search.newest(search.recordings, record_user_id__in=texts))),
        (Kind.ROOM, lambda: ([], search.newest(search.recordings, room_id__in=texts))),
    ]
    calls: list[ApiCall] = []
    recordings: list[Recording] = []
    for column, ask in sorted(columns, key=lambda one: one[0] is not kind):
        more_calls, more_recordings = ask()
        calls += more_calls
        recordings += more_recordings
        if column is kind and (calls or recordings):
            break
    has_more = len(calls) > MOST or len(recordings) > MOST
    hits = Hits(
        Identifier(bare or query, Kind.REQUEST if calls else kind or Kind.ROOM),
        calls[:MOST],
        _once(recordings)[:MOST],
        search.applications(texts) if _may_be_application(bare) else [],
        _meaning(bare),
    )
    return Found(query, [hits], has_more=has_more)


def _beginning(found: Found, person: Person) -> Found:
    """What begins with an identifier that nothing is called exactly by."""
    text = found.hits[0].identifier.text
    if len(text) < SHORTEST_BEGINNING or " " in text:
        return found
    search = _Search(person)
    calls = search.beginning(search.calls, "request_id", text)
    recordings = [
        recording
        for column in ("task_id", "record_user_id", "room_id")
        for recording in search.beginning(search.recordings, column, text)
    ]
    hits = Hits(found.hits[0].identifier, calls[:MOST], _newest(_once(recordings))[:MOST])
    has_more = len(calls) > MOST or len(recordings) > MOST
    return Found(found.query, [hits], begins=hits.is_known, has_more=has_more)


class _Search:
    """The questions to the database, each limited to what one person may see."""

    def __init__(self, person: Person) -> None:
        self.person = person
        # With the message, which may say more than the code does of what went wrong.
        self.calls: ApiCallQuerySet = ApiCall.objects.visible_to(person).for_list(with_message=True)
        self.recordings: RecordingQuerySet = Recording.objects.visible_to(person).for_list()

    def newest(self, rows, **exactly: list[str]) -> list:
        """One more than is shown, so that it can be said that there are more."""
        return list(rows.filter(**exactly).newest_first()[: MOST + 1])

    def beginning(self, rows, column: str, text: str) -> list:
        # Unordered: the newest of very many would have to be sorted out from among all of them.
        return _newest(rows.starting_with(column, text)[: MOST + 1])

    def applications(self, texts: Iterable[str]) -> list[Application]:
        visible = Application.objects.visible_to(self.person).filter(app_id__in=list(texts))
        return list(visible.only("name", "app_id", "product"))

    def all(self, identifiers: list[Identifier]) -> list[Hits]:
        """What each identifier of a text belongs to: one query for each kind of identifier that occurs."""
        texts: dict[Kind, list[str]] = {}
        for identifier in identifiers:
            texts.setdefault(identifier.kind, []).append(identifier.text)
        calls = self._by_column(self.calls, "request_id", _folded(texts.get(Kind.REQUEST, [])))
        tasks = self._by_column(self.recordings, "task_id", _folded(texts.get(Kind.TASK, [])))
        users = [*texts.get(Kind.RECORD_USER, []), *texts.get(Kind.USER, [])]
        users = self._by_column(self.recordings, "record_user_id", users)
        rooms = self._in_rooms(texts.get(Kind.ROOM, []))
        applications: dict[str, list[Application]] = {}
        if Kind.APPLICATION in texts:
            for application in self.applications(texts[Kind.APPLICATION]):
                applications.setdefault(application.app_id, []).append(application)
        recordings = {Kind.TASK: tasks, Kind.RECORD_USER: users, Kind.USER: users, Kind.ROOM: rooms}
        return [
            Hits(
                one,
                _of(calls, one.text) if one.kind is Kind.REQUEST else [],
                _of(recordings.get(one.kind, {}), one.text),
                applications.get(one.text, []) if one.kind is Kind.APPLICATION else [],
                _meaning(one.text) if one.kind is Kind.CODE else None,
            )
            for one in identifiers
        ]

    def _by_column(self, rows, column: str, texts: list[str]) -> dict[str, list]:
        found: dict[str, list] = {}
        if texts:
            for row in _newest(rows.filter(**{f"{column}__in": texts})[:MOST_IN_TEXT]):
                found.setdefault(getattr(row, column), []).append(row)
        return found

    def _in_rooms(self, rooms: list[str]) -> dict[str, list[Recording]]:
        """The newest recording of each room: a room of years has too many to fetch them all."""
        visible = Recording.objects.visible_to(self.person)
        newest = [
            Subquery(visible.filter(room_id=room).newest_first().values("pk")[:1])
            for room in rooms[:MOST_ROOMS]
        ]
        if not newest:
            return {}
        return {recording.room_id: [recording] for recording in self.recordings.filter(pk__in=newest)}


def _of[Row: (ApiCall, Recording)](found: dict[str, list[Row]], text: str) -> list[Row]:
    return found.get(text) or found.get(text.lower(), [])


def _folded(texts: list[str]) -> list[str]:
    return list(dict.fromkeys([*texts, *(text.lower() for text in texts)]))


def _once[Row: (ApiCall, Recording)](rows: Iterable[Row]) -> list[Row]:
    return list({row.pk: row for row in rows}.values())


def _newest[Row: (ApiCall, Recording)](rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row.created_at, row.pk), reverse=True)


def _may_be_application(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 5 <= len(text) <= 20


def _meaning(text: str) -> ErrorCode | None:
    return explain(text) if is_code(text) else None
