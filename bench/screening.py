"""``python -m bench.screening [FIRMS]``: a pool screened on PostgreSQL, facts in → reasons stored, every tenth firm a
member, against the same decision as one SQL statement, and against an ORM loop (of a sample, by the row); the rules
alone; and a draft simulated against the edition in force. Peak memory is that of the process that screens."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bench.house import CITY, PAIRS, house, in_child, make_firms, paired, peak_mib, seconds, settle, versions

POLICY = Path(__file__).resolve().parents[1] / "config/policies/nantong/nantong-2022.yaml"
SAMPLE = 2000
MANY = 500_000
#: The city's first pool as a statement for this one document; amounts in hundredths of 万元.
STATEMENT = """
INSERT INTO bench_verdict
SELECT firm.id, tax.taxable_sales_wan,
  CASE WHEN named THEN CASE WHEN firm.above_scale THEN 'out' ELSE 'in' END WHEN tax.id IS NULL THEN 'absent' ELSE 'off' END,
  concat_ws('+', CASE WHEN in_band THEN 'tax_list' END, CASE WHEN gone THEN 'delisted' END),
  concat_ws('+', CASE WHEN tax.taxable_sales_wan <> survey.taxable_sales_wan THEN 'sales_differ' END,
    CASE WHEN gone AND firm.above_scale THEN 'relisted' END,
    CASE WHEN firm.verification <> 'verified' THEN 'unmatched' END),
  CASE WHEN NOT named THEN '' WHEN coalesce(tax.taxable_sales_wan, survey.taxable_sales_wan) >= 150000 THEN '提升'
    WHEN coalesce(tax.taxable_sales_wan, survey.taxable_sales_wan) >= 100000 THEN '培育' ELSE '储备' END
FROM enterprise firm
JOIN core_region region ON region.code = firm.region_id AND region.path LIKE '320600/%%'
LEFT JOIN annual_figure tax ON tax.enterprise_id = firm.id AND tax.year = 2021 AND tax.source = 'tax'
LEFT JOIN annual_figure survey ON survey.enterprise_id = firm.id AND survey.year = 2021 AND survey.source = 'survey'
LEFT JOIN LATERAL (SELECT max(year) AS year FROM delisted_entry entry WHERE entry.enterprise_id = firm.id) left_in ON true
CROSS JOIN LATERAL (SELECT coalesce(tax.taxable_sales_wan BETWEEN 50000 AND 200000, false) AS in_band,
  coalesce(left_in.year >= 2019, false) AS gone) named_by
