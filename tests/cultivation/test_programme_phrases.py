"""What the province asks of every programme: net goals, a band of the year, a policy without an end."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from core.models import PolicyEdition, Role, User
from core.periods import Month
from core.policies import read_document
from core.policies.cases import read_cases, work_cases
from core.services.editions import set_yearly
from core.services.policies import load_edition
from cultivation.models import PoolMembership, RegionMonth, Target
from cultivation.services.months import close_month
from cultivation.services.pool_screening import screen_pool
from tests import factories
from tests.cultivation.conftest import POLICY

PROGRAMME = "hunan-2022"
TEXT = (POLICY.parents[1] / "hunan/hunan-2022.yaml").read_text(encoding="utf-8")


@pytest.fixture
def province(db) -> PolicyEdition:
    return load_edition(text=TEXT, actor=User.objects.system()).edition


def test_net_added_is_newly_listed_less_delisted_and_a_number_of_its_own(province, client):
    """S4-01: 净增 = 新增 − 退出 and is separate from 新增; ≥1000 a year, total ≥25 000 by 2025."""
    firms = [factories.enterprise(f"长沙试验{n}厂", "430100") for n in range(4)]
    for firm in firms[:3]:
        factories.scale_event(firm, "listed", "2022-02")
    factories.scale_event(firms[3], "in_directory", "2021-12")
    factories.scale_event(firms[3], "delisted", "2022-05")
    staff = factories.user(Role.BUREAU_STAFF, "430000")
    issue = close_month(programme=PROGRAMME, month=Month(2022, 6), actor=staff)
    line = RegionMonth.objects.select_related("issue").get(issue=issue, region="430100")
    assert (line.newly_listed_ytd, line.delisted_ytd, line.net_added_ytd) == (3, 1, 2)
    assert issue.basis == "net"
    client.force_login(staff)
    page = client.get(reverse("cultivation:month", args=[PROGRAMME, Month(2022, 6)])).content.decode()
    assert "累计新增" in page and "累计净增" in page
    goals = Target.objects.of_programme(PROGRAMME).filter(region="430000")
    assert sorted(goals.values_list("metric", "year", "value")) == [
        *[("net_added", year, 1000) for year in range(2021, 2026)],
        ("total", 2025, 25000),
    ]


def test_the_band_is_a_parameter_of_the_year_and_includes_its_low_end(province):
    """S4-03: range parameter per year; bounds inclusive low."""
    staff = factories.user(Role.BUREAU_STAFF, "430000")
    for year in (2021, 2022):
        for sales in ("999.99", "1000", "1199.99", "1200", "1999.99", "2000"):
            firm = factories.enterprise(f"{year}年{sales}厂", "430100")
            factories.annual_figure(firm, year, revenue_wan=sales)

    def inside(tier: str) -> list[str]:
        screen_pool(programme=PROGRAMME, actor=staff)
        members = PoolMembership.objects.current().filter(pool="scale_up", tier=tier)
        names = members.order_by("enterprise__pk").values_list("enterprise__name", flat=True)
        return [name.removesuffix("厂") for name in names]

    assert inside("重点培育") == ["2021年1000", "2021年1199.99", "2021年1200", "2021年1999.99"]
    pool = "pool.pools[1]"
    changed = {f"{pool}.year": "2023", f"{pool}.parameters.low.value": "1200万元"}
    draft = set_yearly(edition=province, values=changed, actor=staff)
    load_edition(text=draft.text, actor=User.objects.system())
    assert inside("重点培育") == ["2022年1200", "2022年1999.99"]


def test_a_policy_without_an_end_is_in_force_for_ever(province, client):
    """S4-21: rules may have open end."""
    document, _ = read_document(TEXT)
    assert (document.in_force.first, document.in_force.until) == (date(2022, 1, 12), None)
    client.force_login(factories.user(Role.BUREAU_LEADER, "430000"))
    page = client.get(reverse("core:policy", args=[province.pk])).content.decode()
    assert "长期（没有截止日）" in page
    rule = "      occasion: {event: application}\n"
    for until, state in (("null", "due"), ("2030-12-31", "refused")):
        ends = f"{rule}      in_force: {{from: 2022-01-12, until: {until}}}\n"
        assert worked(TEXT.replace(rule, ends), 2035) == state


def worked(text: str, year: int) -> str:
    """What becomes of an application of that year to the rule of 财政资金倾斜."""
    document, faults = read_document(text)
    assert not faults
    cases, faults = read_cases(
        f"policy: {PROGRAMME}\ncases:\n  - {{name: 一, part: awards, "
        f"given: {{year: {year}, rule: fund-preference, facts: {{in_pool: true}}}}, expect: {{}}}}\n",
        document,
    )
    assert not faults
    (result,) = work_cases(document, cases)
    return result.got["state"]
