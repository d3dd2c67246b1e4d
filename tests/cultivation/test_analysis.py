"""一月一分析: findings with their evidence, drafted words, edited by a person, frozen on issue."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pytest
from django.urls import reverse

from core.conditions import Column
from core.models import AuditEntry
from core.periods import Month
from cultivation.models import MonthAnalysis
from cultivation.rules.findings import (
    FINDING_SELECTIONS,
    KINDS,
    FindingFacts,
    FindingLines,
    contributions,
    counts_of,
    findings_of,
)
from cultivation.services.analysis import analysis_text, edit_analysis
from cultivation.services.analysis_figures import analysis_figures
from cultivation.services.months import MonthRefused, close_month, issue_month
from tests import factories
from tests.cultivation.conftest import PROGRAMME

JUNE = Month(2022, 6)
LINES = FindingLines(Decimal(20), Decimal(2), Decimal(20), 2000_00)


def column(*values):
    return Column(
        np.array([value or 0 for value in values], np.int64),
        np.array([value is not None for value in values]),
    )


def told(lines=LINES, **given):
    """The kinds that one firm is told by; what is not given is not known."""
    facts = {
        name: column(given.get(name))
        for name in ("revenue", "revenue_base", "power", "power_base", "silent_months", "expected")
    }
    flags = {name: np.array([given.get(name, name == "due")]) for name in ("above", "due")}
    found = findings_of(FindingFacts(line=np.array([0], np.int64), **flags, **facts), lines)
    return [kind for kind, count in counts_of(found, [0]).items() if count]


@pytest.mark.parametrize(
    ("now", "before", "is_told"),
    [
        (80_00, 100_00, True),
        (80_01, 100_00, False),
        (0, 1, True),
        (0, 0, False),
        (-5, -9, False),
        (5, None, False),
    ],
)
def test_a_fall_of_twenty_per_cent_and_more_is_told(now, before, is_told):
    assert ("fall" in told(revenue=now, revenue_base=before)) == is_told


@pytest.mark.parametrize(
    ("months", "due", "is_told"), [(2, True, True), (1, True, False), (5, False, False), (None, True, False)]
)
def test_two_silent_months_of_a_firm_that_is_asked_are_told(months, due, is_told):
    assert ("silent" in told(silent_months=months, due=due)) == is_told


def test_power_that_falls_while_sales_rise_is_told():
    assert told(revenue=110, revenue_base=100, power=90, power_base=100) == ["power_gap"]
    assert told(revenue=110, revenue_base=100, power=91, power_base=100) == []
    assert told(revenue=110, revenue_base=100, power=90) == []


def test_a_forecast_that_crosses_the_standard_and_one_that_misses_it_are_told():
    assert told(expected=2000_00) == ["crossing"]
    assert told(expected=1999_99) == []
    assert told(expected=1999_99, above=True) == ["missing"]
    assert told(expected=2000_00, above=True) == []
    assert told(above=True) == []


def test_what_no_document_prints_and_nobody_set_is_not_told():
    nothing = FindingLines(None, None, None, None)
    assert told(nothing, revenue=1, revenue_base=100, silent_months=9, expected=1, above=True) == []


def test_the_contributions_add_up_to_the_whole_rate():
    parts = contributions({"启东": (120_00, 100_00), "海安": (70_00, 100_00)})
    assert parts == {"启东": Decimal("0.1"), "海安": Decimal("-0.15")}
    assert contributions({"启东": (1, 0)}) == {"启东": None}


# ---------------------------------------------------------------- on rows


@pytest.fixture
def city(edition):
    fallen = factories.enterprise("启东试验甲厂", "320681")
    silent = factories.enterprise("启东试验乙厂", "320681")
    haian = factories.enterprise("海安试验丁厂", "320685")
    for firm, month, revenue in (
        (fallen, "2021-06", "200"), (fallen, "2022-06", "120"), (silent, "2022-04", "10"),
        (haian, "2021-06", "100"), (haian, "2022-06", "150"),
    ):  # fmt: skip
        factories.monthly_figure(firm, month, revenue)
    return {"fallen": fallen, "silent": silent, "haian": haian}


@pytest.fixture
def issue(city, staff):
    return close_month(programme=PROGRAMME, month=JUNE, actor=staff)


def url(name, *more):
    return reverse(f"cultivation:{name}", args=[PROGRAMME, JUNE, *more])


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


@pytest.mark.django_db
def test_every_finding_opens_exactly_its_firms_with_their_evidence(client, issue, staff):
    client.force_login(staff)
    figures = analysis_figures(issue, staff)
    assert {one.kind: one.total for one in figures.findings} == {
        "fall": 1, "silent": 1, "power_gap": 0, "crossing": 0, "missing": 0,
    }  # fmt: skip
    for found in figures.findings:
        assert len(client.get(url("analysis_rows", found.kind)).context["listed"]) == found.total
        for region, number in found.by_region:
            page = client.get(url("analysis_rows", found.kind) + f"?region={region.pk}")
            assert len(page.context["listed"]) == number
    page = text_of(client.get(url("analysis_rows", "fall")))
    assert "启东试验甲厂" in page
    assert "−40.0" in page
    assert set(FINDING_SELECTIONS) == set(KINDS)
    assert client.get(url("analysis_rows", "rumour")).status_code == 404


@pytest.mark.django_db
def test_the_page_names_each_threshold_and_whose_it_is(client, issue, staff):
    client.force_login(staff)
    page = text_of(client.get(url("analysis")))
    assert "营业收入同比降幅20%及以上（文件没有规定，按本系统的约定）" in page
    # 启东 −80 and 海安 +50 of 300
    for number in ("−26.7", "+16.7", "−10.0"):
        assert number in page


@pytest.mark.django_db
def test_the_drafted_words_say_the_numbers_of_the_page(issue, staff):
    text = analysis_text(analysis_figures(issue, staff)).text
    assert "2022年6月，应报企业3家，已报2家（其中零报告0家），报送率66.7%，未报1家。" in text
    assert "营业收入270.00万元，同比下降10.0%" in text
    assert "实缴税金0.00万元，同比不可比" in text
    assert "海安市（+16.7个百分点）" in text
    assert "<" not in text


@pytest.mark.django_db
def test_a_person_edits_the_words_and_issue_freezes_them(client, issue, staff, leader):
    client.force_login(staff)
    sent = {"text": "一、总体情况\r\n\r\n本月平稳。", "digest": issue.inputs_digest}
    assert "分析已保存" in text_of(client.post(url("analysis_edit"), sent, follow=True))
    assert MonthAnalysis.objects.get().text == "一、总体情况\n本月平稳。"
    assert AuditEntry.objects.filter(act="edit_analysis", actor=staff).count() == 1
    issue_month(issue=issue, actor=leader)
    page = text_of(client.post(url("analysis_edit"), sent | {"text": "改"}, follow=True))
    assert "已经印发，分析随之冻结" in page
    assert "本月平稳。" in page


@pytest.mark.django_db
def test_words_that_nobody_edited_are_frozen_as_drafted(issue, staff, leader, city):
    drafted = analysis_text(analysis_figures(issue, staff)).text
    issue_month(issue=issue, actor=leader)
    assert MonthAnalysis.objects.get(issue=issue).text == drafted


@pytest.mark.django_db
def test_words_older_than_the_numbers_say_so_and_empty_ones_are_drafted_anew(issue, city, staff):
    edit_analysis(issue=issue, text="本月平稳。", actor=staff)
    factories.monthly_figure(city["silent"], "2022-06", "7")
    newer = close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    with pytest.raises(MonthRefused, match="统计已经更新"):
        edit_analysis(issue=issue, text="仍旧。", actor=staff)
    shown = analysis_text(analysis_figures(newer, staff))
    assert (shown.text, shown.is_stale) == ("本月平稳。", True)
    edit_analysis(issue=newer, text=" ", actor=staff)
    assert "未报0家" in analysis_text(analysis_figures(newer, staff)).text


@pytest.mark.django_db
def test_a_district_sees_its_findings_and_none_of_the_citys_words(client, issue):
    client.force_login(factories.user("district_officer", "320681"))
    page = text_of(client.get(url("analysis")))
    assert "海安" not in page
    assert "分析文字" not in page
    assert "−26.7" not in page
    assert client.post(url("analysis_edit"), {"text": "x"}).status_code == 403
