"""规上企业变动: stock, entries, exits; 规上 follows from the latest event, the library year decides the year."""

import pytest

from core.periods import Month
from enterprises.models import Enterprise, ScaleEvent
from enterprises.services.scale import recompute_above_scale
from tests import factories
from tests.enterprises.lists import firm_cells, send

pytestmark = pytest.mark.django_db


def row(firm=None, change="入库", month="2022-03", year="2022", entry="规下升规上", cause="", **who):
    cells = firm_cells(firm, **who)
    if change != "入库":
        entry = ""
    return {
        **cells,
        "变动(在库/入库/退库)": change,
        "月份": month,
        "审批库年度": year,
        "入库类型": entry,
        "退库原因": cause,
    }


def send_listed(*rows, region="320600"):
    return send("listed", list(rows), region=region)


def is_above(firm):
    return Enterprise.objects.get(pk=firm.pk).above_scale


def test_an_entry_makes_an_event_and_puts_the_firm_above_scale(nantong):
    firm = factories.enterprise()
    sent = send_listed(row(firm, month="2022-01", year="2021"))
    assert sent.told == []
    assert sent.take()["new"] == 1
    event = ScaleEvent.objects.get()
    assert (event.kind, event.month, event.library_year) == ("listed", Month(2022, 1), 2021)
    assert (event.entry_type, event.region_id, event.batch) == ("grown", "320681", sent.batch)
    assert is_above(firm)


def test_stock_entry_exit_and_return_follow_each_other_in_one_list(nantong):
    firm = factories.enterprise()
    sent = send_listed(
        row(firm, "在库", "2021-01", "2021"),
        row(firm, "入库", "2022-02", "2022", "再次升规"),
        row(firm, "退库", "2021-06", "2021", cause="规模不达标"),  # the order of rows does not matter
    )
    assert sent.told == []
    sent.take()
    assert [e.kind for e in ScaleEvent.objects.order_by("month")] == ["in_directory", "delisted", "listed"]
    assert is_above(firm)


def test_an_entry_of_a_firm_already_in_the_directory_is_a_fault(nantong):
    firm = factories.enterprise()
    factories.scale_event(firm, "in_directory", "2021-01")
    sent = send_listed(row(firm))
    assert sent.told == [(2, "A", "ALREADY_LISTED")]
    assert "2021年1月已在规上名录内" in sent.fault("ALREADY_LISTED").reason


def test_an_exit_of_a_firm_not_in_the_directory_is_a_fault(nantong):
    firm = factories.enterprise()
    assert send_listed(row(firm, "退库", cause="停产")).told == [(2, "A", "NOT_LISTED")]
    unknown = row(None, "退库", cause="停产", uscc=factories.uscc(900))
    assert send_listed(unknown).told == [(2, "D", "FIRM_UNKNOWN"), (2, "A", "NOT_LISTED")]
    factories.scale_event(firm, "listed", "2022-05")
    assert send_listed(row(firm, "退库", "2022-03", cause="停产")).told == [(2, "A", "NOT_LISTED")]


def test_two_entries_cannot_stand_one_after_the_other(nantong):
    firm = factories.enterprise()
    factories.scale_event(firm, "listed", "2022-05")
    sent = send_listed(row(firm, month="2022-03"))
    assert sent.told == [(2, "A", "EVENT_TWICE")]
    assert "2022年5月入库" in sent.fault("EVENT_TWICE").reason


def test_the_same_list_again_changes_nothing(nantong):
    firm = factories.enterprise()
    send_listed(row(firm)).take()
    again = send_listed(row(firm))
    assert again.told == []
    assert (again.preview.new, again.preview.same) == (0, 1)


def test_a_corrected_entry_type_is_shown_in_words(nantong):
    firm = factories.enterprise()
    send_listed(row(firm)).take()
    again = send_listed(row(firm, entry="新建投产"))
    assert [(c.heading, c.old, c.new) for c in again.preview.changes] == [
        ("入库类型", "规下升规上", "新建投产")
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"entry": ""}, (2, "D", "ENTRY_TYPE_MISSING")),
        ({"year": "2024"}, (2, "A", "LIBRARY_YEAR")),
        ({"year": "2020"}, (2, "A", "LIBRARY_YEAR")),
        ({"entry": "随便"}, (2, "A", "CHOICE")),
    ],
)
def test_what_an_entry_must_say(nantong, change, told):
    firm = factories.enterprise()
    assert send_listed(row(firm, **change)).told == [told]


@pytest.mark.parametrize("year", ["2021", "2022", "2023"])
def test_the_library_year_may_be_one_year_beside_the_months(nantong, year):
    assert send_listed(row(factories.enterprise(), year=year)).told == []


def test_an_exit_without_cause_needs_a_note(nantong):
    firm = factories.enterprise()
    factories.scale_event(firm, "in_directory", "2021-01")
    sent = send_listed(row(firm, "退库"))
    assert sent.told == [(2, "B", "CAUSE_MISSING")]
    assert len(sent.records) == 0
    noted = send_listed({**row(firm, "退库"), "情况说明": "统计局年度审核退出"})
    assert len(noted.records) == 1


def test_an_exit_takes_the_firm_out(nantong):
    firm = factories.enterprise()
    factories.scale_event(firm, "in_directory", "2021-01")
    assert is_above(firm)
    send_listed(row(firm, "退库", cause="规模不达标")).take()
    assert not is_above(firm)
    assert ScaleEvent.objects.get(kind="delisted").cause == "规模不达标"


def test_above_scale_follows_the_latest_month_not_the_latest_list(nantong):
    firm, other = factories.enterprise(), factories.enterprise(above_scale=True)
    factories.scale_event(firm, "delisted", "2022-04", cause="停产")
    factories.scale_event(firm, "listed", "2021-02")  # told late
    assert recompute_above_scale([firm.pk, other.pk]) == 2
    assert not is_above(firm)
    assert not is_above(other)  # no event ever


def test_a_firm_of_a_district_list_elsewhere_gives_away_nothing(nantong):
    foreign = factories.enterprise(region="320614")
    factories.scale_event(foreign, "in_directory", "2021-01")
    assert send_listed(row(foreign), region="320681").told == [(2, "A", "FIRM_ELSEWHERE")]
