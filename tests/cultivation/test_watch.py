"""The daily lists: who stands on which, what is noted, and the pages of it. Figures in 万元."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import AuditEntry, Region, User
from core.periods import Month
from core.services.policies import load_edition
from cultivation.models import PoolJudgement, WatchEntry
from cultivation.services.pool_judgements import judge_firm, kept_out_of_help
from cultivation.services.pools import PoolRefused
from cultivation.services.watch import note_entry, refresh_watch, risk_list
from enterprises.models import Enterprise
from tests import factories
from tests.cultivation.conftest import POLICY

RISK = POLICY.parents[1] / "pingdingshan/pingdingshan-2022.yaml"


@pytest.fixture
def city(edition, time_machine) -> Region:
    time_machine.move_to("2022-07-08 10:00+08:00", tick=False)
    return edition.locality


@pytest.fixture
def risk_city(db, time_machine) -> Region:
    """平顶山: its document has a pool of firms that may fall out."""
    time_machine.move_to("2022-07-08 10:00+08:00", tick=False)
    return load_edition(text=RISK.read_text(encoding="utf-8"), actor=User.objects.system()).edition.locality


def firm(
    name: str, *figures: tuple[str, str], above: bool = False, region: str = "320681", **annual: str
) -> Enterprise:
    made = factories.enterprise(f"启东试验{name}厂", region)
    for month, revenue in figures:
        factories.monthly_figure(made, month, revenue, "1")
    if annual:
        factories.annual_figure(made, 2021, **annual)
    if above:
        factories.scale_event(made, "in_directory", month="2020-01")
    return made


def half_year(revenue: str, year: int = 2022) -> list[tuple[str, str]]:
    return [(f"{year}-{month:02d}", revenue) for month in range(1, 7)]


def standing(kind: str) -> set[str]:
    rows = WatchEntry.objects.current().filter(kind=kind).values_list("enterprise__name", flat=True)
    return {name.removeprefix("启东试验").removesuffix("厂") for name in rows}


def test_annual_revenue_of_2000_and_below_scale_is_on_the_list(city):
    """S1-27, S4-05: list: annual revenue ≥ 2000万 and status 规下."""
    firm("正好", main_revenue_wan="2000")
    firm("差一分", main_revenue_wan="1999.99")
    firm("已在规上", main_revenue_wan="5000", above=True)
    firm("今年已过", *half_year("400"))
    refresh_watch(region=city, actor=User.objects.system(), year=2022)
    assert standing("eligible") == {"正好", "今年已过"}
    entry = WatchEntry.objects.get(enterprise__name__contains="今年已过")
    assert (entry.signals, entry.ytd_wan) == (["ytd"], 240_000)


def test_forecast_year_revenue_of_2000_appears_in_the_list_and_links_to_its_problems(city, staff, client):
    """S0-18: forecast year revenue ≥ 2000万 appears in the list and links to its problems."""
    near = firm("有望", *half_year("170"))
    firm("无望", *half_year("100"))
    refresh_watch(region=city, actor=User.objects.system())
    assert standing("near") == {"有望"}
    entry = WatchEntry.objects.get(kind="near")
    assert (entry.expected_wan, entry.crossing) == (204_000, 12)
    note_entry(
        entry=entry,
        code="production",
        person="张三",
        note="缺电",
        on=date(2022, 7, 8),
        next_on=None,
        actor=staff,
    )
    client.force_login(staff)
    page = client.get(reverse("cultivation:watch", args=["near"])).content.decode()
    assert "有望" in page and "生产保障问题" in page and "无望" not in page
    record = client.get(reverse("cultivation:firm_record", args=[near.pk])).content.decode()
    assert "缺电" in record and 'data-line="2000"' in record, "the line on the chart comes from the policy"


def test_a_rule_makes_a_warning_that_goes_to_a_named_person_and_is_answered(risk_city, client):
    """S1-28: rule → warning → recipient → response. S4-07: risk signals, pool type 退规风险."""
    falling = firm("下滑", *half_year("300", 2021), *half_year("100"), above=True, region="410482")
    firm("平稳", *half_year("300", 2021), *half_year("300"), above=True, region="410482")
    refresh_watch(region=risk_city, actor=User.objects.system())
    assert standing("risk") == {"下滑"}
    entry = WatchEntry.objects.get(kind="risk")
    assert entry.signals == ["forecast_below", "sales_fall"]
    officer = factories.user("district_officer", "410482")
    client.force_login(officer)
    assert "待答复" in client.get(reverse("cultivation:watch", args=["risk"])).content.decode()
    sent = {
        "act": f"note-{entry.pk}",
        "code": "seasonal",
        "person": "李四",
        "on": "2022-07-08",
        "note": "下半年有订单",
    }
    client.post(reverse("cultivation:firm_record", args=[falling.pk]), sent)
    page = client.get(reverse("cultivation:watch", args=["risk"])).content.decode()
    assert "李四" in page and "季节性波动" in page and "待答复" not in page
    assert AuditEntry.objects.filter(act="note_watch_entry").count() == 1


def test_a_rule_of_rolling_months_is_judged_at_the_month_of_the_list(risk_city):
    """近三个月 of a list drawn at June are April to June of this year, not the end of the last."""
    text = RISK.read_text(encoding="utf-8").replace("      least: 2\n", "", 1)
    rolling = text.replace(
        "silent_months[year] >= 2个月", "sum(monthly_revenue[month-2 to month]) < 400万元", 1
    ).replace("连续两个月未报", "近三个月不到400万元", 1)
    load_edition(text=rolling, actor=User.objects.system())
    spring = [(f"2022-{month:02d}", "1000") for month in (1, 2, 3)]
    summer = [(f"2022-{month:02d}", "100") for month in (4, 5, 6)]
    last = [(f"2021-{month:02d}", "300") for month in range(1, 13)]
    weak = firm("转弱", *last, *spring, *summer, above=True, region="410482")
    firm("回升", *half_year("100", 2021), *half_year("300"), above=True, region="410482")
    refresh_watch(region=risk_city, actor=User.objects.system())
    assert standing("risk") == {"转弱"}
    assert WatchEntry.objects.get(kind="risk").signals == ["silent"]
    at_march = risk_list(risk_city, np.array([weak.pk]), Month(2022, 3))
    assert not at_march.rows.any(), "a list of March knows nothing of the summer"


def test_firms_of_three_years_since_entry_with_their_tax_before_and_after(city):
    """S1-36: list by years since entry; recommendation mark. S4-11: tax of the year before and after, difference."""
    entrant, old = firm("新升规"), firm("老规上")
    for year, revenue, tax in ((2020, "150", "3"), (2021, "200", "5")):
        for month in range(1, 13):
            factories.monthly_figure(entrant, f"{year}-{month:02d}", revenue, tax)
    factories.monthly_figure(entrant, "2022-01", "200", "5")
    factories.scale_event(entrant, "listed", month="2021-02")
    factories.scale_event(old, "listed", month="2019-02")
    refresh_watch(region=city, actor=User.objects.system())
    assert standing("entrant") == {"新升规"}
    entry = WatchEntry.objects.get(kind="entrant")
    assert (entry.entry_year, entry.tax_before_wan, entry.tax_after_wan) == (2021, 3_600, 6_000)
    assert (entry.sales_before_wan, entry.sales_after_wan) == (180_000, 240_000)
    kept = note_entry(
        entry=entry, code="recommend_specialised", person="王五", note="", on=date(2022, 7, 1), next_on=None,
        actor=User.objects.system(),
    )  # fmt: skip
    assert kept.code == "recommend_specialised"


def test_the_same_facts_change_nothing_and_who_no_longer_belongs_leaves(city):
    made = firm("正好", main_revenue_wan="2000")
    first = (
        refresh_watch(region=city, actor=User.objects.system(), year=2022)
        if factories.monthly_figure(made, "2022-01", "10")
        else {}
    )
    again = refresh_watch(region=city, actor=User.objects.system())
    assert (first["eligible_new"], again["eligible"], again["eligible_new"], again["eligible_gone"]) == (
        1,
        1,
        0,
        0,
    )
    factories.scale_event(made, "listed", month="2022-06")
    last = refresh_watch(region=city, actor=User.objects.system())
    assert (last["eligible"], last["eligible_gone"]) == (0, 1)
    assert WatchEntry.objects.get(kind="eligible").until == date(2022, 7, 8), "rows end, they are not deleted"


def test_a_note_needs_what_the_law_of_common_sense_asks(city):
    firm("正好", ("2022-01", "10"), main_revenue_wan="2000")
    refresh_watch(region=city, actor=User.objects.system())
    entry = WatchEntry.objects.get()
    good = {"code": "unwilling", "person": "张三", "note": "", "on": date(2022, 7, 8), "next_on": None}
    for wrong, told in (
        ({"code": "production"}, "请选择情况"),
        ({"person": " "}, "请写明办理人"),
        ({"code": "other"}, "选“其他”的"),
        ({"on": date(2022, 7, 9)}, "不能晚于今天"),
        ({"next_on": date(2022, 7, 1)}, "不能早于本次"),
    ):
        with pytest.raises(PoolRefused, match=told):
            note_entry(entry=entry, actor=User.objects.system(), **{**good, **wrong})


def test_a_flag_keeps_the_firm_out_of_help_but_in_statistics(city, staff):
    """S4-08: flag keeps the firm out of 一企一策 but in statistics."""
    flagged = firm("过剩", ("2022-01", "10"), main_revenue_wan="2500")
    day = date(2022, 7, 1)
    words = {"potential": "low", "confidence": "", "note": "产能严重过剩", "judged_on": day}
    judge_firm(firm=flagged, exclusion="overcapacity", actor=staff, **words)
    assert [one.enterprise_id for one in kept_out_of_help()] == [flagged.pk]
    refresh_watch(region=city, actor=User.objects.system())
    assert standing("eligible") == {"过剩"}, "flagged, and counted all the same"
    judge_firm(firm=flagged, exclusion="", actor=staff, **{**words, "judged_on": date(2022, 7, 8)})
    assert list(kept_out_of_help()) == []
    assert PoolJudgement.objects.count() == 2, "with its date, never overwritten"


def test_a_city_whose_document_names_no_risk_lists_none_and_says_so(city, staff, client):
    client.force_login(staff)
    page = client.get(reverse("cultivation:watch", args=["risk"]))
    assert page.context["is_untold"] and "没有写明怎样算退规风险" in page.content.decode()


def test_pages_cost_the_same_for_one_firm_and_for_many(city, staff, client):
    client.force_login(staff)

    def questions() -> int:
        refresh_watch(region=city, actor=User.objects.system())
        with CaptureQueriesContext(connection) as asked:
            page = client.get(reverse("cultivation:watch", args=["eligible"]))
        assert page.status_code == 200
        return len(asked)

    firm("第一", ("2022-01", "10"), main_revenue_wan="2500")
    for_one = questions()
    for number in range(5):
        firm(f"另{number}", ("2022-01", "10"), main_revenue_wan="2500")
    assert questions() == for_one <= 26, "the page's own and those of the frame"
    book = client.get(reverse("cultivation:watch_export", args=["eligible"]))
    assert book.content[:2] == b"PK"
    assert AuditEntry.objects.filter(act="export_watch", counts__rows=6).exists()
