"""省—市—县—乡镇 in one document: every level has its target, and what is added up counts nobody twice."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.models import Role, User
from core.periods import Month
from core.policies import read_document
from core.policies.cases import read_cases, work_cases
from core.services.policies import load_edition
from cultivation.models import PoolMembership
from cultivation.services.months import close_month, month_table
from cultivation.services.pool_screening import screen_pool
from tests import factories

PROGRAMME = "qingjiang-2025"
#: two pools, lines of 1000万元 and 5000万元, own tiers, a quota of 1.5
TEXT = """schema: 1
id: qingjiang-2025
title: 清江省中小工业企业登高培育计划（2025—2027年）
locality: "960000"
issuer: 清江省工业和信息化厅
number: 清工信〔2025〕8号
issued_on: 2025-03-10
in_force: {from: 2025-04-01, until: 2027-12-31}
source: {document: 清江省中小工业企业登高培育计划}
regions:
  clause: 附件1
  tree:
    - {code: "960000", name: 清江省, kind: province}
    - {code: "960100", name: 江州市, kind: city}
    - {code: "960200", name: 云溪市, kind: city}
    - {code: "960121", name: 石桥县, kind: county, parent: "960100"}
    - {code: "9601GX", name: 江州高新区, kind: zone, parent: "960100", aliases: [高新区]}
    - {code: "960121001", name: 城关镇, kind: township, parent: "960121"}
    - {code: "960121002", name: 渡口镇, kind: township, parent: "960121"}
targets:
  clause: 附件1
  counting: {entry_year: approval_library, schedule: even_by_month, basis: gross, clause: 二}
  tables:
    - metric: newly_listed
      unit: 家
      wording: 三年新增规模以上工业企业345家以上
      years: [2025, 2026, 2027]
      rows: {江州市: [60, 70, 80], 云溪市: [40, 45, 50]}
      stated_total: [100, 115, 130]
    - metric: newly_listed
      of: 江州市
      unit: 家
      years: [2025]
      rows: {石桥县: [35], 江州高新区: [25]}
      stated_total: [60]
    - metric: newly_listed
      of: 石桥县
      unit: 家
      years: [2025]
      rows: {城关镇: [20], 渡口镇: [15]}
      stated_total: [35]
pool:
  clause: 三
  region_groups: [{name: 高新区, regions: [江州高新区]}]
  pools:
    - kind: scale_up
      title: 登高库
      year: 2025
      line: {standard: 2000, amount: 1000, by_group: {高新区: 1200}, wording: 主营业务收入1000万元以上、不足2000万元}
      sources:
        - {code: revenue, label: 上年主营业务收入, when: "main_revenue[2024] >= line and main_revenue[2024] < standard"}
      requires: [{code: below_scale, label: 规下企业, when: not above_scale}]
      tiers:
        list:
          - {name: 冲刺层, when: "main_revenue[2024] >= 1600万元"}
          - {name: 种子层, when: "main_revenue[2024] < 1600万元"}
      quota: {ratio: 1.5, of: newly_listed, rounding: up_each}
    - kind: leading
      title: 骨干库
      year: 2025
      sources: [{code: big, label: 主营业务收入, when: "main_revenue[2024] >= 5000万元", wording: 主营业务收入5000万元以上}]
      requires: [{code: above, label: 规上企业, when: above_scale}]
"""


@pytest.fixture
def province(db):
    return load_edition(text=TEXT, actor=User.objects.system()).edition


def case(given: str) -> dict:
    document, faults = read_document(TEXT)
    assert not faults
    cases, faults = read_cases(f"policy: {PROGRAMME}\ncases:\n  - {given}\n", document)
    assert not faults
    (result,) = work_cases(document, cases)
    return result.got


def test_sums_count_a_county_within_its_city_and_a_town_within_its_county():
    told = case("{name: 一, part: targets}")["yearly"]["newly_listed"]
    assert (told["2025"]["sum"], told["2026"]["sum"]) == (100, 115)
    assert told["2025"]["rows"]["城关镇"] == 20


def test_the_number_asked_for_is_that_of_the_cities_alone():
    quota = case("{name: 一, part: pool, given: {pool: scale_up, firms: {甲: {above_scale: false}}}}")[
        "quota"
    ]
    assert (quota["whole"], quota["each"]["江州市"], quota["each"]["石桥县"]) == (150, 90, 53)


def test_the_table_stands_by_levels_and_its_sum_is_the_provinces(province, client):
    staff = factories.user(Role.BUREAU_STAFF, "960000")
    client.force_login(staff)
    (table,) = client.get(reverse("cultivation:targets")).context["page"].tables
    assert [(row.label, row.place) for row in table.rows] == [
        ("江州市", 1), ("　石桥县", None), ("　　城关镇", None), ("　　渡口镇", None), ("　江州高新区", None), ("云溪市", 2),
    ]  # fmt: skip
    assert (table.sums, table.total) == ([100, 115, 130], 345)
    client.force_login(factories.user(Role.DISTRICT_OFFICER, "960121"))
    (own,) = client.get(reverse("cultivation:targets")).context["page"].tables
    assert ([row.label for row in own.rows], own.sums) == (["石桥县", "　城关镇", "　渡口镇"], [35])


def test_firms_of_towns_count_to_their_city_and_lines_differ_by_group(province):
    staff = factories.user(Role.BUREAU_STAFF, "960000")
    firms = {}
    for name, code, revenue in (
        ("镇", "960121001", "1000"), ("县", "960121", "999.99"), ("高新够", "9601GX", "1200"),
        ("高新差", "9601GX", "1199.99"), ("大", "960200", "5000"), ("不够大", "960200", "4999.99"),
    ):  # fmt: skip
        firms[name] = factories.enterprise(f"{name}厂", code)
        factories.annual_figure(firms[name], 2024, main_revenue_wan=revenue)
    for name in ("大", "不够大"):
        factories.scale_event(firms[name], "listed", "2025-02")
    screen_pool(programme=PROGRAMME, actor=staff)
    members = PoolMembership.objects.current().order_by("pk").values_list("pool", "enterprise__name", "tier")
    assert set(members) == {
        ("scale_up", "镇厂", "种子层"),
        ("scale_up", "高新够厂", "种子层"),
        ("leading", "大厂", ""),
    }
    factories.scale_event(firms["镇"], "listed", "2025-04")
    issue = close_month(programme=PROGRAMME, month=Month(2025, 5), actor=staff)
    lines = {line.region.name: line for line in issue.lines.select_related("region", "issue")}
    assert {name: (line.newly_listed_ytd, line.target) for name, line in lines.items()} == {
        "江州市": (1, 60),
        "云溪市": (2, 40),
    }
    assert month_table(issue=issue, user=staff).total.newly_listed_ytd == 3
