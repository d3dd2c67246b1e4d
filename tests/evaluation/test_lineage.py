"""Published grades follow the firm under another record and are shown once; what was published never changes."""

from __future__ import annotations

from datetime import date

import pytest

from core.conditions import FactKey, Kind
from core.facts import load_frame
from core.models import User
from enterprises.rules.identity import Act, EventKind
from enterprises.services.identity import record_event
from enterprises.services.merging import merge_records
from evaluation.models import Score
from evaluation.panels import grades_of_firm
from tests import factories

pytestmark = pytest.mark.django_db


def happened(firm, kind: str, on: str, actor: User, **fields):
    act = Act(EventKind(kind), on=date.fromisoformat(on), evidence="变更登记通知书〔2022〕第15号", **fields)
    return record_event(firm=firm, act=act, actor=actor, today=date(2024, 1, 5)).other


def grade_of(firm, year: int = 2021) -> str | None:
    key = FactKey("grade", Kind.YEAR, year)
    column = load_frame([key], enterprises=[firm.pk]).columns[str(key)]
    return column.words[int(column.values[0])] if column.known[0] else None


def test_a_grade_goes_with_the_business_not_with_the_paper(published, qidong, staff):
    best, worst, other = qidong[0], qidong[19], qidong[8]
    company = happened(
        best, "converted", "2022-07-01", staff, other_code=factories.uscc(970), other_name="启东恒砺有限公司"
    )
    assert (grade_of(best), grade_of(company)) == ("A", "A")
    happened(worst, "merged", "2022-07-01", staff, other_code=other.uscc)
    assert grade_of(other) == "B", "the grade of a firm taken over is not its taker's"
    (line,) = grades_of_firm(staff, company)["lines"]
    assert (line.score.final_grade, line.former) == ("A", f"当时为 {best.name}（{best.uscc}）")


def test_of_two_records_of_one_firm_the_kept_ones_grade_stands_and_is_told_once(published, qidong, staff):
    kept, second = qidong[8], qidong[0]
    merge_records(kept=kept, second=second, note="同一家", actor=staff, overrule=True)
    assert grade_of(kept) == "B"
    (line,) = grades_of_firm(staff, kept)["lines"]
    assert (line.score.enterprise_id, line.former) == (kept.pk, "")
    assert Score.objects.filter(round=published, enterprise=second).count() == 1, "published, so it stays"
