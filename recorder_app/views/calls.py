"""The list of signed calls."""

from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import CallOutcome
from recorder_app.models import ApiCall
from recorder_app.permissions import Permission, allowed
from recorder_app.views import live

CHIPS = [("", _("All")), *((outcome.value, outcome.label) for outcome in CallOutcome)]


@allowed(Permission.SEE_HISTORY)
def call_list(request: HttpRequest) -> HttpResponse:
    chosen = request.GET.get("outcome", "")
    calls = ApiCall.objects.visible_to(request.user).for_list()
    if chosen in CallOutcome.values:
        calls = calls.filter(outcome=chosen)
    else:
        chosen = ""
    page = calls.page(before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    chips = [(key, capfirst(words)) for key, words in CHIPS]
    context = {"page": page, "chips": chips, "chosen": chosen}
    return live.answer(request, "calls/list.html", context, page.rows, page.older)
