"""A pasted request fills in the start form, and starts nothing."""

import json

import pytest

from recorder_app.cloud import snippets
from recorder_app.models import ApiCall, Recording
from tests import factories
from tests.cloud.test_pasted import CUSTOM, FORMS, GME, TIW
from tests.people import person

pytestmark = pytest.mark.django_db


def paste(client, text, **fields):
    return client.post("/start/paste/", {"text": text, **fields})


def made_anew(params: dict) -> dict:
    return {name: value for name, value in params.items() if name not in ("RecordUserId", "RecordUserSig")}


@pytest.mark.parametrize("key", FORMS)
@pytest.mark.parametrize(
    ("product", "action", "params"),
    [("tiw", "StartOnlineRecord", TIW), ("gme", "StartRecord", GME)],
    ids=["class", "voice"],
)
def test_what_the_dashboard_showed_fills_the_form_as_it_was(operator_client, key, product, action, params):
    application = factories.application(product=product)
    shown = {name: text for name, _title, text in snippets.all_forms(action, params, product_key=product)}

    form = paste(operator_client, shown[key]).context["form"]

    assert (form.product, form.application, form.unknown_params) == (product, application, [])
    assert made_anew(form.params()) == made_anew(params)


def test_nothing_is_sent(operator_client):
    factories.application()

    page = paste(operator_client, json.dumps(TIW)).content.decode()

    assert "Filled from what you pasted. Nothing was sent." in page
    assert (Recording.objects.count(), ApiCall.objects.count()) == (0, 0)


def test_a_filled_form_goes_on_at_its_own_address(operator_client):
    factories.application(product="gme")

    page = paste(operator_client, json.dumps(GME)).content.decode()

    assert '<form id="start-form" method="post" action="/start/gme/"' in page
    assert 'hx-post="/start/paste/"' not in page


def test_unknown_and_dropped_fields_are_named(operator_client):
    factories.application()
    text = json.dumps({**TIW, "RecordUserSig": "eJsecret", "Colour": "red", "MixStream": {"Shape": 1}})

    answer = paste(operator_client, text)

    page = answer.content.decode()
    assert answer.context["form"].unknown_params == ["MixStream.Shape", "Colour"]
    assert "MixStream.Shape, Colour" in page
    assert "RecordUserSig was dropped" in page
    assert "eJsecret" not in page


def test_an_application_that_is_not_ours_has_to_be_chosen(operator_client):
    factories.application()

    answer = paste(operator_client, json.dumps({**TIW, "SdkAppId": 1499999999}))

    assert answer.context["form"].application is None
    assert "No application in use has the id 1499999999" in answer.content.decode()


def test_an_application_one_may_not_see_is_as_good_as_none(operator_client, client_of):
    factories.application()
    somebody = person("operator")
    somebody.sees_all = False
    somebody.save()

    answer = paste(client_of("operator"), json.dumps(TIW))

    assert answer.context["form"].application is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("good morning", "No request was found"),
        ('{"Action": "StopRecord", "BizId": 1, "TaskId": 7}', "This is StopRecord. Only a start"),
        ('{"RoomId": "7"}', "class or a voice room"),
    ],
)
def test_what_cannot_be_filled_in_is_told_and_stays(operator_client, text, told):
    answer = paste(operator_client, text)

    assert told in answer.content.decode()
    assert answer.context["text"] == text


def test_the_page_somebody_came_from_decides_between_the_products(operator_client):
    factories.application(product="gme")

    assert paste(operator_client, '{"RoomId": "7"}', product="gme").context["form"].product == "gme"


def test_a_secret_does_not_come_back_to_be_mended(operator_client):
    secret = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"

    page = paste(operator_client, f"SecretKey={secret}").content.decode()

    assert secret not in page


def test_a_custom_layout_is_drawn_at_once(operator_client):
    factories.application()

    answer = paste(operator_client, json.dumps(CUSTOM))

    assert answer.content.decode().count("<svg") > 0
    assert len(answer.context["form"]["MixStream"]["Custom"]["InputStreamList"]) == 2


def test_a_request_with_halves_of_characters_is_shown(operator_client):
    factories.application()

    page = paste(operator_client, r'{"SdkAppId": 1400000001, "RecordUserId": "x", "Odd\ud800": "\ud800"}')

    assert page.status_code == 200
    assert "Odd?" in page.content.decode()
