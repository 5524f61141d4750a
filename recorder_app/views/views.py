"""/views/: filters kept under a name: keep one, share it, let it open first, rename it, throw it away."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recorder_app.choices import ListPage
from recorder_app.forms.filters import EVERYTHING, FILTERS
from recorder_app.forms.views import SavedViewForm, filter_of, is_page
from recorder_app.models import SavedView
from recorder_app.permissions import Permission, allowed
from recorder_app.services import views


@allowed(Permission.SEE_HISTORY)
def view_list(request: HttpRequest) -> HttpResponse:
    """One's own views and those that others share, page by page."""
    usable = list(views.of(request.user))
    for one in usable:
        one.may_change = views.may_change(one, request.user)
    pages = [(page, [one for one in usable if one.page == page]) for page in ListPage]
    return render(request, "views/list.html", {"pages": [(page, found) for page, found in pages if found]})


@allowed(Permission.SEE_HISTORY)
def add_view(request: HttpRequest) -> HttpResponse:
    """Keep the filter that is in the address under a name."""
    page = request.GET.get("page", ListPage.CALLS.value)
    if not is_page(page):
        raise Http404
    query = filter_of(page, request.GET, person=request.user)
    kept = SavedView(owner=request.user, page=page, query=query)
    return _form(request, kept, is_default=False)


@allowed(Permission.SEE_HISTORY)
def view(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename it, share it, let it open first."""
    kept = _changeable(request, pk)
    return _form(request, kept, is_default=kept.is_default)


def _form(request: HttpRequest, kept: SavedView, *, is_default: bool) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = SavedViewForm(posted, instance=kept, by=request.user, initial={"is_default": is_default})
    if form.is_valid() and form.save_view():
        return redirect(form.instance)
    part = "#dialog" if request.htmx.target == "dialog" else ""
    return render(
        request, f"views/form.html{part}", {"form": form, "view": kept, "words": words_of(request, kept)}
    )


def words_of(request: HttpRequest, kept: SavedView) -> str:
    """What a view shows, in words."""
    known = FILTERS.get(kept.page)
    return known.of(kept.query, person=request.user).words() if known and kept.query else kept.query


@allowed(Permission.SEE_HISTORY)
@require_POST
def open_first(request: HttpRequest, pk: int) -> HttpResponse:
    """A plain visit of the page opens this view from now on."""
    kept = get_object_or_404(views.of(request.user), pk=pk)
    views.make_default(kept, person=request.user)
    messages.success(request, _("%(page)s opens with “%(view)s” from now on.") % _names(kept))
    return redirect(kept)


@allowed(Permission.SEE_HISTORY)
@require_POST
def open_everything(request: HttpRequest, pk: int) -> HttpResponse:
    """A plain visit of the view's page shows everything again."""
    kept = get_object_or_404(views.of(request.user), pk=pk)
    views.drop_default(kept.page, person=request.user)
    messages.success(request, _("%(page)s opens with everything from now on.") % _names(kept))
    return redirect(f"{reverse(kept.page)}?{EVERYTHING}")


@allowed(Permission.SEE_HISTORY)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then throw a view away; the rows it showed stay."""
    kept = _changeable(request, pk)
    if request.method != "POST":
        return render(request, "views/delete.html", {"view": kept})
    kept.delete()
    messages.success(request, _("The view “%(view)s” is gone.") % _names(kept))
    return redirect("views")


def _changeable(request: HttpRequest, pk: int) -> SavedView:
    kept = get_object_or_404(views.of(request.user), pk=pk)
    if not views.may_change(kept, request.user):
        raise Http404
    return kept


def _names(kept: SavedView) -> dict[str, str]:
    return {"page": kept.get_page_display(), "view": kept.name}
