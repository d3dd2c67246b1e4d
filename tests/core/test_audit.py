"""The trail: one entry an act, in the same transaction, with its request, never changed and never deleted."""

import pytest
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.urls import reverse

from core.audit import digest_of, record
from core.middleware import ForwardedAddressMiddleware
from core.models import ApiToken, AuditEntry, Role, User
from core.services import accounts, users
from core.tokens import make_token
from tests import factories


class Stopped(Exception):
    pass


@pytest.fixture
def officer(nantong):
    return factories.user(username="qd01", full_name="顾晓岚", password="Nan-tong-2022")


def test_an_entry_says_who_did_what_where_with_how_many_rows(officer):
    entry = record(
        actor=officer,
        act="commit_batch",
        region=officer.region,
        subject="B000001",
        counts={"new": 3, "changed": 1},
        digest=digest_of([1, 2]),
    )
    entry.refresh_from_db()
    assert (entry.actor, entry.actor_name, entry.region.name) == (officer, "顾晓岚（qd01）", "启东市")
    assert (entry.act, entry.subject, entry.counts) == ("commit_batch", "B000001", {"new": 3, "changed": 1})
    assert len(entry.digest) == 64 and entry.at


def test_the_name_in_the_trail_stays_when_the_account_is_renamed(officer):
    entry = record(actor=officer, act="sign_in")
    User.objects.filter(pk=officer.pk).update(full_name="改名")
    entry.refresh_from_db()
    assert entry.actor_name == "顾晓岚（qd01）"


def test_an_act_that_is_rolled_back_leaves_no_entry(officer):
    with pytest.raises(Stopped), transaction.atomic():
        record(actor=officer, act="commit_batch")
        raise Stopped
    assert not AuditEntry.objects.exists()


def add(username="rd01"):
    return users.add_user(
        actor=User.objects.system(),
        username=username,
        full_name="王某",
        role=Role.DISTRICT_OFFICER,
        region=factories.region("320623"),
    )


def test_one_act_makes_one_entry(officer):
    user, _ = add()
    assert [e.act for e in AuditEntry.objects.all()] == ["add_user"]
    make_token(actor=officer, user=user, region=user.region, scopes=["months:read", "targets:read"], days=30)
    accounts.change_password(actor=user, new_password="Ru-dong-2022")
    assert [e.act for e in AuditEntry.objects.all()] == ["change_password", "make_token", "add_user"]


def test_an_act_that_fails_leaves_no_entry(officer):
    add()
    with pytest.raises(IntegrityError), transaction.atomic():
        add()
    assert AuditEntry.objects.filter(act="add_user").count() == 1


@pytest.mark.parametrize(
    ("module", "act", "untouched"),
    [
        ("core.services.users", lambda officer: add("rd02"), lambda: User.objects.filter(username="rd02")),
        (
            "core.tokens",
            lambda officer: make_token(
                actor=officer, user=officer, region=officer.region, scopes=["months:read"], days=1
            ),
            lambda: ApiToken.objects.all(),
        ),
        (
            "core.services.accounts",
            lambda officer: accounts.change_password(actor=officer, new_password="Qi-dong-2022"),
            lambda: [u for u in User.objects.filter(username="qd01") if u.check_password("Qi-dong-2022")],
        ),
    ],
    ids=["add_user", "make_token", "change_password"],
)
def test_an_act_without_its_entry_does_not_happen(officer, monkeypatch, module, act, untouched):
    def fail(**fields):
        raise Stopped

    monkeypatch.setattr(f"{module}.record", fail)
    with pytest.raises(Stopped):
        act(officer)
    assert not untouched()


@pytest.mark.parametrize(
    "meddle",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: AuditEntry.objects.update(act="x"),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(counts={}),
        lambda entry: AuditEntry.objects.bulk_update([entry], ["act"]),
        lambda entry: AuditEntry.objects.all().delete(),
        lambda entry: AuditEntry.objects.filter(act="sign_in").delete(),
        lambda entry: AuditEntry.objects.update_or_create(pk=entry.pk, defaults={"act": "x"}),
        lambda entry: AuditEntry(pk=entry.pk, act="x").save(),
    ],
)
def test_an_entry_is_never_changed_and_never_deleted(officer, meddle):
    entry = record(actor=officer, act="sign_in")
    with pytest.raises(TypeError, match="never"):
        meddle(entry)
    assert [(e.pk, e.act) for e in AuditEntry.objects.all()] == [(entry.pk, "sign_in")]


def test_nor_do_its_actor_and_region_leave_under_it(officer):
    record(actor=officer, act="sign_in", region=factories.region("320671"))
    for subject in (officer, factories.region("320671")):
        with pytest.raises(IntegrityError), transaction.atomic():
            subject.delete()


def test_the_entry_of_a_request_carries_its_number_and_address(client, officer):
    answer = client.post(
        reverse("core:login"), {"username": "qd01", "password": "Nan-tong-2022"}, REMOTE_ADDR="10.1.2.3"
    )
    entry = AuditEntry.objects.get(act="sign_in")
    assert entry.request_id == answer["X-Request-Id"] != ""
    assert entry.address == "10.1.2.3"
    assert record(actor=officer, act="close_month").request_id == "", "outside a request there is none"


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("1.1.1.1, 10.1.2.3", "10.1.2.3"),
        ("2001:db8::1", "2001:db8::1"),
        ("<script>", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_behind_the_proxy_its_own_word_counts_and_not_what_came_with_the_request(told, address):
    request = RequestFactory().get("/", headers={"X-Forwarded-For": told})
    assert ForwardedAddressMiddleware(lambda request: request.META["REMOTE_ADDR"])(request) == address


def test_equal_values_have_equal_digests_whatever_their_order_of_keys():
    assert digest_of({"a": 1, "b": [2]}) == digest_of({"b": [2], "a": 1}) != digest_of({"a": 1, "b": [3]})
