"""``make demo`` stopped half-way goes on where it stopped; its accounts always have their line."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from config.demo.accounts import city_accounts, ensure_accounts
from config.demo.departments import send_department_lists, settle_the_line
from config.demo.management.commands import demo
from core.models import Region, Role, User
from core.periods import Month
from cultivation.models import MonthlyIssue
from cultivation.services.months import close_month
from enterprises.models import SourceFigure
from enterprises.services.source_settings import settled_for
from intake.models import Batch, ListLayout
from intake.services.mapping import column_lines
from tests import factories
from tests.cultivation.conftest import PROGRAMME, edition  # noqa: F401 - the programme in force

pytestmark = pytest.mark.django_db


@pytest.fixture
def command(settings, tmp_path) -> demo.Command:
    settings.VAR_DIR = tmp_path
    made = demo.Command()
    made.folder = tmp_path / "demo"
    made.folder.mkdir()
    made.seconds, made.was_whole = {}, False
    return made


def test_ctrl_c_is_told_in_one_line(settings, tmp_path, monkeypatch):
    def stopped(command):
        raise KeyboardInterrupt

    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(demo.Command, "build", stopped)
    with pytest.raises(CommandError, match="再运行一次") as told:
        call_command("demo")
    assert told.value.returncode == 130


def test_a_step_that_was_stopped_keeps_its_seconds(command, monkeypatch):
    clock = iter([0.0, 7.0, 10.0, 12.5])
    monkeypatch.setattr(demo.time, "monotonic", lambda: next(clock))
    with pytest.raises(KeyboardInterrupt), command.step("intake", "入库"):
        raise KeyboardInterrupt
    command.seconds = command._former_seconds()
    with command.step("intake", "入库"):
        pass
    assert command._former_seconds() == {"intake": 9.5}


def test_a_month_closed_but_not_issued_is_issued_by_the_next_run(edition, command, monkeypatch):  # noqa: F811
    city = Region.objects.get(pk="320600")
    ensure_accounts(city_accounts(city, [], "")[:2], command.accounts_file)
    monkeypatch.setattr(demo, "months_between", lambda first, last: [Month(2022, 5), last])
    close_month(programme=PROGRAMME, month=Month(2022, 5), actor=User.objects.get(username="bureau"))
    for _ in range(2):
        command._close_months()
    issues = MonthlyIssue.objects.filter(programme=PROGRAMME).order_by("month", "version")
    assert [(str(one.month), one.version, one.is_frozen) for one in issues] == [
        ("2022-05", 1, True),
        ("2022-06", 1, False),
    ]


def test_each_account_has_one_line_with_a_password_that_opens(nantong, tmp_path):
    path = tmp_path / "accounts.txt"
    accounts = city_accounts(Region.objects.get(pk="320600"), [nantong["320681"]], "")
    assert ensure_accounts(accounts, path) == len(accounts)
    assert ensure_accounts(accounts, path) == 0
    kept = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line for line in kept if not line.startswith("bureau\t")), encoding="utf-8")
    User.objects.filter(username="leader").delete()
    assert ensure_accounts(accounts, path) == 2
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    assert sorted(line[0] for line in lines) == sorted(account.username for account in accounts)
    assert all(User.objects.get(username=name).check_password(word) for name, word, _, _ in lines)
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_account_of_that_name_that_is_not_the_demos_is_left_alone(nantong, tmp_path):
    other = User.objects.create_user("bureau", "Abc-12345678", full_name="别人", role="bureau_staff")
    accounts = city_accounts(Region.objects.get(pk="320600"), [], "")[:1]
    assert ensure_accounts(accounts, tmp_path / "accounts.txt") == 0
    other.refresh_from_db()
    assert other.check_password("Abc-12345678")


def test_two_departments_send_lists_in_their_own_layouts_and_nothing_of_them_is_stored(nantong):
    city = nantong["320600"]
    people = {
        name: factories.user(Role.DEPARTMENT_OFFICER, "320600", department=name) for name in ("power", "tax")
    }
    for _ in range(3):
        firm = factories.enterprise()
        factories.monthly_figure(firm, "2022-06", "120.50", power_wan_kwh="3.20")
    for wanted in (2, 0):
        assert send_department_lists(city=city, month=Month(2022, 6), **people) == wanted
    waiting = Batch.objects.get(department="power")
    assert (waiting.state, waiting.region_id) == (Batch.State.MAPPING, "320600")
    suggested = {line.column.heading: line.choice.target for line in column_lines(waiting)}
    assert (suggested["用电户名称"], suggested["6月售电量(千瓦时)"]) == ("name", "power")
    ready = Batch.objects.get(department="tax")
    assert (ready.state, ready.counts["good"], ready.counts["blocked"]) == (Batch.State.READY, 3, 0)
    assert ListLayout.objects.get().department == "tax" and not SourceFigure.objects.exists()


def test_the_line_of_suspected_firms_is_the_documents_standard_set_once(edition):  # noqa: F811
    city, bureau = Region.objects.get(pk="320600"), factories.user(Role.BUREAU_STAFF, "320600")
    told = [settle_the_line(city=city, programme=PROGRAMME, bureau=bureau) for _ in range(2)]
    assert told == [True, False]
    settled = settled_for(city, date(2022, 7, 1))
    assert settled.line == 2000_00 and "年主营业务收入2000万元" in settled.line_reason
