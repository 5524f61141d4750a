"""The catalogue of error codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from recorder_app.choices import Product
from recorder_app.cloud.error_codes import ALL, SDK_CODES, ErrorCode
from recorder_app.permissions import Permission, allowed


@dataclass(frozen=True)
class Group:
    """The codes of one product, or those that any call may give; ``key`` begins their anchors."""

    key: str
    title: Any
    codes: list[ErrorCode]


@allowed(Permission.SEE_HISTORY)
def catalogue(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    groups = [
        Group("tiw", Product.TIW.label, matching(query, of_product(Product.TIW))),
        Group("gme", Product.GME.label, matching(query, of_product(Product.GME))),
        Group("common", _("Any call"), matching(query, [code for code in ALL if len(code.products) != 1])),
        Group("sdk", _("Made up by the official SDK, before or after a call"), matching(query, SDK_CODES)),
    ]
    shown = [group for group in groups if group.codes]
    return render(request, "errors/catalogue.html", {"groups": shown, "query": query})


def of_product(product: Product) -> list[ErrorCode]:
    """The codes that only this product gives."""
    return [code for code in ALL if code.products == (product.value,)]


def matching(query: str, codes: Iterable[ErrorCode]) -> list[ErrorCode]:
    """The codes that carry the query in any of their words, in their order; all for an empty query."""
    wanted = query.casefold()
    return [
        code
        for code in codes
        if wanted in " ".join(map(str, (code.code, code.meaning, code.what_to_do, code.field))).casefold()
    ]