CROSS JOIN LATERAL (SELECT in_band OR gone AS named) any_source
"""


def main(count: int) -> None:
    with house():
        from django.db import connection

        from core.models import User
        from core.services.policies import load_edition
        from cultivation.models import PoolMembership
        from cultivation.rules.screening import screen
        from cultivation.services.pool_facts import read_pool
        from cultivation.services.pool_screening import screen_pool
        from cultivation.services.pools import pool_edition
        from tests import factories

        if connection.vendor != "postgresql":
            raise SystemExit("bench.screening measures PostgreSQL: set DATABASE_URL")
        print(versions())
        system = User.objects.system()
        load_edition(text=POLICY.read_text(encoding="utf-8"), actor=system)
        regions = [code for code in factories.regions_nantong() if code != CITY]
        in_child(lambda: _make(count, regions))
        settle()
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE bench_verdict (id bigint PRIMARY KEY, sales bigint, status text, named_by text, told text, tier text)"
            )
        before = peak_mib()

        def whole() -> None:
            screen_pool(programme=POLICY.stem, actor=system)

        _forget()
        whole()
        members = PoolMembership.objects.count()
        print(f"{count} firms, {members} members: peak {peak_mib():.0f} MiB, {before:.0f} of them before")
        assert members == len(range(0, count, 10))
        pairs = PAIRS if count < MANY else 2
        paired(f"{count} firms screened, one SQL statement", whole, _statement, pairs, _forget)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM bench_verdict WHERE status = 'in'")
            assert cursor.fetchone() == (members,), "the statement decides the same"
        _by_the_row(min(count, SAMPLE), count, whole, pairs)
        edition, part = pool_edition(POLICY.stem)
        rule = part.rules[0]
        read = read_pool(edition, rule, rule.year)
        alone = [seconds(lambda: screen(rule, read.frame, rule.year)) for _ in range(PAIRS)]
        print(f"{count} firms, rules alone: {statistics.median(alone):.2f} s (median of {PAIRS})")
        _simulated(count, edition)


def _simulated(count: int, current: Any) -> None:
    """A draft that draws another band and asks for another figure than the edition in force."""
    from core.models import Role
    from core.services.editions import draft_edition
    from core.services.simulation import simulate
    from tests import factories

    staff = factories.user(Role.BUREAU_STAFF, CITY)
    text = current.text.replace("between 500万元 and 2000万元", "between 400万元 and 1900万元")
    text = text.replace("!= taxable_sales[2021]", "!= surveyed_revenue[2021]")
    draft = draft_edition(text=text, actor=staff)
    turns = [seconds(lambda: simulate(draft=draft, current=current, actor=staff)) for _ in range(PAIRS)]
    print(f"{count} firms, a draft simulated: {statistics.median(turns):.2f} s (median of {PAIRS})")


def _make(count: int, regions: list[str]) -> None:
    """Firms with their survey; every fifth is on the tax list, every second of those within its band."""
    from core.bulk import read_columns, write_columns
    from enterprises.models import AnnualFigure, Enterprise
    from tests import factories

    make_firms(count, regions)
    firms = read_columns(Enterprise.objects.all(), "id", "uscc").by_code("uscc").columns["id"].values[::5]
    number = np.arange(firms.size)
    within = 50_000 + number * 53 % 150_000
    write_columns(
        AnnualFigure,
        {
            "enterprise_id": firms,
            "year": 2021,
            "source": AnnualFigure.Source.TAX,
            "region_id": regions[0],
            "taxable_sales_wan": np.where(number % 2 == 0, within, 300_000),
            "batch_id": factories.batch("tax_list", CITY).pk,
        },
    )


def _forget() -> None:
    """An empty pool, and no screening whose facts are the same."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tier_change, pool_membership, pool_screening_firms, pool_screening CASCADE")


def _statement() -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_verdict")
        cursor.execute(STATEMENT.replace("%%", "%"))


def _by_the_row(sample: int, count: int, whole: Any, pairs: int) -> None:
    ratios, loops = [], []
    for _ in range(pairs):
        _forget()
        mine = seconds(whole) / count
        loops.append(seconds(lambda: _loop(sample)) / sample)
        ratios.append(loops[-1] / mine)
    print(
        f"{count} firms screened, ORM loop ({1000 * statistics.median(loops):.2f} ms a firm, of {sample} firms): "
        f"peer ÷ ours {statistics.median(ratios):.0f} (median of {pairs} pairs)"
    )


def _loop(sample: int) -> None:
    """Firm by firm: ask for its figures, decide, keep the place and its entry in the history."""
    from django.db import transaction
    from django.utils import timezone

    from core.models import PolicyEdition, User
    from cultivation.models import PoolMembership, TierChange
    from enterprises.models import AnnualFigure, DelistedEntry, Enterprise

    system, edition, now = User.objects.system(), PolicyEdition.objects.get(name=POLICY.stem), timezone.now()
    with transaction.atomic():
        for firm in Enterprise.objects.order_by("uscc")[:sample]:
            figures = AnnualFigure.objects.filter(enterprise=firm, year=2021)
            tax, survey = figures.filter(source="tax").first(), figures.filter(source="survey").first()
            left = DelistedEntry.objects.filter(enterprise=firm, year__gte=2019).exists()
            in_band = tax is not None and 50_000 <= (tax.taxable_sales_wan or 0) <= 200_000
            if (in_band or left) and not firm.above_scale:
                told = {"named_by": "tax_list", "survey": survey and survey.taxable_sales_wan}
                member = PoolMembership.objects.create(
                    programme="loop",
                    pool="scale_up",
                    enterprise=firm,
                    tier="培育",
                    reasons=told,
                    edition=edition,
                    since=now.date(),
                    admitted_by=system,
                    updated_at=now,
                )
                TierChange.objects.create(
                    membership=member, kind="admitted", at=now, actor=system, by_rule=True, edition=edition
                )
        transaction.set_rollback(True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
