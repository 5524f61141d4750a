"""Tables of numbers. Made here rather than in a template: a report draws thousands of cells."""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from recorder_app.reports.shapes import Cell, Table

register = template.Library()
AT_END = ' class="at-end"'


@register.simple_tag
def numbers(table: Table, title: str) -> SafeString:
    """A table with a heading for each column and each row, whose numbers lead to the rows behind them."""
    heads = "".join(
        f'<th scope="col"{"" if place < table.words else AT_END}>{escape(head)}</th>'
        for place, head in enumerate(table.heads)
    )
    rows = "".join(
        f"<tr>{''.join(_cell(cell, place >= table.words) for place, cell in enumerate(row))}</tr>"
        for row in table.rows
    )
    return mark_safe(  # noqa: S308 - every text is escaped in its cell
        f'<div class="report-table" role="region" tabindex="0" aria-label="{escape(title)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cell(cell: Cell, is_number: bool) -> str:
    text = escape(cell.text)
    if cell.is_code:
        text = f"<code>{text.replace('.', '.<wbr>')}</code>"
    if cell.href:
        text = f'<a href="{escape(cell.href)}">{text}</a>'
    if cell.is_head:
        return f'<th scope="row">{text}</th>'
    classes = ["at-end"] if is_number else []
    classes += [f"level-{cell.level}"] if cell.level is not None else []
    named = f' class="{" ".join(classes)}"' if classes else ""
    return f"<td{named}>{text}</td>"
