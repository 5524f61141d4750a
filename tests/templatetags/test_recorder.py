"""What the template tags draw."""

import hashlib
import re
from datetime import timedelta

import time_machine
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from recorder_app.choices import CallOutcome, RecordingStatus
from recorder_app.permissions import Permission
from recorder_app.templatetags import recorder
from tests.factories import NOW


class Sample(forms.Form):
    RoomId = forms.CharField(label="Room", help_text="The number of the room.")
    Width = forms.IntegerField(label="Width", required=False)
    Mode = forms.ChoiceField(
        label="Mode", choices=[("1", "single"), ("2", "mixed")], widget=forms.RadioSelect
    )
    Enabled = forms.BooleanField(label="On", required=False)
    key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["RoomId"].api_name = "RoomId"
        self.fields["Width"].unit = "px"
        self.fields["Enabled"].is_switch = True


def drawn(field) -> str:
    return render_to_string("components/field.html", {"field": field})


def test_every_status_has_an_icon_and_its_word():
    badges = {status: recorder.status_badge(status) for status in RecordingStatus}

    assert [status for status, badge in badges.items() if f"<span>{status.label}</span>" not in badge] == []
    assert [status for status, badge in badges.items() if "icons.svg#" not in badge] == []


def test_every_outcome_has_an_icon_and_its_word():
    badges = {outcome: recorder.outcome_badge(outcome) for outcome in CallOutcome}

    assert [
        o for o, badge in badges.items() if str(o.label)[1:] not in badge or "icons.svg#" not in badge
    ] == []


def test_every_icon_that_is_used_is_in_the_sprite(settings):
    sprite = (settings.BASE_DIR / "static/vendor/tabler-icons/icons.svg").read_text()
    looks = [*recorder.STATUS_LOOKS.values(), *recorder.OUTCOME_LOOKS.values()]
    names = {name for name, _tone in looks} | set(recorder.PRODUCT_ICONS.values())
    for page in (settings.BASE_DIR / "templates").rglob("*.html"):
        names |= set(re.findall(r'{% icon "([\w-]+)"', page.read_text()))

    missing = {name for name in names if f'<symbol id="{name}"' not in sprite}

    assert missing == set()


def test_an_identifier_is_escaped_and_can_be_copied():
    shown = recorder.identifier('<b>"9"</b>', "TaskId")

    assert "<code>&lt;b&gt;&quot;9&quot;&lt;/b&gt;</code>" in shown
    assert 'data-copy="&lt;b&gt;&quot;9&quot;&lt;/b&gt;"' in shown
    assert 'aria-label="Copy TaskId"' in shown


def test_json_keeps_every_digit_and_escapes_what_is_html():
    shown = recorder.json_html(
        {"TaskId": 9223372036854775807, "Name": "</script>", "On": True, "Nothing": None}
    )

    assert '<span class="j-num">9223372036854775807</span>' in shown
    assert '<span class="j-str">&quot;&lt;/script&gt;&quot;</span>' in shown
    assert '<span class="j-lit">true</span>' in shown
    assert '<span class="j-lit">null</span>' in shown
    assert '<span class="j-key">&quot;TaskId&quot;</span>' in shown


def test_json_of_a_text_with_quotes_and_numbers_is_one_text():
    shown = recorder.json_html('say "12", \\ true')

    assert shown == '<span class="j-str">&quot;say \\&quot;12\\&quot;, \\\\ true&quot;</span>'


def test_a_time_is_relative_with_the_exact_one_beside_it():
    with time_machine.travel(NOW, tick=False), timezone.override("Asia/Shanghai"):
        shown = recorder.when(NOW - timedelta(minutes=3, seconds=20))

    assert ">3 min ago<" in shown
    assert 'title="2026-11-20 16:56:40 UTC+08:00 (08:56:40 UTC)"' in shown
    assert 'datetime="2026-11-20T08:56:40+00:00"' in shown


def test_a_time_of_another_day_is_a_date_in_the_persons_zone():
    with time_machine.travel(NOW, tick=False), timezone.override("Asia/Shanghai"):
        shown = [recorder.when(NOW - timedelta(days=days)) for days in (2, 400)]

    assert ">18 Nov, 17:00<" in shown[0]
    assert ">16 Oct 2025, 17:00<" in shown[1]


