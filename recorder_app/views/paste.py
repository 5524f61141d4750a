"""Paste a request: what somebody kept of a start fills in the form, and is never sent by itself."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from recorder_app.choices import Product
from recorder_app.cloud.masked_text import masked_text
from recorder_app.cloud.pasted import NotARequest, Pasted, read_request
from recorder_app.forms.gme import StartRecord
from recorder_app.forms.start import StartForm
from recorder_app.forms.tiw import StartOnlineRecord
from recorder_app.permissions import Permission, allowed
from recorder_app.views import start

FORMS: dict[str, type[StartForm]] = {Product.TIW: StartOnlineRecord, Product.GME: StartRecord}
# What comes back to be mended; nobody needs more of it.
LONGEST_SHOWN = 200_000


@allowed(Permission.START_RECORDING)
@sensitive_post_parameters("text")
def paste(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _ask(request, request.GET.get("product", ""))
    text, product = request.POST.get("text", ""), request.POST.get("product", "")
    try:
        pasted = read_request(text, product=product if product in FORMS else "")
    except NotARequest as problem:
        return _ask(request, product, text=text, problem=str(problem))
    form_class = FORMS[pasted.product]
    if pasted.action and pasted.action != form_class.action:
        problem = _("This is %(action)s. Only a start can be filled in here.") % {"action": pasted.action}
        return _ask(request, product, text=text, problem=problem)
    return _filled(request, form_class, pasted)


def _ask(request: HttpRequest, product: str, *, text: str = "", problem: str = "") -> HttpResponse:
    shown = masked_text(text[:LONGEST_SHOWN])
    context = {"product": product if product in FORMS else "", "text": shown, "problem": problem}
    return render(request, "start/paste.html", context)


def _filled(request: HttpRequest, form_class: type[StartForm], pasted: Pasted) -> HttpResponse:
    """The start form with everything in it that it knows; its application is the one with the id, if it is one."""
    app_id = str(pasted.params.get(form_class.app_field) or "")[:40]
    application = form_class.find_application({form_class.app_field: app_id}, request.user)
    strange_id = app_id if app_id and application is None else ""
    if not app_id:
        application = form_class.only_application(request.user) or start.remembered(request, form_class)
    form = form_class.from_params(
        pasted.params, application=application, intention=uuid.uuid4(), by=request.user
    )
    return start.page(request, form, pasted=pasted, strange_id=strange_id)
