"""Sharing out and re-issuing targets: sums both ways, history, and that a moved firm counts exactly once."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db.models import F
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models import Region, User
from core.periods import Month
from core.services.policies import load_edition
from cultivation.models import Target, TargetChange
from cultivation.rules.months import month_statistics
from cultivation.services.month_facts import read_month
from cultivation.services.target_edit import TargetRefused, breakdown, may_set, reissue_targets
from cultivation.services.target_pages import target_page
from enterprises.models import RegionSpell
from tests import factories
from tests.cultivation.conftest import POLICY, PROGRAMME

PRINTED = {
    "320685": 130, "320682": 140, "320623": 140, "320681": 150, "320613": 50,
    "320612": 140, "320614": 140, "320671": 60, "3206SX": 25, "3206TW": 25,
}  # fmt: skip


def set_targets(edition, actor, reason="年中调整", whole=None, **figures) -> int:
    where = Region.objects.get(pk=whole) if whole else edition.locality
    given = {code.removeprefix("r"): number for code, number in figures.items()}
    return reissue_targets(
        edition=edition,
        whole=where,
        metric="newly_listed",
        year=2022,
        figures=given,
        reason=reason,
        actor=actor,
    )


def stored(region: str) -> int:
    return Target.objects.get(
        programme=PROGRAMME, region=region, year=2022, until_year=2022, metric="newly_listed"
    ).value


def test_3000_is_shown_and_equals_the_sum_of_the_years(edition):
    """S0-02: 3000 shown and equals the sum of the years. S0-03: output of new entrants against 1000 亿."""
    rows = Target.objects.of_programme(PROGRAMME).filter(region=edition.locality_id)
    whole = rows.get(metric="newly_listed", year=2022, until_year=2024)
    years = rows.filter(metric="newly_listed", until_year=F("year"))
    assert whole.value == 3000 == sum(year.value for year in years)
    output = rows.get(metric="output_of_new")
    assert (output.amount, output.unit) == (1000, "亿元")


def test_the_calculator_shows_both_inputs_and_its_result_can_be_edited(edition, staff, client):
    """S1-22: calculator with both inputs; result editable."""
    for _ in range(3):
        factories.scale_event(factories.enterprise(region="320681"), "in_directory", month="2020-01")
    factories.scale_event(factories.enterprise(region="320685"), "listed", month="2021-05")
    page = breakdown(
        edition=edition,
        whole=edition.locality,
        metric="newly_listed",
        year=2022,
        total=100,
        weight=Fraction(1, 2),
    )
    found = {share.region.name: (share.above_scale, share.added, share.suggested) for share in page.shares}
    # 启东 100×(½×¾)=37.5, 海安 100×(½×¼+½×1)=62.5: of equal remainders the earlier region gets the firm
    assert found["启东市"] == (3, 0, 37)
    assert found["海安市"] == (1, 1, 63)
    client.force_login(staff)
    shown = client.get(reverse("cultivation:target_breakdown", args=[PROGRAMME]), {"total": "100"})
    assert 'name="target-320681"' in shown.content.decode()


def test_a_reissue_must_add_up_and_keeps_its_history(edition, staff):
    assert set_targets(edition, staff, r320681=140, r320682=150) == 2
    assert (stored("320681"), stored("320682")) == (140, 150)
    changes = TargetChange.objects.filter(way="by_hand").order_by("region__order")
    told = {
        change.region_id: (change.before, change.after, change.reason, change.actor) for change in changes
    }
    assert told == {"320682": (140, 150, "年中调整", staff), "320681": (150, 140, "年中调整", staff)}
    table = target_page(edition=edition, user=staff).tables[0]
    adjusted = [row.region.pk for row in table.rows for target in row.values if target and target.is_adjusted]
    assert sorted(adjusted) == ["320681", "320682"], (
        "the table says which figures the document does not print"
    )
    with pytest.raises(TargetRefused, match=r"南通市目标 1000 家，下一级各项相加为 1010（多 10），请调整后"):
        set_targets(edition, staff, r320681=150)
    assert set_targets(edition, staff, r320681=140) == 0, "the same figures are no re-issue"


def test_a_district_shares_out_its_own_and_the_city_must_respect_it(edition, staff):
    """S4-18: both kinds of targets at 3 levels, roll-up."""
    for code in ("320681101", "320681102"):
        Region.objects.create(
            code=code,
            name=f"镇{code[-1]}",
            short_name=code,
            kind="township",
            parent_id="320681",
            path=f"320600/320681/{code}/",
        )
    officer, foreign = factories.user("district_officer"), factories.user("district_officer", "320623")
    assert set_targets(edition, officer, whole="320681", r320681101=100, r320681102=50) == 2
    with pytest.raises(TargetRefused, match="少 10"):
        set_targets(edition, officer, whole="320681", r320681101=90)
    with pytest.raises(TargetRefused, match="不能调整这个地区"):
        set_targets(edition, foreign, whole="320681", r320681101=90)
    with pytest.raises(TargetRefused, match="不能调整这个地区"):
        set_targets(edition, officer, r320681=140, r320682=150)
    with pytest.raises(TargetRefused, match="启东市已分解到下一级共 150 家，与新目标 140 家不符"):
        set_targets(edition, staff, r320681=140, r320682=150)


def test_a_park_shares_out_by_its_own_document(edition):
    """The officer of 通州湾 stands to its own document as the bureau to the city's."""
    text = (POLICY.parents[1] / "tongzhouwan/tongzhouwan-2022.yaml").read_text(encoding="utf-8")
    park = load_edition(text=text, actor=User.objects.system()).edition
    assert may_set(factories.user("district_officer", "3206TW"), park, park.locality)
    assert not may_set(factories.user("district_leader", "3206TW"), park, park.locality)
    assert not may_set(factories.user("district_officer"), park, park.locality)


