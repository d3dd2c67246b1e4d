"""The house's template language, a builtin of every template: status, small graphics, lists and forms.

Figures and dates are in ``core.templatetags.figures`` and come along with this library.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

from django import template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template.context import RequestContext
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core.templatetags import figures

register = template.Library()
register.filters.update(figures.register.filters)
register.tags.update(figures.register.tags)

ICONS_FILE = Path(__file__).parent.parent / "static" / "vendor" / "bootstrap-icons-1.13.1" / "icons.json"

#: state → (shape inside a 12×12 box, word used when the page gives none)
LIGHTS = {
    "ok": ('<circle cx="6" cy="6" r="5"/>', "正常"),
    "warn": ('<path d="M6 .8 11.6 11H.4z"/>', "偏慢"),
    "bad": ('<path d="M6 0 12 6 6 12 0 6z"/>', "滞后"),
    "info": ('<circle cx="6" cy="6" r="4.5"/>', "办理中"),
    "mute": ('<path d="M1.5 6h9"/>', "未开始"),
}
PAGE_SIZES = (20, 50, 100)
CHECK_CLASSES = {"A": "强制", "B": "准强制", "C": "核实", "D": "提示"}
NOTICE_TONES = {"debug": "info", "info": "info", "success": "ok", "warning": "warn", "error": "bad"}
NOTICE_ICONS = {
    "info": "info-circle",
    "ok": "check-circle",
    "warn": "exclamation-triangle",
    "bad": "x-octagon",
}


# ---------------------------------------------------------------- status and small graphics


@cache
def _icons() -> dict[str, str]:
    return json.loads(ICONS_FILE.read_text(encoding="utf-8"))


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """An inlined picture without meaning of its own; a word always stands beside it. Unknown names raise."""
    return format_html(
        '<svg class="ic{}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>',
        f" {classes}" if classes else "",
        mark_safe(_icons()[name]),  # noqa: S308 - from our own vendored file
    )


@register.simple_tag
def light(state: str, word: str | None = None) -> SafeString:
    """Computed state as shape + colour + word: ok ● warn ▲ bad ◆ info ○ mute —. An empty word hides nothing
    from the eye only where a heading right beside it says the word."""
    shape, usual = LIGHTS[state]
    return format_html(
        '<span class="light light-{}"><svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">{}</svg>{}</span>',
        state,
        mark_safe(shape),  # noqa: S308 - constant above
        usual if word is None else word,
    )


@register.simple_tag
def tag(tone: str, word: str) -> SafeString:
    """Kind or stage of a thing; tone is ok, warn, bad, info, line or mute."""
    return format_html('<span class="tag tag-{}">{}</span>', tone or "mute", word)


@register.simple_tag
def cls(check_class: str) -> SafeString:
    """Check class A–D with its name from 联网直报."""
    return format_html(
        '<span class="cls cls-{}"><b>{}</b>{}</span>', check_class, check_class, CHECK_CLASSES[check_class]
    )


def _svg_length(part: Decimal) -> str:
    return f"{min(max(part, Decimal(0)), Decimal(1)) * 100:.2f}"


@register.simple_tag
def bullet(
    value: Decimal | None, mark: Decimal | None = None, tone: str = "", whole: Decimal | int = 1
) -> SafeString:
    """A bar of value ÷ whole with a mark at mark ÷ whole, cut at both ends; the number always stands beside it."""
    bar = mark_line = SafeString("")
    if value is not None and value != "":
        width = _svg_length(Decimal(value) / Decimal(whole))
        shade = f" v-{tone}" if tone else ""
        bar = format_html('<rect class="v{}" x="0" y="2" width="{}" height="8"/>', shade, width)
    if mark is not None and mark != "":
        x = min(
            max(Decimal(_svg_length(Decimal(mark) / Decimal(whole))) - Decimal("0.5"), Decimal(0)),
            Decimal(99),
        )
        mark_line = format_html('<rect class="m" x="{}" y="0" width="1" height="12"/>', f"{x:.2f}")
    return format_html(
        '<svg class="bullet" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="bg" x="0" y="2" width="100" height="8"/>{}{}</svg>',
        bar,
        mark_line,
    )


@register.simple_tag
def spark(values: Sequence[Decimal | int | None]) -> SafeString:
    """Twelve months or so as a line of 64×18; a month without a figure breaks the line, it is not 0."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return figures.missing("不足两个月")
    low, high = min(known), max(known)
    span, step = (high - low) or 1, 60 / max(len(values) - 1, 1)
    path, pen = [], "M"
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{2 + place * step:.1f} {15 - float((value - low) / span) * 12:.1f}")
        pen = "L"
    return format_html(
        '<svg class="spark" viewBox="0 0 64 18" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        " ".join(path),
    )


@register.filter(name="notice_tone")
def notice_tone(level_tag: str) -> str:
    """Level of django.contrib.messages → tone of a ``.notice``."""
    return NOTICE_TONES.get(level_tag, "info")


@register.filter(name="notice_icon")
def notice_icon(tone: str) -> str:
    return NOTICE_ICONS[tone]


# ---------------------------------------------------------------- lists and forms


@register.simple_tag(takes_context=True)
def sort_th(context: RequestContext, key: str, label: str, classes: str = "", rowspan: int = 1) -> SafeString:
    """A whole heading cell that sorts by ``key``: ascending first, then descending; goes back to page 1."""
    query = context["request"].GET.copy()
    now = query.get("sort", "")
    state = {key: "ascending", f"-{key}": "descending"}.get(now, "none")
    query["sort"] = f"-{key}" if state == "ascending" else key
    query.pop("page", None)
    return format_html(
        '<th scope="col"{}{} aria-sort="{}"><a class="sort" href="?{}">{}{}</a></th>',
        format_html(' class="{}"', classes) if classes else "",
        format_html(' rowspan="{}"', rowspan) if rowspan > 1 else "",
        state,
        query.urlencode(),
        label,
        icon({"ascending": "chevron-up", "descending": "chevron-down"}.get(state, "chevron-expand")),
    )


@register.simple_tag(takes_context=True)
def hidden_query(context: RequestContext, *without: str) -> SafeString:
    """The present query as hidden fields, so that a second form on the page keeps the filters."""
    pairs = [
        (key, value)
        for key, values in context["request"].GET.lists()
        if key not in without
        for value in values
    ]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)


@register.simple_tag
def page_sizes() -> tuple[int, ...]:
    return PAGE_SIZES


@register.simple_tag
def page_numbers(page: Page) -> list[int | str]:
    """1 2 3 … 22: first, last and the neighbours of the page on view."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.simple_tag
def control(field: BoundField, classes: str = "") -> SafeString:
    """A form's control in the look of the house; hint and fault are tied to it by the form itself."""
    kind = getattr(field.field.widget, "input_type", "")
    base = {"select": "form-select", "checkbox": "form-check-input", "radio": "form-check-input"}.get(
        kind, "form-control"
    )
    return field.as_widget(attrs={"class": f"{base} {classes}".strip()})
