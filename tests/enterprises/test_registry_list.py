"""企业名录: firms verified, renamed, moved; what the list leaves empty stays."""

from datetime import date

import pytest

from enterprises.models import Enterprise, RegionSpell
from intake.services.commits import Overtaken
from tests import factories
from tests.enterprises.lists import firm_cells, send

pytestmark = pytest.mark.django_db


def test_new_firms_are_verified_and_findable_by_initials(nantong):
    cells = firm_cells(uscc=factories.uscc(501), name="启东恒砺（集团）机械有限公司")
    more = {"行业代码": "3484", "成立日期": "2014-09-03", "注册资本(万元)": "500", "联系电话": "13900001234"}
    sent = send("registry", [{**cells, **more}])
    assert sent.told == []
    assert sent.take()["new"] == 1
    firm = Enterprise.objects.get()
    assert firm.verification == Enterprise.Verification.VERIFIED
    assert firm.initials == "qdhljtjxyxgs"
    assert (firm.founded_on, firm.registered_capital_wan, firm.industry_code) == (
        date(2014, 9, 3),
        50000,
        "3484",
    )
    assert firm.batch == sent.batch
    assert RegionSpell.objects.get().since is None


def test_a_firm_may_have_begun_in_a_month_of_which_nobody_knows_the_day(nantong):
    cells = firm_cells(uscc=factories.uscc(501), name="启东恒砺机械有限公司")
    sent = send("registry", [{**cells, "成立日期": "2014年9月", "投产日期": "2016-05"}])
    assert [(row, cls, code) for row, cls, code in sent.told] == [(2, "D", "DATE_MONTH")] * 2
    assert sent.fault("DATE_MONTH").reason == "只写到月，按2014年9月1日保存"
    sent.take()
    firm = Enterprise.objects.get()
    assert (firm.founded_on, firm.started_on) == (date(2014, 9, 1), date(2016, 5, 1))


def test_the_registry_list_verifies_a_pending_firm(nantong):
    firm = factories.enterprise(verification=Enterprise.Verification.PENDING)
    sent = send("registry", [firm_cells(firm)])
    assert sent.preview.same == 1
    assert sent.take()["confirmed"] == 1
    firm.refresh_from_db()
    assert firm.verification == Enterprise.Verification.VERIFIED


def test_a_new_name_is_told_and_the_old_one_kept(nantong):
    firm = factories.enterprise(name="启东恒砺铸造厂")
    sent = send("registry", [firm_cells(firm, name="启东恒砺机械有限公司")])
    assert sent.told == [(2, "D", "RENAMES")]
    assert "启东恒砺铸造厂" in sent.fault("RENAMES").reason
    assert [(c.heading, c.old, c.new) for c in sent.preview.changes] == [
        ("企业名称", "启东恒砺铸造厂", "启东恒砺机械有限公司")
    ]
    assert sent.take()["renamed"] == 1
    firm.refresh_from_db()
    assert (firm.name, firm.former_names, firm.initials) == (
        "启东恒砺机械有限公司",
        "启东恒砺铸造厂",
        "qdhljxyxgs",
    )
    send("registry", [firm_cells(firm, name="启东恒砺重工有限公司")]).take()
    firm.refresh_from_db()
    assert firm.former_names == "启东恒砺机械有限公司；启东恒砺铸造厂"


def test_the_same_name_written_otherwise_is_no_rename(nantong):
    firm = factories.enterprise(name="启东恒砺(集团)机械有限公司")
    sent = send("registry", [firm_cells(firm, name="启东恒砺（集团）机械有限公司")])
    assert sent.told == []
    sent.take()
    firm.refresh_from_db()
    assert (firm.name, firm.former_names) == ("启东恒砺（集团）机械有限公司", "")


def test_empty_cells_leave_what_is_known(nantong):
    firm = factories.enterprise(township="汇龙镇", phone="13900001234", registered_capital_wan=50000)
    sent = send("registry", [{**firm_cells(firm), "乡镇(园区)": "", "联系电话": None, "行业代码": "3311"}])
    assert [(c.heading, c.old, c.new) for c in sent.preview.changes] == [("行业代码", "3484", "3311")]
    sent.take()
    firm.refresh_from_db()
    assert (firm.township, firm.phone, firm.industry_code) == ("汇龙镇", "13900001234", "3311")


