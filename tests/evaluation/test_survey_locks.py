"""S2-07: each figure has its source department, and what the departments have audited is shut until the audit is taken back."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from core.models import AuditEntry, Region, User
from core.services.policies import load_edition
from enterprises.models import AnnualFigure
from evaluation.models import Round, StepDone
from evaluation.services.rounds import run_evaluation
from evaluation.services.survey_gaps import missing_figures
from intake.models import Batch
from intake.services.batches import CommitRefused, check_batch, commit_batch, receive_upload
from intake.services.undoing import undo_plan
from tests import factories
from tests.evaluation.conftest import FIGURES
from tests.evaluation.methods import QUANTITIES, text_of

pytestmark = pytest.mark.django_db
AUDITED = {"clause": "四", "steps": ["data_entry", "dept_audit", "pre_evaluation", "approve", "publish"]}


@pytest.fixture
def round_(nantong) -> Round:
    quantities = {**QUANTITIES, "tax": {**QUANTITIES["tax"], "department": "税务局"}}
    text = text_of(data_year=2021, quantities=quantities, workflow=AUDITED)
    load_edition(text=text.replace('"990100"', '"320600"'), actor=User.objects.system())
    for firm in (factories.enterprise("启东审核厂"), factories.enterprise("海门审核厂", "320614")):
        factories.annual_figure(firm, **{**FIGURES, "tax_wan": None if firm.region_id == "320614" else "100"})
    return run_evaluation(
        scheme="haibin-evaluation", year=2021, actor=factories.user("bureau_staff", "320600")
    )


def sent(officer: User, tax: str, year: int = 2021) -> Batch:
    """The district's own list with one firm and another tax."""
    book, firm = openpyxl.Workbook(), Region.objects.get(pk="320681")
    book.active.append(["统一社会信用代码", "企业名称", "所属县区", "年度", "税收(万元)"])
    code = AnnualFigure.objects.get(region=firm, year=2021).enterprise.uscc
    book.active.append([code, "启东审核厂", "启东市", year, tax])
    kept = BytesIO()
    book.save(kept)
    batch = receive_upload(
        actor=officer, sheet="annual", region=firm, period="", as_of=date(2022, 4, 20),
        upload_name=f"年度数据{tax}.xlsx", content=kept.getvalue(),
    )  # fmt: skip
    return check_batch(batch=batch, actor=officer)


def test_a_list_that_comes_after_the_audit_is_refused_by_row_and_at_the_last_moment_until_it_is_taken_back(
    round_, client, time_machine
):
    time_machine.move_to("2022-04-20 09:00+08:00", tick=False)
    officer, staff = factories.user("district_officer", "320681"), round_.run_by
    assert [(one.department, one.firms) for one in missing_figures(round_, staff) if one.label == "税收"] == [
        ("税务局", 1)
    ]
    first, waiting = sent(officer, "101"), sent(officer, "102")
    commit_batch(batch=first, actor=officer)
    step = reverse("evaluation:round_step", args=[round_.pk])
    client.force_login(staff)
    client.post(step, {"step": "dept_audit"})
    told = "2021年度数据自2022年4月20日起已锁定（部门已审核）"
    late = sent(officer, "103")
    (issue,) = late.issues.filter(cls="A")
    assert (issue.row, issue.code, issue.reason) == (2, "YEAR_LOCKED", told)
    assert "撤回部门审核" in issue.cure
    with pytest.raises(CommitRefused, match="部门已审核"):
        commit_batch(batch=waiting, actor=officer)
    assert told in undo_plan(batch=first, actor=officer).obstacles[0]
    assert not sent(officer, "90", year=2020).issues.filter(code="YEAR_LOCKED").exists()
    # taken back with a reason by the bureau, the lists are open again
    assert "撤回登记" in client.get(reverse("evaluation:process", args=[round_.pk])).content.decode()
    client.post(step, {"step": "dept_audit", "act": "withdraw", "note": " "})
    assert StepDone.objects.exists()
    client.post(step, {"step": "dept_audit", "act": "withdraw", "note": "启东市税收漏报"})
    assert AuditEntry.objects.get(act="withdraw_evaluation_step").counts == {"reason": "启东市税收漏报"}
    commit_batch(batch=sent(officer, "104"), actor=officer)
    assert AnnualFigure.objects.get(region="320681", year=2021).tax_wan == 104_00
