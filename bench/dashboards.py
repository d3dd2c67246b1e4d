"""``python -m bench.dashboards [FIRMS]``: 工作台, 驾驶舱 and the month's own pages over a closed month with 36 months of
figures a firm, on the database that ``DATABASE_URL`` names: 200 requests of each page while nothing happens and as many
with an act before each, in process, with middleware, session and template. Queries are those of the page beyond session
and person. Then fifty figures are corrected at random and the month is closed again: every page must be, word for word, what
it is when nothing is kept."""

from __future__ import annotations

import re
import statistics
import sys
from collections.abc import Callable
from random import Random
from typing import Any

from bench.house import CITY, house, in_child, seconds, settle, versions
from bench.month import MONTHS, POLICY, PROGRAMME, make_house

REQUESTS, CORRECTIONS = 200, 50
#: asked for by every page of the house: the session and the person
_SHARED = re.compile(r'FROM "(django_session|core_user)"')


def main(count: int) -> None:
    with house():
        from django.conf import settings
        from django.test import Client

        from core.models import Region, User
        from core.periods import Month
        from core.services.policies import load_edition
        from cultivation.services.dispatch import draft_orders
        from cultivation.services.months import close_month, issue_month
        from cultivation.services.watch import refresh_watch
        from tests import factories

        settings.STANDING_SECONDS = 600
        system, june = User.objects.system(), Month(2022, 6)
        load_edition(text=POLICY.read_text(encoding="utf-8"), actor=system)
        regions = [code for code in factories.regions_nantong() if code != CITY]
        in_child(lambda: make_house(count, regions, june))
        settle()
        for month in (june - 12, june - 1, june):
            issue = close_month(programme=PROGRAMME, month=month, actor=system)
        refresh_watch(region=Region.objects.get(pk=CITY), actor=system)
        draft_orders(issue=issue_month(issue=issue, actor=system), actor=system)
        person = factories.user("bureau_leader", CITY)
        client = Client()
        client.force_login(person)
        print(versions())
        print(f"{count} firms × {MONTHS} months; each page {REQUESTS} times")
        print(
            f"{'page':<12}{'queries':>8}{'p50':>8}{'p95':>8}   after an act:{'queries':>8}{'p50':>8}{'p95':>8}"
        )
        pages = _pages(june)
        for name, address in pages.items():
            _tell(name, client, address, person)
        _correct(june)
        close_month(programme=PROGRAMME, month=june, actor=system)
        _compare(client, pages)


def _pages(month: Any) -> dict[str, str]:
    from django.urls import reverse

    names = ("month", "statistics", "analysis", "dispatch", "dispatch_sheet")
    return {
        "workbench": reverse("reports:workbench"),
        "cockpit": reverse("reports:cockpit"),
        **{name: reverse(f"cultivation:{name}", args=[PROGRAMME, month]) for name in names},
        "watch": reverse("cultivation:watch", args=["eligible"]),
    }


def _tell(name: str, client: Any, address: str, person: Any) -> None:
    from core.audit import record

    _shown(client, address)
    standing = _measured(client, address, lambda: None)
    moved = _measured(client, address, lambda: record(actor=person, act="view_page"))
    told = [
        f"{queries:>8}{p50 * 1000:>6.0f}ms{p95 * 1000:>6.0f}ms" for queries, p50, p95 in (standing, moved)
    ]
    print(f"{name:<12}{told[0]}{'':>16}{told[1]}", flush=True)


def _measured(client: Any, address: str, before: Callable[[], object]) -> tuple[int, float, float]:
    """The most queries of any request, median and 95th percentile of the seconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times, most = [], 0
    for number in range(REQUESTS):
        before()
        if number % 20:
            times.append(seconds(lambda: _shown(client, address)))
            continue
        with CaptureQueriesContext(connection) as captured:
            _shown(client, address)
        asked = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
        most = max(most, sum(not _SHARED.search(sql) for sql in asked))
    return most, statistics.median(times), statistics.quantiles(times, n=20)[-1]


def _shown(client: Any, address: str) -> bytes:
    answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    return re.sub(rb'(nonce|value)="[^"]*"', b"", answer.content)


def _correct(last: Any) -> None:
    """Figures of fifty firms and months drawn at random, as a later list brings them."""
    from enterprises.models import MonthlyFigure

    draw = Random(20220630)
    figures = MonthlyFigure.objects.for_months(last - 11, last).order_by()
    chosen = sorted(figures.values_list("pk", flat=True))
    for pk in draw.sample(chosen, CORRECTIONS):
        MonthlyFigure.objects.filter(pk=pk).update(revenue_wan=draw.randrange(0, 9_000_000))


def _compare(client: Any, pages: dict[str, str]) -> None:
    """Raises ``SystemExit`` for a page that differs from what it is when nothing is kept."""
    from django.conf import settings

    kept = {name: (_shown(client, address), _shown(client, address)) for name, address in pages.items()}
    settings.STANDING_SECONDS = 0
    for name, address in pages.items():
        if {*kept[name]} != {_shown(client, address)}:
            raise SystemExit(f"{name} differs from the page computed anew")
    print(f"after {CORRECTIONS} corrections all {len(pages)} pages are those computed anew")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4_000)
