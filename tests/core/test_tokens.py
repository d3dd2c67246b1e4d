"""REST clients' tokens: what is kept of them, when they end, and that none sees more than its user."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import ApiToken, AuditEntry, Role, User
from core.tokens import SCOPES, make_token
from tests import factories

CITY, QIDONG, RUDONG = "320600", "320681", "320623"


@pytest.fixture
def client_user(nantong):
    return factories.user(Role.API_CLIENT, CITY, username="client")


def token_for(user, region=CITY, scopes=("tiers:read",), days=30):
    return make_token(
        actor=User.objects.system(),
        user=user,
        region=factories.region(region),
        scopes=list(scopes),
        days=days,
        label="月度取数",
    )


def ask(client, text, route="api:enterprises", **query):
    return client.get(reverse(route), query, headers={"Authorization": f"Token {text}"})


def test_the_text_of_a_token_is_nowhere_in_the_database(client_user):
    text = token_for(client_user)
    token = ApiToken.objects.get()
    assert text not in [str(getattr(token, field.attname)) for field in ApiToken._meta.fields]
    assert len(token.digest) == 128
    entry = AuditEntry.objects.get(act="make_token")
    assert (entry.region_id, entry.counts) == (CITY, {"days": 30, "scopes": "tiers:read"})
    assert entry.subject == f"client {text[:15]}", "names the token without being one"


def test_a_token_opens_the_door(client, client_user):
    answer = ask(client, token_for(client_user))
    assert answer.status_code == 200
    assert set(answer.json()) == {"next", "previous", "results"}


@pytest.mark.parametrize(
    "text",
    ["", "0" * 64, "x", "0" * 5000, "a\x00b", "two words", "../../etc", "%00", "{key}", "{key}0"],
)
def test_anything_else_does_not(client, client_user, text):
    key = token_for(client_user)
    answer = ask(client, text.format(key=key[:15]))
    assert answer.status_code == 401
    assert answer.json()["message"] in {
        "令牌无效、已过期或已停用。",
        "缺少令牌，请求头应为 Authorization: Token …。",
    }
    assert answer["WWW-Authenticate"] == "Token"


def test_without_a_token_the_door_is_closed(client, nantong):
    answer = client.get(reverse("api:enterprises"))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_bytes_that_are_no_text_are_refused_not_a_failure(client, client_user):
    assert client.get(reverse("api:enterprises"), HTTP_AUTHORIZATION="Token \xff\xfe").status_code == 401


def test_a_token_ends_on_its_day(client, client_user, time_machine):
    text = token_for(client_user, days=30)
    now = timezone.now()
    time_machine.move_to(now + timedelta(days=29, hours=23))
    assert ask(client, text).status_code == 200
    time_machine.move_to(now + timedelta(days=30, minutes=1))
    answer = ask(client, text)
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_a_revoked_token_is_worth_nothing(client, client_user):
    text, other = token_for(client_user), token_for(client_user)
    ApiToken.objects.filter(token_key=text[:15]).delete()
    assert ask(client, text).status_code == 401
    assert ask(client, other).status_code == 200


def test_a_disabled_user_s_token_is_worth_nothing(client, client_user):
    text = token_for(client_user)
    User.objects.filter(pk=client_user.pk).update(is_active=False)
    assert ask(client, text).status_code == 401


def test_a_user_who_became_an_administrator_reads_nothing(client, client_user):
    text = token_for(client_user)
    User.objects.filter(pk=client_user.pk).update(role=Role.SYS_ADMIN)
    assert ask(client, text).status_code == 403


def test_a_token_never_sees_more_than_its_user_who_moved(client, client_user):
    text = token_for(client_user, QIDONG)
    assert ask(client, text).status_code == 200
    User.objects.filter(pk=client_user.pk).update(region=factories.region(RUDONG))
    answer = ask(client, text)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_outgrown")
    assert "重新申请令牌" in answer.json()["message"]
    User.objects.filter(pk=client_user.pk).update(region=None)
    assert ask(client, text).status_code == 401


def test_a_token_narrows_its_user_to_its_region(client, client_user):
    for region in (QIDONG, RUDONG):
        factories.enterprise(f"{region}有限公司", region=region)
    seen = {
        region: {row["region"] for row in ask(client, token_for(client_user, region)).json()["results"]}
        for region in (CITY, QIDONG)
    }
    assert seen == {CITY: {QIDONG, RUDONG}, QIDONG: {QIDONG}}


OPENS = {
    "tiers:read": {
        "api:tiers", "api:targets", "api:enterprises", "api:months", "api:pool", "api:evaluation_results", "api:awards",
        "api:returns", "api:corrections", "api:orders",
    },
    "targets:read": {"api:targets"},
    "enterprises:read": {"api:enterprises"},
    "months:read": {"api:months", "api:returns", "api:corrections", "api:orders"},
    "pool:read": {"api:pool"},
    "grades:read": {"api:evaluation_results"},
    "awards:read": {"api:awards"},
    "scores:read": set(),
    "batches:write": {"api:batches"},
    "returns:write": {"api:returns"},
    "corrections:write": {"api:corrections"},
    "orders:write": {"api:orders"},
}  # fmt: skip


@pytest.mark.parametrize(("scope", "opens"), OPENS.items())
def test_a_scope_opens_its_own_doors(client, client_user, scope, opens):
    text = token_for(client_user, scopes=[scope])
    asked = {"programme": "nantong-2022", "month": "2022-06"}
    answers = {route: ask(client, text, route, **asked) for route in {*OPENS["tiers:read"], "api:batches"}}
    assert {route for route, answer in answers.items() if answer.status_code == 200} == opens
    for route in answers.keys() - opens:
        assert answers[route].json()["code"] == "permission_denied"
        assert answers[route].status_code == 403


def test_every_scope_is_tested_above():
    assert set(SCOPES) == set(OPENS)


def test_a_token_reads_it_never_writes(client, client_user):
    text = token_for(client_user)
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)(
            reverse("api:enterprises"), headers={"Authorization": f"Token {text}"}
        )
        assert answer.status_code in {403, 405}


def test_a_token_opens_no_page(client, client_user):
    answer = client.get(
        reverse("reports:workbench"), headers={"Authorization": f"Token {token_for(client_user)}"}
    )
    assert answer.status_code == 302 and answer["Location"].startswith("/login/")


def test_who_must_change_his_password_reads_nothing_by_session_either(client, nantong):
    officer = factories.user(must_change_password=True)
    client.force_login(officer)
    assert client.get(reverse("api:enterprises")).status_code == 403
    User.objects.filter(pk=officer.pk).update(must_change_password=False)
    assert client.get(reverse("api:enterprises")).status_code == 200
