"""The sections of a report. Made here rather than in a template: their tables have thousands of cells."""

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from recorder_app.reports.shapes import Column, Kind, Section, Table
from recorder_app.templatetags.recorder import icon

register = template.Library()
AT_END = ' class="at-end"'
# Those that take the whole width of the page.
WIDE = ("starts", "week")
# What a browser could take for the end of the script, and how JSON writes it otherwise.
NOT_IN_A_SCRIPT = (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026"))


@register.simple_tag
def sections(shown: Iterable[Section], query: str) -> SafeString:
    """Every section: its picture, if it has one, and the same numbers as a table, which ``query`` leads to as CSV."""
    address = f"{reverse('report-csv')}?{query}&section=" if query else f"{reverse('report-csv')}?section="
    # Every text of a section is escaped where it is drawn.
    return mark_safe("\n".join([_section(section, address) for section in shown]))  # noqa: S308


@register.simple_tag
def chart_data(shown: Iterable[Section]) -> SafeString:
    """What ``charts.js`` draws, by the section's word."""
    charts = {section.id: section.chart for section in shown if section.chart}
    text = json.dumps(charts, ensure_ascii=False, separators=(",", ":"))
    for sign, written in NOT_IN_A_SCRIPT:
        text = text.replace(sign, written)
    return mark_safe(f'<script id="report-charts" type="application/json">{text}</script>')  # noqa: S308


def _section(section: Section, address: str) -> str:
    title, id = escape(section.title), section.id
    wide = " is-wide" if id in WIDE else ""
    has_picture = bool(section.chart) and not section.empty
    says = f'<p class="report-says">{escape(section.says)}</p>' if section.says else ""
    if section.empty:
        body = f'<p class="none">{escape(section.empty)}</p>'
    elif has_picture:
        body = _picture(section, title)
    else:
        body = _table(section.table, title)
    return (
        f'<section class="card report-section{wide}" id="{id}" aria-labelledby="{id}-title">'
        f'<header class="card-header"><h2 class="card-title" id="{id}-title">{title}</h2>'
        f"{'' if section.empty else _take(id, address, has_picture=has_picture)}</header>"
        f'<div class="card-body">{says}{body}</div></section>'
    )


def _take(id: str, address: str, *, has_picture: bool) -> str:
    """What takes the picture, and the table, away."""
    picture = (
        f'<button type="button" class="btn btn-sm" data-png="{id}" hidden>{icon("photo-down")}PNG'
        f'<span class="visually-hidden"> {escape(_("of this picture"))}</span></button>'
    )
    return (
        f'<span class="report-take">{picture if has_picture else ""}<a class="btn btn-sm" href="{escape(address)}{id}" '
        f'download>{icon("download")}CSV<span class="visually-hidden"> {escape(_("of this table"))}</span></a></span>'
    )


def _picture(section: Section, title: str) -> str:
    lying = " report-chart-rows" if section.chart["kind"] == "rows" else ""
    return (
        f'<div class="report-chart{lying}"><canvas id="{section.id}-chart" data-chart="{section.id}" role="img" '
        f'aria-label="{title}" aria-describedby="{section.id}-table"></canvas></div>'
        f'<details class="report-numbers" id="{section.id}-table"><summary>{escape(_("The numbers as a table"))}'
        f"</summary>{_table(section.table, title)}</details>"
    )


# --- Tables ----------------------------------------------------------------------------------------------
def _table(table: Table, title: str) -> str:
    """A table with a heading for each column and each row, whose numbers lead to the rows behind them."""
    heads = "".join(
        f'<th scope="col"{AT_END if column.is_number else ""}>{escape(column.head)}</th>'
        for column in table.columns
    )
    first, *others = table.columns
    cells = [_row_heads(first), *map(_cells, others)]
    rows = "</tr><tr>".join(map("".join, zip(*cells, strict=True)))
    return (
        f'<div class="report-table" role="region" tabindex="0" aria-label="{title}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody><tr>{rows}</tr></tbody></table></div>"
    )


def _row_heads(column: Column) -> list[str]:
    return [f'<th scope="row">{text}</th>' for text in _texts(column)]


def _cells(column: Column) -> list[str]:
    texts = _texts(column)
    if column.levels:
        return [
            f'<td class="at-end level-{level}">{text}</td>'
            for text, level in zip(texts, column.levels, strict=True)
        ]
    opening = f"<td{AT_END}>" if column.is_number else "<td>"
    return [f"{opening}{text}</td>" for text in texts]


def _texts(column: Column) -> Sequence[str]:
    """What stands in the cells of a column, each as a link where it leads anywhere."""
    # Numbers have nothing to escape.
    texts: Any = column.texts() if column.is_number else map(escape, column.texts())
    if column.kind is Kind.CODE:
        texts = [f"<code>{text.replace('.', '.<wbr>')}</code>" for text in texts]
    if not column.links:
        return list(texts)
    return [
        f'<a href="{escape(link)}">{text}</a>' if link else text
        for text, link in zip(texts, column.links, strict=True)
    ]
