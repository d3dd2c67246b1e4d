"""政策文件 in the browser: one person drafts, another puts in force, and nobody publishes by his own hand."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from core.management.policy_files import shipped_paths
from core.models import AuditEntry, PolicyEdition, Role, User
from core.panels import todos_for
from core.services.edition_force import approve_edition
from core.services.editions import EditionRefused, draft_edition, set_yearly, submit_edition
from core.services.policies import PolicyRejected, load_edition
from cultivation.models import Target
from tests import factories

(PATH,) = (path for path in shipped_paths() if path.stem == "nantong-2022")
TEXT = PATH.read_text(encoding="utf-8")
YEARLY = TEXT.replace(
    "      unit: 家\n      clause: 附件 全市", "      unit: 家\n      yearly: true\n      clause: 附件 全市"
)
NEXT = TEXT.replace("启东市: [150, 150, 150]", "启东市: [149, 150, 150]").replace(
    "海安市: [130, 130, 130]", "海安市: [131, 130, 130]"
)
State = PolicyEdition.State


@pytest.fixture
def first(db):
    return load_edition(text=TEXT, actor=User.objects.system()).edition


@pytest.fixture
def staff(first):
    return factories.user(Role.BUREAU_STAFF, "320600", full_name="起草人")


@pytest.fixture
def leader(first):
    return factories.user(Role.BUREAU_LEADER, "320600", full_name="批准人")


def enter(client, user):
    client.force_login(user)
    return client


# ---- from draft to force


def test_a_draft_changes_nothing_until_a_second_person_approves_it(first, staff, leader):
    draft = draft_edition(text=NEXT, actor=staff)
    submit_edition(edition=draft, actor=staff)
    assert Target.objects.get(region="320681", year=2022).value == 150
    approve_edition(edition=draft, over=first.pk, actor=leader)
    first.refresh_from_db()
    draft.refresh_from_db()
    assert (first.state, draft.state, draft.number) == (State.RETIRED, State.IN_FORCE, 2)
    assert (draft.loaded_by, draft.approved_by) == (staff, leader) and draft.in_force_at
    assert Target.objects.get(region="320681", year=2022).value == 149
    assert first.text == TEXT  # what was published under it can be looked up for ever
    acts = AuditEntry.objects.filter(subject=str(draft)).order_by("pk").values_list("act", "actor")
    assert list(acts) == [("draft_policy", staff.pk), ("submit_policy", staff.pk), ("load_policy", leader.pk)]


def test_nobody_approves_what_he_drafted_or_submitted(first, staff):
    draft = draft_edition(text=NEXT, actor=staff)
    submit_edition(edition=draft, actor=staff)
    with pytest.raises(EditionRefused, match="不能自己批准"):
        approve_edition(edition=draft, over=first.pk, actor=staff)
    assert PolicyEdition.objects.get(pk=first.pk).state == State.IN_FORCE


def test_an_edition_that_came_in_between_stops_the_approval(first, staff, leader):
    draft = draft_edition(text=NEXT, actor=staff)
    submit_edition(edition=draft, actor=staff)
    load_edition(text=TEXT + "# 改\n", actor=User.objects.system())
    with pytest.raises(EditionRefused, match="已经更换"):
        approve_edition(edition=draft, over=first.pk, actor=leader)


def test_a_draft_of_another_region_or_city_is_refused(staff):
    with pytest.raises(PolicyRejected) as refused:
        draft_edition(text=TEXT.replace("320600", "990600"), actor=staff)
    assert "没有写上级" in refused.value.faults[0].message
    officer = factories.user(Role.BUREAU_STAFF, "320681")
    with pytest.raises(PolicyRejected) as refused:
        draft_edition(text=NEXT, actor=officer)
    assert "不在您的地区范围内" in refused.value.faults[0].message


def test_what_is_in_force_is_no_draft_and_the_same_draft_is_kept_once(first, staff):
    with pytest.raises(EditionRefused, match="完全相同"):
        draft_edition(text=TEXT, actor=staff)
    assert draft_edition(text=NEXT, actor=staff) == draft_edition(text=NEXT, actor=staff)


def test_districts_see_what_is_in_force_and_the_bureau_sees_drafts(first, staff, leader):
    draft = draft_edition(text=NEXT, actor=staff)
    district = factories.user(Role.DISTRICT_OFFICER, "320681")
    other_city = factories.user(Role.BUREAU_STAFF, None)

    def seen(user):
        return set(PolicyEdition.objects.visible_to(user))

    assert seen(district) == {first}
    assert seen(leader) == seen(staff) == {first, draft}
    assert seen(other_city) == set()


def test_loading_as_a_person_does_what_he_may_do_in_the_browser(first, staff, leader, tmp_path, capsys):
    path = tmp_path / "nantong-2022.yaml"
    path.write_text(NEXT, encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        call_command("load_policy", str(path), as_user=leader.username)
    assert refused.value.returncode == 64 and "不能起草政策文件" in str(refused.value)
    call_command("load_policy", str(path), as_user=staff.username)
    assert "待另一人批准" in capsys.readouterr().out
    draft = PolicyEdition.objects.get(number=2)
    assert (draft.state, draft.submitted_by) == (State.SUBMITTED, staff)


# ---- pages


def test_upload_tells_every_fault_with_its_line_and_keeps_the_text(client, staff):
    bad = TEXT.replace("title:", "titel:", 1).replace("海安市: [130, 130, 130]", "海安市: [131, 130, 130]")
    page = enter(client, staff).post(reverse("core:policy_upload"), {"text": bad}).content.decode()
    assert "没有保存：有 3 处问题" in page
    assert "是不是 title" in page and "2022 年合计" in page and "titel: 全市小微" in page
    assert PolicyEdition.objects.count() == 1


def test_upload_of_a_file_makes_a_draft(client, staff):
    sent = SimpleUploadedFile("nantong-2022.yaml", NEXT.encode())
    answer = enter(client, staff).post(reverse("core:policy_upload"), {"file": sent, "remark": "调整启东"})
    draft = PolicyEdition.objects.get(number=2)
    assert answer["Location"] == reverse("core:policy", args=[draft.pk])
    assert (draft.state, draft.remark) == (State.DRAFT, "调整启东")
    gbk = SimpleUploadedFile("a.yaml", NEXT.encode("gbk"))
    assert "不是 UTF-8 编码" in client.post(reverse("core:policy_upload"), {"file": gbk}).content.decode()


def test_the_page_of_an_edition_says_every_part_with_clause_and_what_is_not_printed(
    client, first, staff, django_assert_max_num_queries
):
    enter(client, staff)
    with django_assert_max_num_queries(14):
        page = client.get(reverse("core:policy", args=[first.pk])).content.decode()
    for words in (
        "启东市",
        "150、150、150",
        "附件 全市小微工业企业列规纳统目标计划表",
        "2021年应税销售（税务名单）在 500万元 至 2000万元 之间",
        "税务部门提供2021年应税销售在500—2000万元的工业企业名单",
        "未载明·演示取值",
        "文件未载明",
        "印发单位",
    ):
        assert words in page, words


def test_two_editions_stand_side_by_side_leaf_by_leaf(client, first, staff, leader):
    draft = draft_edition(text=NEXT.replace("      note: 原表单位为“个”。\n", ""), actor=staff)
    page = enter(client, leader).get(reverse("core:policy_compare") + f"?right={draft.pk}")
    changes = [
        (c.kind, c.names[-1], c.before and c.before.value, c.after and c.after.value)
        for c in page.context["changes"]
    ]
    assert changes == [
        ("changed", "海安市", "130、130、130", "131、130、130"),
        ("changed", "启东市", "150、150、150", "149、150、150"),
        ("removed", "说明", "原表单位为“个”。", None),
    ]


def test_approval_in_the_browser_by_the_second_person(client, first, staff, leader):
    draft = draft_edition(text=NEXT, actor=staff)
    enter(client, staff).post(reverse("core:policy_submit", args=[draft.pk]))
    (todo,) = [todo for todo in todos_for(leader) if todo.kind == "待批准"]
    assert todo.url == reverse("core:policy", args=[draft.pk])
    enter(client, leader)
    client.post(reverse("core:policy_return", args=[draft.pk]), {"answer": "启东的数再核对"})
    assert [todo.note for todo in todos_for(staff) if todo.kind == "被退回"] == [f"{draft}：启东的数再核对"]
    enter(client, staff).post(reverse("core:policy_submit", args=[draft.pk]))
    page = enter(client, leader).get(todo.url)
    assert f'name="over" value="{first.pk}"' in page.content.decode()
    client.post(reverse("core:policy_approve", args=[draft.pk]), {"over": first.pk})
    draft.refresh_from_db()
    assert draft.state == State.IN_FORCE


# ---- figures of a new year


def test_yearly_figures_are_set_in_a_form_and_nothing_else_is_touched(client, first, staff):
    edition = load_edition(text=YEARLY, actor=User.objects.system()).edition
    where = reverse("core:policy_yearly", args=[edition.pk])
    form = enter(client, staff).get(where).context["form"]
    labels = {field.label: field.name for field in form.leaves}
    haian = next(label for label in labels if label.endswith("海安市 › 2022年"))
    assert len(form.paths) == 3 + 30 + 3  # years, ten regions by three years, three sums
    sent = {field.name: field.value() for field in form.leaves}
    refused = client.post(where, sent | {labels[haian]: "131"})
    assert "2022 年合计" in refused.content.decode() and PolicyEdition.objects.count() == 2
    total = next(label for label in labels if label.endswith("合计 › 2022年"))
    client.post(where, sent | {labels[haian]: "131", labels[total]: "1001"})
    faults = client.post(where, sent | {labels[haian]: "很多"}).context["form"].errors
    assert list(faults) == [labels[haian]]
    assert not PolicyEdition.objects.filter(state=State.DRAFT).exists()  # 3001 miss the 3000 of the text
    qidong = next(label for label in labels if label.endswith("启东市 › 2022年"))
    client.post(where, sent | {labels[haian]: "131", labels[qidong]: "149"})
    draft = PolicyEdition.objects.get(state=State.DRAFT)
    assert draft.text == YEARLY.replace("启东市: [150,", "启东市: [149,").replace(
        "海安市: [130,", "海安市: [131,"
    )


def test_a_leaf_without_the_mark_cannot_be_set(first, staff):
    with pytest.raises(PolicyRejected) as refused:
        set_yearly(edition=first, values={"targets.tables[1].rows.海安市[1]": "131"}, actor=staff)
    assert "没有标明每年更新" in refused.value.faults[0].message


# ---- simulation


def test_a_draft_is_simulated_on_the_data_of_today(client, first, staff, leader):
    for name, sales in (("甲", "600"), ("乙", "450"), ("丙", "1990")):
        firm = factories.enterprise(f"启东{name}机械有限公司")
        factories.annual_figure(firm, 2021, source="tax", revenue_wan=None, taxable_sales_wan=sales)
    text = TEXT.replace(
        "between 500万元 and 2000万元\n          wording: 税务部门提供2021年应税销售在500—2000万元的工业企业名单",
        "between 400万元 and 1900万元",
    )
    draft = draft_edition(text=text, actor=staff)
    before = AuditEntry.objects.count()
    page = enter(client, leader).get(reverse("core:policy_simulate", args=[draft.pk]))
    (simulation,) = page.context["simulations"]
    assert [
        (line.name, line.before, line.after, line.entering, line.leaving) for line in simulation.regions
    ] == [("启东市", 2, 2, 1, 1)]
    assert [(firm.name, firm.before, firm.after) for firm in simulation.entering] == [
        ("启东乙机械有限公司", "在名单但不符合", "建议在库　储备")
    ]
    assert [firm.name for firm in simulation.leaving] == ["启东丙机械有限公司"]
    assert AuditEntry.objects.count() == before


def test_the_overview_of_facts_names_kind_unit_and_period(client, staff):
    page = enter(client, staff).get(reverse("core:facts")).content.decode()
    assert "taxable_sales[2021]" in page and "应税销售（评价采集）" in page and "每年" in page