def test_a_moment_that_never_came_is_a_dash():
    assert recorder.when(None) == recorder.exact_time(None) == '<span class="none">—</span>'


def test_a_field_shows_its_label_its_api_name_and_its_help():
    shown = drawn(Sample()["RoomId"])

    assert '<label class="form-label" for="id_RoomId">Room' in shown
    assert '<code class="api-name">RoomId</code>' in shown
    assert '<p class="form-hint" id="id_RoomId_helptext">The number of the room.</p>' in shown
    assert 'aria-describedby="id_RoomId_helptext"' in shown
    assert 'class="form-control"' in shown


def test_a_wrong_field_is_marked_and_tied_to_its_message():
    shown = drawn(Sample({"RoomId": ""})["RoomId"])

    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_RoomId_helptext id_RoomId_error"' in shown
    assert 'id="id_RoomId_error" role="alert"' in shown
    assert "This field is required." in shown


def test_a_field_with_a_unit_shows_it_behind_the_number():
    assert '<span class="input-group-text">px</span>' in drawn(Sample()["Width"])


def test_a_switch_is_a_check_box_with_its_words_behind_it():
    shown = drawn(Sample()["Enabled"])

    assert 'class="form-check form-switch"' in shown
    assert 'type="checkbox"' in shown
    assert 'class="form-check-input"' in shown


def test_radio_buttons_are_a_group_with_a_legend():
    shown = drawn(Sample()["Mode"])

    assert "<legend" in shown
    assert shown.count('type="radio"') == shown.count('class="form-check-input"') == 2


def test_a_hidden_field_is_only_itself():
    assert drawn(Sample()["key"]).strip() == '<input type="hidden" name="key" id="id_key">'


def test_the_navigation_marks_the_page_and_the_pages_below_it(rf):
    template = Template("{% load recorder %}{% navigation %}")
    may = {"see_history": True}

    marked = {
        path: re.findall(
            r'href="([^"]+)" aria-current="page"',
            template.render(Context({"request": rf.get(path), "may": may})),
        )
        for path in ("/recordings/", "/recordings/7/", "/calls/", "/", "/settings/me/")
    }

    assert marked == {
        "/recordings/": ["/recordings/"],
        "/recordings/7/": ["/recordings/"],
        "/calls/": ["/calls/"],
        "/": ["/"],
        "/settings/me/": [],
    }


def test_the_navigation_leads_where_the_person_may_go(rf):
    template = Template("{% load recorder %}{% navigation %}")

    def leads_to(*held: str) -> list[str]:
        may = {permission.value: permission.value in held for permission in Permission}
        return re.findall(
            r'<a href="([^"]+)"', template.render(Context({"request": rf.get("/calls/"), "may": may}))
        )

    assert leads_to("see_history") == ["/", "/recordings/", "/calls/", "/reports/", "/errors/"]
    assert leads_to("see_audit") == ["/audit/"]
    assert leads_to() == []


def test_what_is_drawn_once_knows_nothing_of_the_page():
    template = Template("{% load recorder %}{% once %}{% icon 'copy' %}[{{ text }}]{% endonce %}{{ text }}")

    first, second = (template.render(Context({"text": text})) for text in ("one", "two"))

    assert first.endswith("[]one")
    assert second.endswith("[]two")
    assert first.removesuffix("one") == second.removesuffix("two")


def test_what_is_drawn_once_is_drawn_in_each_language():
    template = Template("{% load recorder %}{% once %}{% translate 'Monday' %}{% endonce %}")

    drawn = []
    for language in ("en", "zh-hans", "en"):
        with override(language):
            drawn.append(template.render(Context()))

    assert drawn == ["Monday", "星期一", "Monday"]


def test_vendored_files_are_those_the_readme_names(settings):
    vendor = settings.BASE_DIR / "static/vendor"
    named = dict(
        re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", (vendor / "README.md").read_text(), re.M)
    )

    there = {
        path.relative_to(vendor).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "README.md"
    }

    assert there == named