def test_an_unchanged_list_writes_nothing(nantong):
    firm = factories.enterprise()
    before = firm.updated_at
    assert send("registry", [firm_cells(firm)]).take()["same"] == 1
    firm.refresh_from_db()
    assert (firm.updated_at, firm.batch) == (before, None)


def test_a_district_cannot_take_another_districts_firm(nantong):
    foreign = factories.enterprise(region="320614")
    sent = send("registry", [firm_cells(foreign)])
    assert sent.told == [(2, "A", "FIRM_ELSEWHERE")]
    assert "海门" not in sent.fault("FIRM_ELSEWHERE").message()


def test_a_sender_over_both_regions_moves_a_firm_on_the_day_of_the_list(nantong):
    firm = factories.enterprise(region="320681")
    sent = send("registry", [firm_cells(firm, region="海门区")], region="320600", as_of="2022-04-01")
    assert sent.told == [(2, "D", "MOVES")]
    assert "启东市调整到海门区" in sent.fault("MOVES").reason
    assert sent.take()["moved"] == 1
    firm.refresh_from_db()
    assert firm.region_id == "320614"
    spells = (
        RegionSpell.objects.filter(enterprise=firm).order_by("pk").values_list("region_id", "since", "until")
    )
    assert list(spells) == [
        ("320681", None, date(2022, 3, 31)),
        ("320614", date(2022, 4, 1), None),
    ]
    # an older list cannot move it back in time
    late = send("registry", [firm_cells(firm, region="启东市")], region="320600", as_of="2022-03-15")
    assert late.told == [(2, "A", "MOVED_LATER")]
    # corrected on the same day: one region per date stays true
    send("registry", [firm_cells(firm, region="崇川区")], region="320600", as_of="2022-04-01").take()
    spells = (
        RegionSpell.objects.filter(enterprise=firm).order_by("pk").values_list("region_id", "since", "until")
    )
    assert list(spells) == [
        ("320681", None, date(2022, 3, 31)),
        ("320613", date(2022, 4, 1), None),
    ]


def test_a_firm_entered_elsewhere_since_the_check_is_refused(nantong):
    cells = firm_cells(uscc=factories.uscc(502))
    sent = send("registry", [cells])
    factories.enterprise(uscc=cells["统一社会信用代码"], region="320614")
    with pytest.raises(Overtaken, match="第2行：该企业已由其他地区填报，请与市局联系"):
        sent.take()
    assert Enterprise.objects.count() == 1


def test_a_changed_phone_is_masked_in_the_preview(nantong):
    firm = factories.enterprise(phone="13900001234")
    sent = send("registry", [{**firm_cells(firm), "联系电话": "13900005678"}])
    assert [(c.old, c.new) for c in sent.preview.changes] == [("139****1234", "139****5678")]


def test_a_code_outside_industry_is_a_hint(nantong):
    sent = send("registry", [{**firm_cells(uscc=factories.uscc(503)), "行业代码": "5211"}])
    assert sent.told == [(2, "D", "NOT_INDUSTRY")]


def test_the_template_comes_back_without_a_change(nantong):
    firm = factories.enterprise(
        township="汇龙镇", founded_on=date(2014, 9, 3), registered_capital_wan=50050, phone="13900001234"
    )
    factories.enterprise(region="320614")
    officer = factories.user()
    sent = send("registry", [firm_cells(firm)])
    headings = [column.heading for column in sent.sheet.spec.columns]
    rows = list(sent.sheet.template_rows(officer, nantong["320681"], None))
    assert len(rows) == 1  # his own firms only
    assert "13900001234" not in rows[0]
    again = send("registry", [dict(zip(headings, map(str_or_none, rows[0]), strict=True))])
    assert again.told == []
    assert (again.preview.changed, again.preview.same) == (0, 1)


def str_or_none(value):
    return value if value is None else str(value)


def test_the_register_office_tells_address_and_legal_person(nantong):
    firm = factories.enterprise(township="汇龙镇")
    cells = {**firm_cells(firm), "地址": "启东市人民路1号", "法定代表人": "张某"}
    sent = send("licences", [cells], region="320600")
    assert sent.told == []
    sent.take()
    firm.refresh_from_db()
    assert (firm.address, firm.legal_person, firm.township) == ("启东市人民路1号", "张某", "汇龙镇")
    market, power = (
        factories.user("department_officer", "320600", department=name) for name in ("market", "power")
    )
    assert (sent.sheet.may_send(market), sent.sheet.may_send(power)) == (True, False)
