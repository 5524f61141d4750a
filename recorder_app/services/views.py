"""Saved views: filters kept under a name, one's own and those that others share; one may open first."""

from django.db import transaction
from django.db.models import Exists, OuterRef

from recorder_app.models import AuditEntry, DefaultView, Person, SavedView
from recorder_app.models.views import SavedViewQuerySet
from recorder_app.permissions import Permission
from recorder_app.services import audit


def of(person: Person) -> SavedViewQuerySet:
    """The views a person can use, each saying whether it opens first for that person (``is_default``)."""
    defaults = DefaultView.objects.filter(view=OuterRef("pk"), person=person)
    usable = SavedView.objects.usable_by(person).select_related("owner")
    return usable.annotate(is_default=Exists(defaults)).order_by("page", "name", "pk")


def named(person: Person, page: str) -> list[SavedView]:
    """The views that stand above a list: every page of it asks for them, so no more than their names is fetched."""
    found = SavedView.objects.usable_by(person).filter(page=page).select_related("owner")
    owner = ("owner__username", "owner__first_name", "owner__last_name")
    return list(found.only("name", "query", "page", *owner).order_by("name", "pk"))


def opens_first(person: Person, page: str) -> SavedView | None:
    """What a plain visit of a page opens for a person, if not everything."""
    found = SavedView.objects.usable_by(person).filter(defaults__person=person, defaults__page=page)
    return found.first()


def may_change(view: SavedView, person: Person) -> bool:
    """Its owner may; what everybody uses, an administrator may put in order as well."""
    return view.owner_id == person.pk or (view.is_shared and person.may(Permission.MANAGE_PEOPLE))


@transaction.atomic
def save(view: SavedView, *, by: Person, is_default: bool) -> None:
    """Keep a new or changed view; ``is_default`` says whether it opens first for whoever saves it.

    A view that others can use from now on leaves an entry in the audit: it appears on their pages.
    """
    was_shared = bool(view.pk) and SavedView.objects.filter(pk=view.pk, is_shared=True).exists()
    view.save()
    if not view.is_shared:
        view.defaults.exclude(person=view.owner).delete()
    if view.is_shared and not was_shared:
        audit.record(AuditEntry.Event.VIEW_SHARED, by=by, about=view, page=view.page, filter=view.query)
    if is_default:
        DefaultView.objects.update_or_create(person=by, page=view.page, defaults={"view": view})
    else:
        view.defaults.filter(person=by).delete()


def make_default(view: SavedView, *, person: Person) -> None:
    """From now on a plain visit of the view's page opens it for this person."""
    DefaultView.objects.update_or_create(person=person, page=view.page, defaults={"view": view})


def drop_default(page: str, *, person: Person) -> None:
    """From now on a plain visit of the page shows this person everything."""
    DefaultView.objects.filter(person=person, page=page).delete()
