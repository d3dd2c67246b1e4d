"""The shell's doors: what they print, as whom they act, and the exit code a script can rely on."""

import io
import re

import pytest
from django.core.management import CommandError, ManagementUtility, call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from core import jobs
from core.management.house_command import UsageFault
from core.models import ApiToken, AuditEntry, JobRun, Role, User
from tests import factories


@pytest.fixture
def shell(db, monkeypatch, capsys):
    """``shell("make_token --user u")`` → (exit code, standard output, standard error)."""
    # a command closes its connections when it ends; the test's own transaction has to stay open
    monkeypatch.setattr(type(connections), "close_all", lambda self: None)

    def call(line):
        try:
            ManagementUtility(["manage.py", *line.split()]).execute()
            code = 0
        except SystemExit as end:
            code = end.code
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def printed(command, *words):
    out = io.StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue().strip()


# ---- exit codes


@pytest.mark.parametrize(
    "line",
    [
        "make_token",
        "make_token --user nobody --region 320681 --scope tiers:read",
        "make_token --user qd01 --region 999999 --scope tiers:read",
        "make_token --user qd01 --region 320681 --scope everything:write",
        "make_token --user qd01 --region 320681 --scope tiers:read --days 0",
        "make_token --user qd01 --region 320681 --scope tiers:read --days many",
        "make_token --user qd01 --region 320681 --scope tiers:read --as nobody",
        "add_user",
        "add_user rd01 --name 王某 --role king --region 320623",
        "add_user rd01 --name 王某 --role system",
        "add_user rd01 --name 王某 --role district_officer --region 999999",
        "add_user rd01 --name 王某 --role district_officer",
        "add_user qd01 --name 王某 --role district_officer --region 320681",
        "run_worker --poll often",
        "run_worker --no-such-option",
    ],
)
def test_a_call_in_wrong_words_exits_64_and_prints_nothing_on_standard_output(shell, nantong, line):
    factories.user(username="qd01")
    code, out, err = shell(line)
    assert (code, out) == (64, "")
    assert err
    assert set(User.objects.values_list("username", flat=True)) <= {"qd01", "system"}
    assert not ApiToken.objects.exists()
    assert not AuditEntry.objects.exists()


def test_called_from_code_the_same_fault_is_an_error(nantong):
    with pytest.raises(UsageFault) as caught:
        call_command("make_token", "--user", "nobody", "--region", "320681", "--scope", "tiers:read")
    assert caught.value.returncode == 64


def test_a_command_that_breaks_exits_70_never_1_or_2(shell, monkeypatch):
    def fail():
        raise RuntimeError("disk full")

    monkeypatch.setattr(jobs, "work_all", fail)
    code, out, err = shell("run_worker --once")
    assert (code, out) == (70, "")
    assert "disk full" in err


def test_a_database_that_is_not_set_up_is_told_with_exit_69(shell, monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: [("core.0001", False)])
    code, out, err = shell("run_worker --once")
    assert (code, out) == (69, "")
    assert "请先运行 manage.py migrate" in err


# ---- add_user


