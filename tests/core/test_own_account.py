"""Signing in and out, the own password, and the pages that tell what went wrong."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse

from core.models import AuditEntry, Role, User
from core.views import bad_request, server_error

PASSWORD = "Nan-tong-2022"


@pytest.fixture
def officer(db):
    return User.objects.create_user(
        "qd01", PASSWORD, full_name="顾晓岚", role=Role.DISTRICT_OFFICER, unit_name="启东市工信局"
    )


def test_signing_in_leads_on_and_is_in_the_trail(client, officer):
    answer = client.post(
        reverse("core:login") + "?next=/password/", {"username": "qd01", "password": PASSWORD}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/password/")
    assert AuditEntry.objects.get(act="sign_in").actor == officer


def test_signing_in_never_leads_to_another_site(client, officer):
    answer = client.post(
        reverse("core:login"),
        {"username": "qd01", "password": PASSWORD, "next": "https://elsewhere.example/"},
    )
    assert answer["Location"] == "/"


def test_a_wrong_password_and_an_unknown_account_read_alike(client, officer):
    pages = [
        client.post(reverse("core:login"), {"username": name, "password": "x"}).content.decode()
        for name in ("qd01", "nobody")
    ]
    assert all("账号或密码不对" in page for page in pages)


def test_an_account_of_the_interface_is_told_at_the_door_that_pages_are_not_for_it(client, db):
    User.objects.create_user("rest01", PASSWORD, full_name="接口", role=Role.API_CLIENT)
    page = client.post(reverse("core:login"), {"username": "rest01", "password": PASSWORD})
    assert "接口账号不登录网页" in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_five_wrong_passwords_lock_and_say_for_how_long(client, officer):
    for _ in range(5):
        answer = client.post(reverse("core:login"), {"username": "qd01", "password": "x"})
    assert answer.status_code == 429
    assert "连续输错 5 次，已锁定 15 分钟" in answer.content.decode()


def test_signing_out_is_a_post(client, officer):
    client.force_login(officer)
    assert client.get(reverse("core:logout")).status_code in {403, 405}
    assert client.post(reverse("core:logout")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_the_own_password_is_changed_and_the_first_login_duty_lifted(client, officer):
    User.objects.filter(pk=officer.pk).update(must_change_password=True)
    client.force_login(officer)
    page = client.get(reverse("core:password_change")).content.decode()
    assert "首次登录须先改密码" in page
    new = "Qi-dong-2022"
    answer = client.post(
        reverse("core:password_change"),
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )
    assert answer.status_code == 302
    officer.refresh_from_db()
    assert officer.check_password(new) and not officer.must_change_password
    assert AuditEntry.objects.filter(act="change_password", actor=officer).exists()
    assert client.get(reverse("core:password_change")).status_code == 200  # still signed in here


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"old_password": "x"}, "旧密码不对"),
        ({"new_password2": "other"}, "两次输入的新密码不一致"),
        ({"new_password1": "abc", "new_password2": "abc"}, "密码至少 8 位"),
        ({"new_password1": PASSWORD, "new_password2": PASSWORD}, "新密码与旧密码相同"),
        ({"old_password": ""}, "请填写旧密码"),
    ],
)
def test_a_refused_password_says_why_beside_the_field(client, officer, fields, fault):
    client.force_login(officer)
    sent = {
        "old_password": PASSWORD,
        "new_password1": "Qi-dong-2022",
        "new_password2": "Qi-dong-2022",
    } | fields
    page = client.post(reverse("core:password_change"), sent).content.decode()
    assert fault in page and "处需要改正" in page
    assert 'aria-invalid="true"' in page and re.search(r'aria-describedby="[^"]*_error"', page)
    assert PASSWORD not in page


def test_the_frame_shows_who_is_signed_in_and_the_demo_mark(client, officer, settings):
    settings.DEMO = True
    client.force_login(officer)
    page = client.get(reverse("core:password_change")).content.decode()
    for shown in ("顾晓岚", "启东市工信局", "合成数据", "跳到正文", "本系统数据用于工作调度，不是统计数据"):
        assert shown in page
    assert '<html lang="zh-CN"' in page


def test_names_are_text_in_every_place(client, db):
    user = User.objects.create_user("x1", PASSWORD, full_name="<img src=x>", role=Role.BUREAU_STAFF)
    client.force_login(user)
    assert b"<img src=x>" not in client.get(reverse("core:password_change")).content


def test_unknown_pages_are_told_in_chinese_to_both_guest_and_officer(client, officer):
    assert "没有找到" in client.get("/no-such-page/").content.decode()
    client.force_login(officer)
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404 and "回到工作台" in answer.content.decode()


def test_a_form_whose_token_expired_is_told_and_leads_back(officer):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(reverse("core:login"), {}, headers={"referer": "http://testserver/enterprises/?q=1"})
    assert answer.status_code == 403
    assert 'href="/enterprises/"' in answer.content.decode()
    away = strict.post(reverse("core:login"), {}, headers={"referer": "https://elsewhere.example/a"})
    assert "elsewhere" not in away.content.decode()


def test_a_failure_gives_a_short_number_to_report():
    request = RequestFactory().get("/")
    request.id = "7f3a0912"
    assert "7f3a0912" in server_error(request).content.decode()
    assert bad_request(request).status_code == 400


def test_a_session_runs_on_while_its_person_works_and_is_not_written_at_every_page(
    client, officer, time_machine
):
    time_machine.move_to("2026-04-08T09:00:00+08:00", tick=False)
    client.post(reverse("core:login"), {"username": "qd01", "password": PASSWORD})
    where = reverse("core:password_change")

    def ends():
        client.get(where)
        return Session.objects.get(pk=client.session.session_key).expire_date

    first = ends()
    time_machine.shift(40)
    assert ends() == first
    time_machine.shift(30)
    assert ends() == first + timedelta(seconds=70)
    time_machine.shift(31 * 60)
    assert client.get(where)["Location"].startswith("/login/")
