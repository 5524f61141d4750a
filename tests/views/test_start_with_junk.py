"""Whatever is posted to the start forms: never a broken page, never a call sent, always a message."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder_app.forms.gme import StartRecord
from recorder_app.forms.tiw import StartOnlineRecord
from recorder_app.models import ApiCall, Recording
from tests import factories
from tests.forms.filled import application, layout

pytestmark = pytest.mark.django_db

# Every structure switched on, so that no field is left unlooked at.
ALL_ON = {
    "tiw": {
        "RoomId": "1203",
        "Whiteboard": "on",
        "Concat.Enabled": "on",
        "RecordControl.Enabled": "on",
        "RecordControl.StreamControls.0.StreamId": "teacher",
        **layout({"name": "tic_record_user"}),
    },
    "gme": {"RoomId": "1987", "RecordMode": "3", "SubscribeRecordUserIds.SubscribeUserIds.0": "1145"},
}
# No field of any kind can take one of these.
NEVER_RIGHT = ["\x07", "bell\x07 in the middle", "x" * 20_000]
FORMS = {"tiw": StartOnlineRecord, "gme": StartRecord}
LISTS = {
    "tiw": ["Extras"],
    "gme": ["SubscribeRecordUserIds.SubscribeUserIds", "SubscribeRecordUserIds.UnSubscribeUserIds"],
}
OTHER = ["application", "intention", "SdkAppId", "BizId", "confirm", "shown"]


def names_of(product: str) -> list[str]:
    """Every name that the form with everything switched on may be posted under."""
    form = FORMS[product](ALL_ON[product], application=application(product=product), intention=uuid.uuid4())
    return [*form.names(), *(f"{name}.3" for name in LISTS[product])]


EVERY_FIELD = [(product, name) for product in FORMS for name in names_of(product)]
MESSAGE = "data-read-first"


@pytest.fixture(autouse=True)
def _only_applications():
    for product in FORMS:
        factories.application(product=product)


def posted(product: str, **junk) -> dict:
    return {
        "intention": str(uuid.uuid4()),
        "SdkAppId" if product == "tiw" else "BizId": app_id(product),
        **ALL_ON[product],
        **junk,
    }


def app_id(product: str) -> str:
    return "1400000001" if product == "tiw" else "3400352518"


def assert_only_a_message(answer) -> None:
    assert answer.status_code == 200
    assert MESSAGE in answer.content.decode()
    assert ApiCall.objects.count() == Recording.objects.count() == 0


@pytest.mark.parametrize("product", FORMS)
def test_everything_switched_on_and_nothing_wrong_would_be_sent(operator_client, product):
    answer = operator_client.post(f"/start/{product}/", posted(product))

    assert Recording.objects.count() == 1
    assert answer.status_code == 200  # the endpoint of this application is nowhere


@pytest.mark.parametrize(("product", "name"), EVERY_FIELD)
def test_field_that_is_fed_junk_is_refused_with_a_message(operator_client, product, name):
    for junk in NEVER_RIGHT:
        answer = operator_client.post(f"/start/{product}/", posted(product, **{name: junk}))

        assert_only_a_message(answer)
        assert (
            operator_client.post(f"/start/{product}/preview/", posted(product, **{name: junk})).status_code
            == 200
        )


junk_text = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="\x00\x01\x07\x1b\x7f\u202e\u2028🎓👩‍🏫\ud800", max_size=6),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        [
            "",
            " ",
            "null",
            "[]",
            "{}",
            "on",
            "off",
            "-0",
            "1e9",
            "٣",
            "' OR 1=1 --",
            "{{ 7*7 }}",
            "<svg/onload=x>",
        ]
    ),
    st.integers(1, 3000).map(lambda length: "9" * length),
    st.integers(1, 3000).map(lambda length: "[" * length),
)
junk_name = st.one_of(
    st.sampled_from([name for _product, name in EVERY_FIELD]),
    st.sampled_from(OTHER),
    st.sampled_from(
        [
            "Nonsense",
            "MixStream",
            "MixStream.Custom.InputStreamList.999999999999.X",
            "Extras..0",
            "Whiteboard.Width.0",
        ]
    ),
    st.text(max_size=20),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    product=st.sampled_from(list(FORMS)),
    junk=st.dictionaries(junk_name, st.lists(junk_text, min_size=1, max_size=3), max_size=12),
    room=st.sampled_from(["", "0", "\x07", "x" * 500]),
    in_place=st.booleans(),
)
def test_any_mixture_of_junk_ends_in_a_message(operator_client, product, junk, room, in_place):
    # The room is wrong in any case, so nothing of this may ever be sent.
    form = {**posted(product), **junk, "RoomId": room if product == "tiw" else room[:1] and "\x07"}
    headers = {"HX-Request": "true", "HX-Target": "start-form"} if in_place else {}
    form = {encodable(name): [encodable(value) for value in values] for name, values in as_lists(form)}
    form.pop("row", None)

    answer = operator_client.post(f"/start/{product}/", form, headers=headers)
    preview = operator_client.post(f"/start/{product}/preview/", form, headers={"HX-Request": "true"})
    again = operator_client.post(f"/start/{product}/", {**form, "row": junk_row(junk)})

    assert_only_a_message(answer)
    assert (preview.status_code, again.status_code) == (200, 200)


def as_lists(form: dict) -> list[tuple[str, list[str]]]:
    return [(name, values if isinstance(values, list) else [values]) for name, values in form.items()]


def encodable(text: str) -> str:
    """Lone surrogates cannot be posted; what a browser sends instead is a question mark."""
    return text.encode("utf-8", "replace").decode()


def junk_row(junk: dict) -> str:
    return encodable(f"remove:{next(iter(junk), '')}")


@pytest.mark.parametrize(
    ("product", "name"), [("tiw", "RoomId"), ("tiw", "Whiteboard.InitParam"), ("gme", LISTS["gme"][0])]
)
def test_ten_megabytes_in_one_field_are_refused_and_not_sent_back(operator_client, product, name):
    for text in ("9" * 10_000_000, "a\n" * 5_000_000):
        answer = operator_client.post(f"/start/{product}/", posted(product, **{name: text}))

        assert_only_a_message(answer)
        assert len(answer.content) < 400_000


@pytest.mark.parametrize(
    ("product", "row"),
    [
        ("tiw", "MixStream.Custom.InputStreamList.{}.LayoutParams.Width"),
        ("tiw", "RecordControl.StreamControls.{}.StreamId"),
        ("tiw", "Extras.{}"),
        ("tiw", "Nonsense.{}"),
        ("gme", "SubscribeRecordUserIds.SubscribeUserIds.{}"),
    ],
)
def test_thousands_of_rows_are_refused_with_a_message(operator_client, product, row):
    rows = {row.format(number): str(number) for number in range(5000)}

    answer = operator_client.post(f"/start/{product}/", posted(product, **rows))

    assert_only_a_message(answer)


def test_more_names_than_any_form_could_have_are_refused_as_a_bad_request(operator_client):
    answer = operator_client.post("/start/tiw/", {f"n{number}": "" for number in range(20_001)})

    assert answer.status_code == 400
    assert ApiCall.objects.count() == 0