def test_an_account_is_opened_with_a_password_that_is_printed_once(nantong):
    line = printed(
        "add_user", "rd01", "--name", "王某", "--role", "district_officer", "--region", "320623",
        "--department", "industry", "--unit", "如东县工信局",
    )  # fmt: skip
    name, password = line.split("\t")
    user = User.objects.get(username="rd01")
    assert name == "rd01" and user.check_password(password)
    assert re.fullmatch(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[0-9A-Za-z]{12}", password)
    assert (user.full_name, user.role, user.region_id, user.department, user.unit_name) == (
        "王某",
        Role.DISTRICT_OFFICER,
        "320623",
        "industry",
        "如东县工信局",
    )
    assert user.must_change_password
    entry = AuditEntry.objects.get(act="add_user")
    assert (entry.actor.username, entry.subject, entry.region_id) == ("system", "rd01", "320623")
    assert password not in str(entry.__dict__)


def test_two_accounts_never_get_the_same_password(nantong):
    lines = {
        printed("add_user", f"u{n}", "--name", "某", "--role", "auditor").split("\t")[1] for n in range(5)
    }
    assert len(lines) == 5


@pytest.mark.parametrize("role", ["sys_admin", "sec_admin", "auditor"])
def test_administrators_need_no_region(nantong, role):
    printed("add_user", "adm", "--name", "某", "--role", role)
    assert User.objects.get(username="adm").region is None


def test_a_command_acts_as_the_named_user(nantong):
    factories.user(Role.SYS_ADMIN, None, username="admin1")
    printed("add_user", "rd01", "--name", "王某", "--role", "auditor", "--as", "admin1")
    assert AuditEntry.objects.get(act="add_user").actor.username == "admin1"


def test_a_disabled_account_cannot_be_acted_as(nantong):
    factories.user(Role.SYS_ADMIN, None, username="admin1", is_active=False)
    with pytest.raises(UsageFault, match="没有启用的账号"):
        printed("add_user", "rd01", "--name", "王某", "--role", "auditor", "--as", "admin1")


# ---- make_token


def test_a_token_is_printed_once_and_kept_as_a_digest(nantong):
    factories.user(Role.API_CLIENT, "320600", username="client")
    text = printed(
        "make_token", "--user", "client", "--region", "320681", "--scope", "tiers:read", "--days", "30"
    )
    token = ApiToken.objects.get()
    assert re.fullmatch(r"[0-9a-f]{64}", text)
    assert text not in {token.digest, token.token_key} and text not in str(AuditEntry.objects.get().__dict__)
    assert (token.region_id, token.scopes) == ("320681", ["tiers:read"])
    assert 29 <= (token.expiry - token.created).days <= 30


def test_a_token_may_hold_several_scopes(nantong):
    factories.user(Role.API_CLIENT, "320600", username="client")
    printed(
        "make_token", "--user", "client", "--region", "320600",
        "--scope", "months:read", "--scope", "targets:read", "--scope", "months:read",
    )  # fmt: skip
    assert ApiToken.objects.get().scopes == ["months:read", "targets:read"]


@pytest.mark.parametrize(
    ("role", "own", "wanted", "why"),
    [
        (Role.API_CLIENT, "320681", "320600", "范围不含 南通市"),
        (Role.API_CLIENT, "320681", "320623", "范围不含 如东县"),
        (Role.API_CLIENT, None, "320681", "范围不含 启东市"),
        (Role.AUDITOR, "320681", "320681", "不能使用接口"),
        (Role.SYS_ADMIN, None, "320681", "不能使用接口"),
        (Role.SYSTEM, None, "320681", "不能使用接口"),
    ],
)
def test_nobody_gets_a_token_that_sees_more_than_he_does(nantong, role, own, wanted, why):
    factories.user(role, own, username="client")
    with pytest.raises(UsageFault, match=why):
        printed("make_token", "--user", "client", "--region", wanted, "--scope", "tiers:read")
    assert not ApiToken.objects.exists()


# ---- run_worker


def test_the_worker_does_all_that_waits_and_stops(db, monkeypatch):
    monkeypatch.setitem(jobs._handlers, "close_month", lambda progress: {"firms": 1})
    for key in ("a", "b"):
        jobs.enqueue(job="close_month", key=key, arguments={}, actor=User.objects.system())
    assert printed("run_worker", "--once") == "完成 2 件"
    assert set(JobRun.objects.values_list("state", flat=True)) == {JobRun.State.DONE}
    assert printed("run_worker", "--once") == "完成 0 件"


def test_every_command_of_the_house_says_in_chinese_what_it_does():
    from django.core.management import get_commands, load_command_class

    from core.management.house_command import HouseCommand

    ours = [
        load_command_class(app, name)
        for name, app in get_commands().items()
        if app in {"core", "intake", "enterprises", "cultivation", "reports"}
    ]
    assert len(ours) >= 5
    for command in ours:
        assert isinstance(command, HouseCommand), command
        assert re.search(r"[\u4e00-\u9fff]", command.help), command


def test_a_refusal_that_is_no_usage_fault_keeps_its_own_code(shell, tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text("id: 1")
    code, _, err = shell(f"check_policy {path}")
    assert code == 1 and "问题" in err


def test_commands_raise_the_error_that_django_knows():
    assert issubclass(UsageFault, CommandError)
