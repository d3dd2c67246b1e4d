"""Target rows follow the edition in force; the city's table is the 附件 (S0-02, S0-33, S0-34)."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.models import Region, Role, User
from core.periods import Month
from core.services.policies import load_edition
from cultivation.models import MonthlyIssue, Target, TargetChange
from cultivation.services.targets import save_targets, store_targets
from intake.models import Batch
from intake.services.batches import UndoRefused, undo_batch, undo_plan
from tests.cultivation.conftest import POLICY, PROGRAMME
from tests.factories import user

pytestmark = pytest.mark.django_db
ANNEX = {
    "海安市": 130, "如皋市": 140, "如东县": 140, "启东市": 150, "崇川区": 50,
    "通州区": 140, "海门区": 140, "开发区": 60, "苏锡通": 25, "通州湾": 25,
}  # fmt: skip


def yearly(year: int) -> dict[str, int]:
    rows = Target.objects.of_programme(PROGRAMME).yearly("newly_listed", year).select_related("region")
    return {row.region.name: row.value for row in rows.order_by("region__order")}


def test_putting_an_edition_in_force_stores_its_table(edition):
    for year in (2022, 2023, 2024):
        table = yearly(year)
        assert table.pop("南通市") == 1000
        assert table == ANNEX
        assert sum(table.values()) == 1000


def test_three_year_totals_are_rows_of_their_own(edition):
    spans = Target.objects.filter(year=2022, until_year=2024).order_by("metric")
    assert [(row.metric, str(row.amount), row.unit) for row in spans] == [
        ("newly_listed", "3000", "家"),
        ("output_of_new", "1000.00", "亿元"),
    ]


def test_storing_again_changes_nothing(edition):
    before = list(Target.objects.order_by("pk").values())
    store_targets(edition=edition, actor=User.objects.system())
    assert list(Target.objects.order_by("pk").values()) == before


def test_a_new_edition_replaces_figures_and_takes_away_what_it_no_longer_says(edition):
    text = POLICY.read_text(encoding="utf-8")
    text = text.replace("海安市: [130", "海安市: [131").replace("[1000, 1000", "[1001, 1000")
    head, _, _ = text.partition("  totals:")
    load_edition(text=head, actor=User.objects.system())
    assert yearly(2022)["海安市"] == 131
    assert not Target.objects.filter(until_year=2024, year=2022).exists()
    assert set(Target.objects.values_list("edition__number", flat=True)) == {2}


def target_list(tmp_path, rows) -> Path:
    book = xlsxwriter.Workbook(str(tmp_path / "目标任务.xlsx"))
    sheet = book.add_worksheet()
    for number, row in enumerate([("县区*", "年度*", "指标*", "目标*"), *rows]):
        sheet.write_row(number, 0, row)
    book.close()
    return tmp_path / "目标任务.xlsx"


def take_in(tmp_path, rows, region="320600", **options) -> tuple[int, dict]:
    out = StringIO()
    path = target_list(tmp_path, rows)
    try:
        call_command("import_sheet", "targets", str(path), region=region, stdout=out, **options)
        code = 0
    except (SystemExit, CommandError) as stop:
        code = getattr(stop, "returncode", getattr(stop, "code", 1))
    return code, json.loads(out.getvalue())


def test_a_list_re_issues_targets_and_stays_with_the_row(edition, tmp_path):
    rows = [("海安", 2022, "新增", 135), ("启东市", 2022, "新增规上工业企业", 150)]
    code, answer = take_in(tmp_path, rows)
    assert (code, answer["outcome"]) == (0, "accepted")
    haian = Target.objects.get(region="320685", year=2022, metric="newly_listed")
    assert (haian.value, haian.edition, haian.batch.sheet) == (135, None, "targets")
    qidong = Target.objects.get(region="320681", year=2022, metric="newly_listed")
    assert (qidong.value, qidong.edition) == (150, edition)  # said again, so the document stays its source


def test_half_a_firm_is_no_target(edition, tmp_path):
    code, answer = take_in(tmp_path, [("海安市", 2022, "新增", 13.5)])
    assert (code, answer["outcome"]) == (2, "rejected")
    assert [issue["code"] for issue in answer["issues"]] == ["TARGET_FRACTION"]


def test_output_is_kept_in_hundredths(edition, tmp_path):
    assert take_in(tmp_path, [("海安市", 2022, "新增产值", "12.5")])[0] == 0
    target = Target.objects.get(region="320685", metric="output_of_new")
    assert (str(target.amount), target.unit) == ("12.50", "亿元")


def test_a_region_without_a_programme_takes_no_targets(nantong, tmp_path):
    code, answer = take_in(tmp_path, [("海安市", 2022, "新增", 130)])
    assert (code, answer["issues"][0]["code"]) == (2, "NO_PROGRAMME")


def test_two_programmes_of_one_city_are_both_named(edition, tmp_path):
    text = POLICY.read_text(encoding="utf-8").replace(f"id: {PROGRAMME}", "id: nantong-extra")
    load_edition(text=text, actor=User.objects.system())
    code, answer = take_in(tmp_path, [("海安市", 2022, "新增", 130)])
    (issue,) = answer["issues"]
    assert (code, issue["code"]) == (2, "NO_PROGRAMME")
    assert "nantong-2022" in issue["message"] and "nantong-extra" in issue["message"]


def test_the_citys_own_sum_is_not_a_districts_row(edition, tmp_path):
    code, answer = take_in(tmp_path, [("南通市", 2022, "新增", 1000)])
    (issue,) = answer["issues"]
    assert (code, issue["code"]) == (2, "REGION_SCOPE")
    assert "应写到南通市的县区" in issue["message"]


def all_targets() -> list[dict]:
    return list(Target.objects.order_by("region", "year", "metric").values())


def sent_list(tmp_path, rows) -> Batch:
    code, answer = take_in(tmp_path, rows)
    assert code == 0, answer
    return Batch.objects.latest("pk")


def test_a_list_taken_back_gives_the_document_its_figures_again_with_history(edition, tmp_path):
    Target.objects.filter(region="320612", year=2022).delete()
    before, bureau = all_targets(), user(Role.BUREAU_STAFF, "320600")
    batch = sent_list(tmp_path, [("海安市", 2022, "新增", 135), ("通州区", 2022, "新增", 141)])
    plan = undo_plan(batch=batch, actor=bureau)
    assert (plan.removes, plan.restores, plan.obstacles) == (1, 1, [])
    undo_batch(batch=batch, actor=bureau)
    assert all_targets() == before
    told = TargetChange.objects.filter(reason=f"撤销批次 {batch}").order_by("region_id")
    assert [(c.region_id, c.before, c.after, c.actor) for c in told] == [
        ("320612", 141, None, bureau),
        ("320685", 135, 130, bureau),
    ]


def test_targets_adjusted_or_shared_out_since_are_not_taken_from_under_it(edition, tmp_path):
    bureau = user(Role.BUREAU_STAFF, "320600")
    first = sent_list(tmp_path, [("海安市", 2022, "新增", 135), ("启东市", 2022, "新增", 151)])
    sent_list(tmp_path, [("海安市", 2022, "新增", 136)])
    town = Region.objects.create(
        code="320681100", name="汇龙镇", kind="township", parent_id="320681", path="320600/320681/320681100/"
    )
    issue = MonthlyIssue(programme=PROGRAMME, month=Month(2022, 6), version=1, state="issued", basis="gross")
    issue.region, issue.edition = edition.locality, edition
    issue.closed_by = issue.issued_by = bureau
    issue.closed_at = issue.issued_at = timezone.now()
    issue.save()
    share = Target.objects.get(region="320681", year=2022, metric="newly_listed")
    share.pk, share.region, share.batch, share.clause = None, town, None, "页面调整"
    save_targets([share], actor=bureau)
    assert undo_plan(batch=first, actor=bureau).obstacles == [
        "其中 1 项目标随后又调整过",
        "启东市2022年新增规上工业企业的目标随后已分解到下一级",
        "2022年6月的月报随后已印发，完成率按这些目标计算",
    ]
    with pytest.raises(UndoRefused, match="不能撤销"):
        undo_batch(batch=first, actor=bureau)
