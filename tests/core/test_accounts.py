"""账号管理 and 操作日志: who opens and closes accounts, who resets and unlocks, what the auditor reads."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from core.act_labels import HOUSE_ACTS, act_label
from core.audit import record
from core.models import ApiToken, AuditEntry, Role, User
from core.panels import todos_for
from core.services import users
from core.tokens import make_token
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def keepers(nantong):
    return {role: factories.user(role, None) for role in (Role.SYS_ADMIN, Role.SEC_ADMIN)}


@pytest.fixture
def officer(nantong):
    return factories.user(Role.DISTRICT_OFFICER, "320681", username="qd01", password="Nan-tong-2022")


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def shown_password(answer):
    return re.search(r"密码 <b class=\"code\">(\w+)</b>", answer.content.decode())[1]


def acts():
    return list(AuditEntry.objects.filter(act__contains="user").values_list("act", "subject").order_by("pk"))


def test_a_new_account_signs_in_with_the_password_that_is_shown_once(keepers):
    browse = browser(keepers[Role.SYS_ADMIN])
    sent = {"username": "hm07", "full_name": "陆小芸", "role": "district_officer", "region": "320685"}
    answer = browse.post(reverse("core:account_new"), sent)
    assert "no-store" in answer["Cache-Control"]
    guest = Client()
    guest.post(reverse("core:login"), {"username": "hm07", "password": shown_password(answer)})
    assert guest.get("/")["Location"] == reverse("core:password_change")
    again = browse.post(reverse("core:account_new"), sent | {"username": "HM07"}).content.decode()
    assert "已有这个账号" in again


def test_a_role_that_sees_a_region_needs_one(keepers):
    sent = {"username": "hm07", "full_name": "陆小芸", "role": "district_officer"}
    page = browser(keepers[Role.SYS_ADMIN]).post(reverse("core:account_new"), sent).content.decode()
    assert "请选择地区" in page and not User.objects.filter(username="hm07").exists()


def test_who_is_moved_sees_the_new_region_and_his_tokens_end(keepers, officer):
    make_token(actor=officer, user=officer, region=officer.region, scopes=["tiers:read"], days=3)
    sent = {"full_name": "顾晓岚", "role": "district_leader", "region": "320685"}
    browser(keepers[Role.SYS_ADMIN]).post(reverse("core:account_change", args=[officer.pk]), sent)
    officer.refresh_from_db()
    assert (officer.role, officer.region_id) == ("district_leader", "320685")
    assert not ApiToken.objects.exists()
    assert acts() == [("move_user", "qd01")]


def test_who_is_closed_out_is_a_guest_at_once_and_may_come_back(keepers, officer):
    theirs, keeper = browser(officer), browser(keepers[Role.SYS_ADMIN])
    switch = reverse("core:account_switch", args=[officer.pk])
    keeper.post(switch)
    assert theirs.get("/")["Location"].startswith("/login/")
    keeper.post(switch)
    officer.refresh_from_db()
    assert officer.is_active and acts() == [("disable_user", "qd01"), ("enable_user", "qd01")]


def test_five_wrong_passwords_wait_for_the_security_administrator(keepers, officer):
    for _ in range(5):
        Client().post(reverse("core:login"), {"username": "qd01", "password": "x"})
    keeper = keepers[Role.SEC_ADMIN]
    assert [todo.kind for todo in todos_for(keeper)] == ["已锁定"]
    browser(keeper).post(reverse("core:account_unlock", args=[officer.pk]))
    assert todos_for(keeper) == []
    assert Client().post(
        reverse("core:login"), {"username": "qd01", "password": "Nan-tong-2022"}
    ).status_code == 302  # fmt: skip


def test_a_reset_ends_what_was_open_and_asks_for_a_new_password(keepers, officer):
    theirs = browser(officer)
    answer = browser(keepers[Role.SEC_ADMIN]).post(reverse("core:account_reset", args=[officer.pk]))
    assert theirs.get("/")["Location"].startswith("/login/")
    officer.refresh_from_db()
    assert officer.check_password(shown_password(answer)) and officer.must_change_password
    assert shown_password(answer) not in str(AuditEntry.objects.values_list("subject", "counts"))


def test_the_two_administrators_do_not_do_each_others_work(keepers, officer):
    for role, acts_of_other in {
        Role.SYS_ADMIN: ("account_reset", "account_unlock"),
        Role.SEC_ADMIN: ("account_change", "account_switch"),
    }.items():
        for act in acts_of_other:
            answer = browser(keepers[role]).post(reverse(f"core:{act}", args=[officer.pk]))
            assert answer.status_code == 403, (role, act)


@pytest.mark.parametrize("act", [users.disable_user, users.enable_user, users.reset_password])
def test_nobody_serves_himself(keepers, act):
    own = keepers[Role.SYS_ADMIN]
    with pytest.raises(users.AccountRefused, match="另一位管理员"):
        act(actor=own, user=own)
    assert acts() == []


def test_an_administrator_of_a_district_keeps_its_accounts_only(officer):
    keeper = browser(factories.user(Role.SYS_ADMIN, "320685"))
    assert "qd01" not in keeper.get(reverse("core:accounts")).content.decode()
    assert keeper.get(reverse("core:account", args=[officer.pk])).status_code == 404
    assert keeper.post(reverse("core:account_switch", args=[officer.pk])).status_code == 404


def test_the_list_costs_the_same_queries_however_many_accounts(keepers, django_assert_num_queries):
    browse = browser(keepers[Role.SYS_ADMIN])
    browse.get(reverse("core:accounts"))
    for number in range(8):
        factories.user(Role.DISTRICT_OFFICER, "320681", username=f"u{number}")
    with django_assert_num_queries(6):
        assert "u7" in browse.get(reverse("core:accounts")).content.decode()


# ---- the trail


def test_the_auditor_reads_who_did_what_and_of_no_firm(officer):
    record(actor=officer, act="view_contact", region=officer.region, subject="91320681MA00000012 恒砺机械")
    record(actor=officer, act="export_pool", counts={"rows": 1208})
    record(actor=officer, act="change_password", subject="qd01-own")
    browse = browser(factories.user(Role.AUDITOR, None))
    page = browse.get(reverse("core:trail")).content.decode()
    for shown in ("查看联系方式", "导出", "1,208", "修改密码", "qd01-own"):
        assert shown in page, shown
    assert "恒砺" not in page and "91320681MA" not in page
    assert "查看联系方式</td>" not in browse.get(reverse("core:trail"), {"act": "export_"}).content.decode()


@pytest.mark.parametrize("asked", [{"since": "2022-13-01"}, {"act": "x"}, {"until": "9999-12-31"}])
def test_the_trail_narrows_by_what_it_understands(officer, asked):
    record(actor=officer, act="change_password", subject="qd01-own")
    answer = browser(factories.user(Role.AUDITOR, None)).get(reverse("core:trail"), asked)
    assert "qd01-own" in answer.content.decode()


def test_an_auditor_of_a_district_reads_of_its_region_and_people_only(officer):
    record(actor=officer, act="change_password", subject="qd01-own")
    page = browser(factories.user(Role.AUDITOR, "320685")).get(reverse("core:trail")).content.decode()
    assert "qd01-own" not in page


def test_every_act_of_the_house_has_a_name():
    core = Path(__file__).resolve().parents[2] / "core"
    said = "\n".join(file.read_text(encoding="utf-8") for file in core.rglob("*.py"))
    acts_said = set(re.findall(r'(?:act=|note_act\(actor, )"([a-z]+_[a-z_]+)"', said))
    assert len(acts_said) > 15
    assert acts_said - set(HOUSE_ACTS) == set()
    assert act_label("export_pool") == "导出" and act_label("sign_bulletin") == "签发月报"