def test_a_total_typed_for_one_region_is_not_the_next_ones(edition, staff, client):
    client.force_login(staff)
    url = reverse("cultivation:target_breakdown", args=["nantong-2022"])
    asked = {"metric": "newly_listed", "year": "2022", "total": "1040", "weight": "50"}
    city = client.get(url, asked | {"region": "320600", "of": "320600-newly_listed-2022"})
    county = client.get(url, asked | {"region": "320681", "of": "320600-newly_listed-2022"})
    assert (city.context["page"].total, county.context["page"].total) == (1040, 150)
    assert city.context["typed_sum"] == 1040, "the suggestion stands in the fields and adds to the total"


def test_bad_figures_are_told(edition, staff, client):
    for figures, told in (
        ({"r320681": -1}, "整数"),
        ({"r410482": 5}, "下一级各地区"),
        ({}, "下一级各地区"),
    ):
        with pytest.raises(TargetRefused, match=told):
            set_targets(edition, staff, **figures)
    with pytest.raises(TargetRefused, match="请写明调整的理由"):
        set_targets(edition, staff, reason=" ", r320681=140)
    client.force_login(staff)
    sent = {
        "region": "320600",
        "metric": "newly_listed",
        "year": "2022",
        "target-320681": "一百",
        "reason": "改",
    }
    page = client.post(reverse("cultivation:target_breakdown", args=[PROGRAMME]), sent)
    assert "目标应是不带小数的数字" in page.content.decode() and "一百" in page.content.decode()


# ---- a firm that moves district in July


def moved(firm, to: str, on: date) -> None:
    firm.region_spells.filter(until=None).update(until=on - timedelta(days=1))
    RegionSpell.objects.create(enterprise=firm, region_id=to, since=on, until=None)
    firm.region_id = to
    firm.save(update_fields=["region"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(st.tuples(st.sampled_from(list(PRINTED)), st.integers(1, 12)), min_size=1, max_size=4),
    entry=st.integers(1, 12),
    reports=st.sets(st.integers(1, 12), min_size=1),
)
def test_a_firm_that_moves_counts_exactly_once_and_districts_sum_to_the_city_in_every_month(
    edition, moves, entry, reports
):
    """Whenever it moves, is listed and reports: one region each month, and the city's numbers are the districts'."""
    made = factories.enterprise(region="320681")
    for code, month in sorted({month: code for code, month in moves}.items()):
        moved(made, month, date(2022, code, 15))

    def region_on(month: int) -> str:
        day = Month(2022, month).last_day
        spells = made.region_spells.order_by("since")
        return next(s.region_id for s in reversed(spells) if s.since is None or s.since <= day)

    for month in reports:
        factories.monthly_figure(made, Month(2022, month), "10", "1", region=region_on(month))
    factories.scale_event(made, "listed", month=Month(2022, entry), region=region_on(entry))
    for month in range(1, 13):
        read = read_month(edition, Month(2022, month))
        lines = month_statistics(read.facts).lines
        assert sum(line.firms for line in lines) == 1
        assert sum(line.newly_listed_ytd for line in lines) == int(month >= entry)
        assert sum(line.above_scale_total for line in lines) == int(month >= entry)
        assert sum(line.revenue_ytd_wan for line in lines) == 1000 * sum(m <= month for m in reports)
    for rows in (made.monthly_figures, made.scale_events, made.region_spells):
        rows.all().delete()
    made.delete()
