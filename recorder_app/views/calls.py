"""The list of signed calls."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from recorder_app import back
from recorder_app.choices import CallOutcome, ListPage
from recorder_app.forms.filters import CallFilter
from recorder_app.permissions import Permission, allowed
from recorder_app.services import lists
from recorder_app.templatetags.rows import fields_of
from recorder_app.views import live
from recorder_app.views.lists import context, plain_visit, quick


@allowed(Permission.SEE_HISTORY)
def call_list(request: HttpRequest) -> HttpResponse:
    if first := plain_visit(request, ListPage.CALLS):
        return first
    filters = CallFilter(request.GET, person=request.user)
    columns = lists.columns(request.user, ListPage.CALLS)
    rows = filters.qs.values_list(*fields_of(ListPage.CALLS, columns), named=True)
    page = rows.page(before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    shown = {
        **context(request, filters),
        "page": page,
        "columns": columns,
        "outcomes": quick(filters, "outcome", [("", _("All")), *CallOutcome.choices]),
    }
    answer = live.answer(request, "calls/list.html", shown, page.rows, page.older, columns, shown["compact"])
    return back.remember(request, answer, ListPage.CALLS)
