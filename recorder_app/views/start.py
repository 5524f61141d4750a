"""Start a recording: choose what, fill the form, see what will be sent, send it once."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from recorder_app.choices import Product
from recorder_app.cloud import snippets
from recorder_app.forms.gme import StartRecord
from recorder_app.forms.start import StartForm, read_intention
from recorder_app.forms.tiw import StartOnlineRecord
from recorder_app.models import Application, Recording
from recorder_app.permissions import Permission, allowed
from recorder_app.reports import mixture
from recorder_app.reports.comparison import Difference, compare
from recorder_app.services import recordings

# Characters of all forms of a request together, above which a preview carries only the one that is looked at.
MOST_AT_ONCE = 20_000
PAGES = {Product.TIW: "start/tiw.html", Product.GME: "start/gme.html"}


@allowed(Permission.START_RECORDING)
def choose(request: HttpRequest) -> HttpResponse:
    usable = Application.objects.visible_to(request.user).filter(is_active=True)
    applications = list(usable.select_related("account").order_by("name"))
    offers = [
        (product, f"start-{product}", [one for one in applications if one.product == product])
        for product in Product
    ]
    return render(request, "start/choose.html", {"offers": offers})


@allowed(Permission.START_RECORDING)
def start_tiw(request: HttpRequest) -> HttpResponse:
    return _start(request, StartOnlineRecord)


@allowed(Permission.START_RECORDING)
def start_gme(request: HttpRequest) -> HttpResponse:
    return _start(request, StartRecord)


@allowed(Permission.START_RECORDING)
@require_POST
def preview_tiw(request: HttpRequest) -> HttpResponse:
    return render(request, "start/tiw.html#preview", _preview(request, _bound(request, StartOnlineRecord)))


@allowed(Permission.START_RECORDING)
@require_POST
def preview_gme(request: HttpRequest) -> HttpResponse:
    return render(request, "start/gme.html#preview", _preview(request, _bound(request, StartRecord)))


def _start(request: HttpRequest, form_class: type[StartForm]) -> HttpResponse:
    if request.method != "POST":
        return page(request, _prefilled(request, form_class))
    form = _bound(request, form_class)
    if "row" in request.POST:
        return page(request, form.with_rows(request.POST["row"]))
    if not form.is_valid():
        return page(request, form)
    try:
        recording = recordings.start(
            application=form.application,
            action=form.action,
            params=form.params(),
            by=request.user,
            intention_key=form.intention,
        )
    except recordings.IntentionChanged as changed:
        form.renew()
        return page(request, form, earlier=changed.recording)
    except recordings.CannotSign:
        # The key was there when the form was checked, and has been removed since.
        form.object_to(
            "RecordUserSig", _("The application has lost its SDK key meanwhile. Paste a signature.")
        )
        return page(request, form)
    _remember(request, form)
    if recording.is_refused or recording.is_not_started:
        form.mark(recording.start_call)
        return page(request, form, in_the_way=_in_the_way(form, recording))
    return redirect(recording)


def _in_the_way(form: StartForm, refused: Recording) -> Recording | None:
    """The running recording because of which the cloud refused another one, where it is one of ours."""
    code = form.refusal.error_code
    if not code.startswith("ResourceInUse."):
        return None
    if code == "ResourceInUse.RecordUserId":
        same = {"record_user_id": refused.record_user_id}
    else:
        same = {"room_id": refused.room_id}
    running = Recording.objects.active().filter(application=form.application, **same)
    return running.only("status", "room_id", "created_at").newest_first().first()


def _remember(request: HttpRequest, form: StartForm) -> None:
    """Keep the application for the next form; a session that knows it already is not saved again."""
    key = f"application-{form.product}"
    if request.session.get(key) != form.application.pk:
        request.session[key] = form.application.pk


def remembered(request: HttpRequest, form_class: type[StartForm]) -> Application | None:
    """The application somebody started with last, while it is in use."""
    number = request.session.get(f"application-{form_class.product}")
    return form_class.usable(request.user).filter(pk=number).first() if number else None


def _bound(request: HttpRequest, form_class: type[StartForm]) -> StartForm:
    return form_class(
        request.POST,
        by=request.user,
        application=form_class.find_application(request.POST, request.user),
        intention=read_intention(request.POST.get("intention")),
        taken_by=recordings.taken_by,
    )


def _prefilled(request: HttpRequest, form_class: type[StartForm]) -> StartForm:
    """A fresh form, or one filled from an earlier recording (``?like=``), for ``?application=`` if given."""
    like = _earlier(request, form_class.product)
    application = form_class.find_application(request.GET, request.user)
    if application is None and like and like.application.is_active:
        application = like.application
    application = application or form_class.only_application(request.user) or remembered(request, form_class)
    made_for = {"application": application, "intention": uuid.uuid4(), "by": request.user}
    form = form_class.from_params(like.params, **made_for) if like else form_class(**made_for)
    first = form.fields["RoomId" if application else form.app_field]
    first.widget.attrs["autofocus"] = True
    return form


def _like(request: HttpRequest, product: str) -> Recording | None:
    """The recording that the form was filled from, as the address or the form says."""
    number = request.POST.get("like") or request.GET.get("like", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        return None
    return Recording.objects.visible_to(request.user).with_names().filter(pk=number, product=product).first()


def _earlier(request: HttpRequest, product: str) -> Recording | None:
    found = _like(request, product)
    if found is None and request.GET.get("like"):
        messages.warning(request, _("The recording to start from was not found, so the form is empty."))
    return found


def page(request: HttpRequest, form: StartForm, **beside: Any) -> HttpResponse:
    """The whole page, or for htmx the form alone, which then asks for a new preview.

    ``beside`` is what else to tell: the recordings ``earlier`` and ``in_the_way``, or the ``pasted`` request.
    """
    context = {"form": form, **beside, "like": _like(request, form.product)}
    if request.htmx.target != "start-form":
        return render(request, PAGES[form.product], {**context, **_preview(request, form)})
    response = render(request, f"{PAGES[form.product]}#start-form", context)
    return trigger_client_event(response, "form-changed", after="swap")


def _preview(request: HttpRequest, form: StartForm) -> dict[str, Any]:
    """What stands beside the form: the picture, the request in five forms, and what is still missing."""
    mix = form.draft().get("MixStream")
    requests = _requests(form)
    shown = request.POST.get("shown", "")
    shown = shown if shown in [key for key, _title, _text in requests] else "json"
    if request.htmx and sum(len(text) for _key, _title, text in requests) > MOST_AT_ONCE:
        # Each of the others comes when its tab is chosen.
        requests = [(key, title, text if key == shown else "") for key, title, text in requests]
    like = _like(request, form.product)
    return {
        "form": form,
        "like": like,
        "differences": _differences(form, like) if like else [],
        "picture": mixture.draw(mix, names=form.stream_names()) if mix else "",
        "requests": requests,
        "shown": shown,
        "preview_url": reverse(f"start-{form.product}-preview"),
    }


def _differences(form: StartForm, like: Recording) -> list[Difference]:
    """What the form would send differently from the recording it was filled from."""
    anew = form.made_anew() - {form.app_field}
    return compare(like.params, form.shown_params(), without=anew)


def _requests(form: StartForm) -> list[tuple[str, str, str]]:
    application = form.application
    return snippets.all_forms(
        form.action,
        form.shown_params(),
        product_key=form.product,
        region=application.effective_region if application else "",
        endpoint=application.account.endpoint if application else "",
    )
