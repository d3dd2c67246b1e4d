"""Every URL × method × role: closed unless the one table opens it, and nothing of another district shines through."""

from __future__ import annotations

import re
from datetime import date
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path, reverse
from django.utils import timezone

import core.views
from core.audit import digest_of
from core.models import AuditEntry, Department, JobRun, PolicyEdition, Region, Role, SignOfLife, User
from core.permissions import PERMISSIONS, PUBLIC, ROUTES, TOKEN_ROUTES, permission_for, role_can
from core.scoping import NO_BUSINESS_DATA
from core.services.policies import load_edition
from core.tokens import SCOPES, make_token
from cultivation.models import (
    Correction,
    DispatchOrder,
    MonthlyIssue,
    PoolApplication,
    PoolHandover,
    PoolJudgement,
    WatchEntry,
    WatchNote,
)
from cultivation.services.month_cycles import ensure_periods
from cultivation.services.months import close_month, issue_month
from enterprises.models import RegistryEvent
from evaluation.models import Appeal, EvaluationFile, Project, Score
from evaluation.services.rounds import publish_round, run_evaluation
from incentives.services.computing import compute_awards
from intake.models import ListLayout
from tests import doors, factories
from tests.doors import (
    JUNE,
    METHODS,
    PATH,
    Side,
    address,
    checked_batch,
    encoding,
    form,
    methods_of,
    person,
    text_of,
)
from tests.test_foreign_keys import our_models

QIDONG, RUDONG, RUZHOU = "320681", "320623", "410482"
NANTONG, PINGDINGSHAN = "nantong-2022", "pingdingshan-2022"
PEOPLE = [role for role in Role if role is not Role.SYSTEM]
POLICIES = Path(__file__).resolve().parents[1] / "config/policies"
ROUTE_NAMES = sorted(doors.routes())

#: what only the foreign district knows: names, people, codes, a figure in every form it is written
CANARY_USCC, LARK_USCC = factories.uscc(7777777, RUDONG), factories.uscc(6666666, RUZHOU)
CANARY = re.compile(rf"金丝雀|7,?777,?777\.77|777777777|13977777777|{CANARY_USCC}")
#: and the other city's
LARK = re.compile(rf"百灵|6,?666,?666\.66|666666666|13966666666|{LARK_USCC}")


# ---- the table and the URLs are one


def test_every_url_has_its_line_in_the_table_and_every_line_its_url():
    listed = [*ROUTES, *TOKEN_ROUTES, *PUBLIC]
    assert sorted(listed) == ROUTE_NAMES, "each URL in exactly one of ROUTES, TOKEN_ROUTES, PUBLIC"


def test_every_line_names_a_permission_and_a_method_that_exist():
    for route, methods in ROUTES.items():
        assert set(methods) <= {"GET", "POST"}, route
        assert set(methods.values()) <= set(PERMISSIONS), route
    for route, methods in TOKEN_ROUTES.items():
        assert set(methods) <= {"GET", "POST"}, route
        for permission, scopes in methods.values():
            assert permission in PERMISSIONS and scopes <= set(SCOPES), route


def test_every_address_with_a_variable_part_can_be_built_here():
    assert {name for name, parts in doors.routes().items() if parts} == set(PATH), "tests/doors.py knows each"


urlpatterns = [
    path("unlisted/", lambda request: HttpResponse("open"), name="unlisted"),
    path("nameless/", lambda request: HttpResponse("open")),
    path("", include("core.urls")),
]


@pytest.mark.urls("tests.test_every_door")
@pytest.mark.parametrize("role", PEOPLE)
def test_a_url_that_nobody_listed_is_closed_to_everybody(nantong, client, role):
    assert client.get("/unlisted/")["Location"].startswith("/login/")
    client.force_login(person(role))
    for address_ in ("/unlisted/", "/nameless/"):
        for method in METHODS:
            assert client.generic(method, address_).status_code == 403, (method, address_)


# ---- the world: one own district, a foreign one beside it, another city


#: enough land to be in the scope of the evaluation
SURVEYED = {
    "land_own_mu": "10", "land_leased_in_mu": "0", "land_leased_out_mu": "0", "tax_wan": "2", "power_wan_kwh": "5",
}  # fmt: skip


@pytest.fixture
def world(db, time_machine):
    """``{"own": Side, …}``; the foreign district's canaries come with ``let_canaries_in``."""
    time_machine.move_to("2022-07-08 10:00+08:00", tick=False)
    for name in SignOfLife.Name.values:
        SignOfLife.objects.create(name=name, at=timezone.now())
    for file in (f"nantong/{NANTONG}.yaml", f"pingdingshan/{PINGDINGSHAN}.yaml"):
        load_edition(text=printed(file), actor=User.objects.system())
    own = side_of(QIDONG, NANTONG, "启东试验机械", factories.uscc(1), "1.11", "13811112222")
    ensure_periods(up_to=JUNE, since=JUNE, actor=User.objects.system())
    close_months(NANTONG)
    keep_correction(own, "启东试验机械")
    grade(own)
    return {"own": own}


def printed(file):
    """The document; what Nantong leaves its districts to decide gets an amount, so that its round can be asked for."""
    text = (POLICIES / file).read_text(encoding="utf-8")
    head, rule, rest = text.partition("id: local-awards\n")
    occasion = "occasion: {event: listed, year_by: approval_library}"
    amount = "amount: {type: fixed, yuan: 20000}"
    return head + rule + rest.replace("amount: unknown", f"{occasion}\n      {amount}", 1)


def side_of(code, programme, name, uscc, amount, phone):
    where = factories.region(code)
    sender = factories.user(region=where, full_name=f"{name}经办")
    firm = factories.enterprise(f"{name}有限公司", where, uscc=uscc, contact=f"{name}联系人", phone=phone)
    for month in ("2021-06", "2022-05", "2022-06"):
        factories.monthly_figure(firm, month, amount, amount, power_wan_kwh=amount)
    factories.annual_figure(firm, 2021, revenue_wan=amount, taxable_sales_wan=amount, **SURVEYED)
    factories.delisted_entry(firm, 2019)
    RegistryEvent.objects.create(
        enterprise=firm,
        kind="renamed",
        on=date(2020, 5, 1),
        old=f"{name}旧名",
        new=firm.name,
        evidence=f"{name}文书",
    )
    if code == QIDONG:
        factories.scale_event(firm, month="2022-03")
    else:
        factories.scale_event(firm, "delisted", month="2022-04", cause=name)
    keep_acts(where, programme, firm, sender, name)
    ListLayout.objects.create(
        department=Department.INDUSTRY,
        region=where,
        sheet="department_list",
        signature=code,
        confirmed_by=sender,
    )
    return Side(where, programme, firm, checked_batch(sender, firm, f"{name}.xlsx", amount))


def keep_correction(side, name):
    """A figure of May, which is issued, waits to be put right."""
    Correction.objects.create(
        issue=MonthlyIssue.objects.get(programme=side.programme, month=JUNE - 1), month=JUNE - 1,
        enterprise=side.firm, region=side.region, measure="staff", old=None, new=7, reason=name,
        evidence_name=f"{name}.pdf", evidence=b"%PDF-", made_by=User.objects.system(), made_at=timezone.now(),
    )  # fmt: skip


def keep_acts(where, programme, firm, sender, name):
    """An application, a list handed on, an entry of a daily list with a note, a judgement, and work that failed."""
    edition = PolicyEdition.objects.get(name=programme)
    now = timezone.now()
    PoolApplication.objects.create(
        programme=programme, pool="scale_up", enterprise=firm, act="admit", reason=name, edition=edition,
        applied_by=sender, applied_at=now,
    )  # fmt: skip
    PoolHandover.objects.create(
        programme=programme, pool="scale_up", region=where, recipient=f"{name}银行", count=1, sha256="0" * 64,
        content=b"list", handed_by=sender, handed_at=now,
    )  # fmt: skip
    DispatchOrder.objects.create(
        programme=programme, month=JUNE, number=where.order + 1, region=where, kind="fall", asked=name, owner=name,
        deadline=now.date(), state="sent", drafted_by=sender, drafted_at=now, sent_at=now,
    )  # fmt: skip
    entry = WatchEntry.objects.create(
        kind="eligible", enterprise=firm, month=JUNE, since=now.date(), refreshed_at=now, signals=["ytd"]
    )
    WatchNote.objects.create(
        entry=entry, code="unwilling", note=name, person=name, on=now.date(), recorded_by=sender, at=now
    )
    JobRun.objects.create(
        job="close_month", key=f"close_month:{programme}:{name}", arguments={"programme": programme},
        state=JobRun.State.FAILED, error=f"ValueError: {name}", result={"refused": name}, actor=User.objects.system(),
        attempts=3, queued_at=now,
    )  # fmt: skip
    PoolJudgement.objects.create(
        enterprise=firm, potential="high", note=name, judged_on=now.date(), judged_by=sender, at=now
    )


def grade(side):
    """The firm's published grade of 2021."""
    load_edition(
        text=(POLICIES / "nantong/nantong-demo-2021.yaml").read_text("utf-8"), actor=User.objects.system()
    )
    round_ = run_evaluation(scheme="nantong-demo-2021", year=2021, actor=User.objects.system())
    publish_round(round_=round_, actor=User.objects.system())
    side.score = Score.objects.get(round=round_, enterprise=side.firm).pk
    keep_appeal(side)


def keep_appeal(side):
    """An appeal with its proof, decided before the round was published, and a project."""
    score, sender = Score.objects.get(pk=side.score), User.objects.system()
    proof = EvaluationFile.objects.create(
        region=side.region, name=f"{side.firm.name}.pdf", media_type="application/pdf", size=1, sha256="0" * 64,
        content=b"%PDF-", uploaded_by=sender, uploaded_at=timezone.now(),
    )  # fmt: skip
    Appeal.objects.create(
        round_id=score.round_id, enterprise=side.firm, region=side.region, quantity="tax", stated=1, claimed=2,
        reason=side.firm.name, file=proof, state="rejected", answer=side.firm.name, filed_by=sender,
        filed_at=timezone.now(),
    )  # fmt: skip
    Project.objects.create(
        round_id=score.round_id, enterprise=side.firm, region=side.region, kind="clear", measure="merge",
        plan=side.firm.name, due_on=date(2022, 12, 31), opened_by=sender, opened_at=timezone.now(),
    )  # fmt: skip


def score_like(own, side):
    """The foreign firm's score in the same round, as good as the own firm's but for a total to be known by."""
    score = Score.objects.get(pk=own.score)
    score.pk, score.enterprise, score.region, score.total = None, side.firm, side.region, 7777777777700
    score.save(force_insert=True)
    side.score = score.pk
    keep_appeal(side)


def let_canaries_in(world):
    """The same of the foreign district of the same city and of a district of another city, and June anew."""
    world["near"] = side_of(RUDONG, NANTONG, "金丝雀", CANARY_USCC, "7777777.77", "13977777777")
    score_like(world["own"], world["near"])
    keep_correction(world["near"], "金丝雀")
    world["far"] = side_of(RUZHOU, PINGDINGSHAN, "百灵", LARK_USCC, "6666666.66", "13966666666")
    close_month(programme=NANTONG, month=JUNE, actor=User.objects.system())
    compute_awards(programme=NANTONG, year=JUNE.year, actor=User.objects.system())
    close_months(PINGDINGSHAN)


def close_months(programme):
    """May issued, June a draft."""
    may = close_month(programme=programme, month=JUNE - 1, actor=User.objects.system())
    if not may.is_frozen:
        issue_month(issue=may, actor=User.objects.system())
    close_month(programme=programme, month=JUNE, actor=User.objects.system())
    compute_awards(programme=programme, year=JUNE.year, actor=User.objects.system())


@pytest.fixture
def town(db):
    """A town of 启东市."""

    def make():
        return Region.objects.create(
            code="320681101",
            name="吕四港镇",
            kind=Region.Kind.TOWNSHIP,
            parent_id=QIDONG,
            path=f"{factories.CITY}/{QIDONG}/320681101/",
        )

    return make


@pytest.fixture(autouse=True)
def _short_refusals(monkeypatch):
    """What refuses says nothing of the house, and is asked for thousands of times: here it is a status alone."""
    whole = core.views.render

    def render(request, template, context=None, status=None):
        if template in {"403.html", "404.html"}:
            return HttpResponse(status=status)
        return whole(request, template, context, status=status)

    monkeypatch.setattr(core.views, "render", render)


@pytest.fixture(autouse=True)
def _count_of_tasks_stands(settings):
    """What waits for a person is counted once a walk and not anew for each of two hundred pages."""
    settings.STANDING_SECONDS = 600
    cache.clear()


class Visitor:
    """Knocks at doors; whatever an answer changed is undone, in the database and in the browser."""

    def __init__(self, user=None, token=None):
        self.user = user
        self.client = Client(headers={"Authorization": f"Token {token}"} if token else {})
        if user and not token:
            self.client.force_login(user)
        self.cookies = self.client.cookies.output(header="", sep=";")

    def visit(self, method, route, side):
        data = form(route, side) if method == "POST" else None
        return self.knock(method, address(route, side), data, **encoding(route, method))

    def knock(self, method, where, data=None, **encoded):
        self.client.cookies = SimpleCookie(self.cookies)
        with transaction.atomic():
            answer = getattr(self.client, method.lower())(where, data or {}, **encoded)
            answer.text_ = text_of(answer)
            answer.after = text_of(self.client.get(answer["Location"])) if self._leads_on(answer) else ""
            transaction.set_rollback(True)
        if method not in {"GET", "HEAD", "OPTIONS"}:
            cache.clear()  # what stood after an act that was undone is another house's
        return answer

    def _leads_on(self, answer):
        return answer.status_code == 302 and not answer["Location"].startswith("/login/")


# ---- who may knock where


def permitted(role, route, method):
    if route in TOKEN_ROUTES:
        rule = TOKEN_ROUTES[route].get("GET" if method in {"HEAD", "OPTIONS"} else method)
        return rule is not None and role_can(role, rule[0])
    permission = permission_for(route, method)
    return permission is not None and role_can(role, permission)


@pytest.mark.any_database
@pytest.mark.parametrize("role", PEOPLE)
def test_a_door_opens_to_the_roles_of_the_table_and_to_no_other(world, town, role):
    visitor = Visitor(person(role, town=town()))
    for route in ROUTE_NAMES:
        if route in PUBLIC:
            continue
        # no line of the table opens another method to anybody: two roles try them for all
        for method in METHODS if role in {Role.BUREAU_STAFF, Role.API_CLIENT} else ("GET", "POST"):
            answer = visitor.visit(method, route, world["own"])
            told = f"{role} {method} {route} → {answer.status_code}"
            if permitted(role, route, method):
                # a program is told what is wrong with its post in the status
                assert answer.status_code in {
                    200,
                    302,
                    404,
                    405,
                    *({201, 202, 400, 409} if route in TOKEN_ROUTES else ()),
                }, told
            elif route in TOKEN_ROUTES and method not in methods_of(route):
                assert answer.status_code == 405, told
            else:
                assert answer.status_code == 403, told
                assert "启东试验" not in answer.text_, told


def test_an_opened_door_answers_the_officer_whose_row_it_is(world):
    """So that the walk above cannot pass on answers of 404 alone."""
    people = [
        Visitor(person(role))
        for role in (
            Role.DISTRICT_OFFICER,
            Role.BUREAU_STAFF,
            Role.BUREAU_LEADER,
            Role.FINANCE,
            Role.SYS_ADMIN,
            Role.SEC_ADMIN,
            Role.AUDITOR,
        )
    ]
    for route in ROUTE_NAMES:
        for method in methods_of(route) & {"GET", "POST"}:
            if route in PUBLIC:
                continue
            # his batch waits to be committed, and what was never taken in is not taken back
            expected = {409} if route == "api:batch_undo" else {200, 201, 202, 302}
            visitors = (v for v in people if permitted(v.user.role, route, method))
            # papers of the whole city are not the district's: then the bureau's door is asked
            answers = (visitor.visit(method, route, world["own"]).status_code for visitor in visitors)
            assert any(status in expected for status in answers), f"{method} {route}"


def test_a_guest_is_led_to_the_login_whatever_he_knocks_at(world):
    guest = Visitor()
    for route in ROUTE_NAMES:
        for method in METHODS:
            answer = guest.knock(method, address(route, world["own"]))
            told = f"{method} {route} → {answer.status_code}"
            if route in PUBLIC:
                assert answer.status_code in {200, 405}, told
            elif route in TOKEN_ROUTES:
                assert answer.status_code == 401, told
            else:
                assert answer.status_code == 302 and answer["Location"].startswith("/login/"), told
            assert "启东试验" not in answer.text_, told


def test_a_disabled_account_is_a_guest(world):
    visitor = Visitor(person(Role.DISTRICT_OFFICER))
    User.objects.filter(pk=visitor.user.pk).update(is_active=False)
    for route in ROUTE_NAMES:
        if route not in PUBLIC:
            assert visitor.knock("GET", address(route, world["own"])).status_code in {302, 401}, route


# ---- what shines through


def answers(visitor, role, side, methods=("GET", "POST")):
    """Route and method → everything told, of the doors that this role may use."""
    told = {}
    for route in ROUTE_NAMES:
        for method in methods:
            if route not in PUBLIC and method in methods_of(route) and permitted(role, route, method):
                answer = visitor.visit(method, route, side)
                told[route, method] = f"{answer.status_code}\n{unquote(answer.text_)}\n{answer.after}"
    return told


def settled(text):
    """Without what is new at every asking: form tokens, fingerprints, hours, and the number of the row just made."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    text = re.sub(r"messages=\S+|<dcterms:modified.*?</dcterms:modified>", "", text)
    text = re.sub(r"\b(?=[0-9]*[a-f])[0-9a-f]{8,}\b", "#", text)
    return re.sub(r"\bB\d{6}\b|/(intake|batches|corrections)/\d+/|更正单\d{5}|\"id\": ?\d+", "B", text)


def leaked(told):
    return {door: CANARY.search(text)[0] for door, text in told.items() if CANARY.search(text)}


@pytest.mark.parametrize("role", [Role.DISTRICT_OFFICER, Role.DISTRICT_LEADER, Role.TOWNSHIP_OFFICER])
def test_nothing_of_a_foreign_district_is_in_any_answer(world, town, role):
    """No canary; and every answer is, but for form tokens, what it was before the foreign rows came:
    so that no count, sum, rank or choice list tells of them either."""
    visitor = Visitor(person(role, town=town()))
    before = answers(visitor, role, world["own"])
    let_canaries_in(world)
    after = answers(visitor, role, world["own"])
    assert leaked(after) == {}
    assert {door: settled(text) for door, text in after.items()} == {
        door: settled(text) for door, text in before.items()
    }


def test_a_token_of_one_district_tells_nothing_of_another(world):
    client_user = person(Role.API_CLIENT)
    token = make_token(
        actor=client_user,
        user=client_user,
        region=world["own"].region,
        scopes=["tiers:read", "batches:write"],
        days=30,
    )
    visitor = Visitor(client_user, token)
    before = answers(visitor, Role.API_CLIENT, world["own"], ["GET"])
    let_canaries_in(world)
    after = answers(visitor, Role.API_CLIENT, world["own"], ["GET"])
    assert leaked(after) == {}
    assert {d: settled(t) for d, t in after.items()} == {d: settled(t) for d, t in before.items()}
    for route in TOKEN_ROUTES:
        if "GET" not in TOKEN_ROUTES[route]:
            continue
        if route not in PATH:
            assert not CANARY.search(visitor.knock("GET", reverse(route)).text_), route
        for side in ("near", "far"):
            answer = visitor.knock("GET", address(route, world[side]))
            assert answer.status_code == (404 if route in PATH else 200), route
            assert not CANARY.search(answer.text_), route


@pytest.mark.parametrize("role", [Role.BUREAU_STAFF, Role.BUREAU_LEADER])
def test_the_city_sees_the_canaries_of_its_district(world, role):
    """Else the tests above could not fail."""
    visitor = Visitor(person(role))
    before = answers(visitor, role, world["own"], ["GET"])
    let_canaries_in(world)
    seen = leaked(answers(visitor, role, world["near"], ["GET"]))
    for route in (
        "reports:workbench", "intake:batch_list", "intake:batch", "intake:batch_annotated", "intake:batch_file",
        "enterprises:list", "enterprises:export", "enterprises:detail", "cultivation:month",
        "cultivation:month_rows", "cultivation:month_export", "api:enterprises", "api:months",
    ):  # fmt: skip
        assert (route, "GET") in seen, route
    after = answers(visitor, role, world["own"], ["GET"])
    changed = {door[0] for door in after if settled(after[door]) != settled(before[door])}
    assert {"cultivation:month", "cultivation:month_export", "reports:workbench"} <= changed


@pytest.mark.parametrize("role", sorted(NO_BUSINESS_DATA))
def test_administrators_see_no_business_data_at_any_door(world, role):
    let_canaries_in(world)
    visitor = Visitor(person(role))
    # the names of the people whose accounts they keep are theirs to read
    people = re.compile("(金丝雀|启东试验机械)经办")
    told = {door: people.sub("", text) for door, text in answers(visitor, role, world["near"]).items()}
    assert leaked(told) == {}
    assert not any("启东试验" in text for text in told.values())
    keeps = {Role.SYS_ADMIN: {"job", "account"}, Role.SEC_ADMIN: {"account"}, Role.AUDITOR: {"trail"}}.get(
        role, set()
    )
    house = {
        route
        for route, methods in ROUTES.items()
        if {permission.partition(".")[0] for permission in methods.values()} & keeps
    }
    assert {route for route, _ in told} <= {
        "core:logout",
        "core:password_change",
        "reports:workbench",
        "reports:help",
    } | house


# ---- foreign rows


def fingerprints():
    """Table → digest of all its rows; the trail is looked at apart: an export of one's own rows leaves its entry."""
    return {
        model._meta.db_table: digest_of(sorted(map(_row, model.objects.values_list())))
        for model in our_models()
        if model is not AuditEntry
    }


def _row(values):
    return repr([bytes(value) if isinstance(value, memoryview) else value for value in values])


STRANGERS = [
    (Role.DISTRICT_OFFICER, "near"),
    (Role.DISTRICT_LEADER, "near"),
    (Role.TOWNSHIP_OFFICER, "near"),
    (Role.DISTRICT_OFFICER, "far"),
    (Role.BUREAU_STAFF, "far"),
    (Role.BUREAU_LEADER, "far"),
    (Role.FINANCE, "far"),
]


@pytest.mark.parametrize(("role", "other"), STRANGERS)
def test_foreign_rows_do_not_exist_and_no_form_changes_them(world, town, role, other):
    let_canaries_in(world)
    own, foreign = world["own"], world[other]
    secret, asked = {"near": (CANARY, CANARY_USCC), "far": (LARK, LARK_USCC)}[other]
    user, client = person(role, town=town()), Client()
    client.force_login(user)
    before = fingerprints()
    foreign_doors = 0
    for route in ROUTE_NAMES:
        if route in doors.NOBODYS:
            continue
        for method in methods_of(route) & {"GET", "POST"}:
            if not permitted(role, route, method):
                continue
            sent = form(route, foreign) if method == "POST" else {}
            answer = getattr(client, method.lower())(address(route, foreign), sent, **encoding(route, method))
            text = unquote(text_of(answer))
            told = f"{role} {method} {route} → {answer.status_code}"
            names_foreign = route in PATH and PATH[route](own) != PATH[route](foreign)
            refused = {400} if route in TOKEN_ROUTES and method == "POST" else set()
            assert answer.status_code in ({404} if names_foreign else {200, 302, 404, *refused}), told
            if address(route, own) != address(route, foreign):
                foreign_doors += 1
                # the box shows the words that were asked for
                assert not secret.search(text.replace(asked, "")), told
    assert foreign_doors >= 10
    assert fingerprints() == before
    trail = AuditEntry.objects.filter(actor=user)
    assert {entry.act for entry in trail} <= {
        "export_enterprises",
        "export_month",
        "export_statutory",
        "export_targets",
        "compare_firms",
        "export_awards",
        "export_publicity",
        "export_survey_gaps",
        "export_evaluation_list",
        "export_scores",
        "export_pool",
        "export_sources",
    }
    assert not [entry for entry in trail if entry.region_id not in {None, user.region_id}]


#: words of addresses, by who reads them: a word that is refused early would hide the next
WORDS = (
    ("region",),
    ("page", "page_size", "version", "order", "sort", "kind", "cls", "code", "month", "sheet", "q"),
    (
        "state",
        "period",
        "programme",
        "scale",
        "section",
        "verification",
        "uscc",
        "year",
        "metric",
        "since",
        "until",
    ),
    ("cursor",),
)
WORDLESS = {"intake:batch_annotated", "intake:batch_file", "api:schema", "api:docs"}


#: by turns at every second door: each door hears two or three of them
FORGED = ["²", "99999999999999999999", "%00", "%27", "2022-99"]


@pytest.mark.parametrize("forged", FORGED)
def test_made_up_words_in_an_address_are_no_failure(world, forged):
    visitor = Visitor(person(Role.BUREAU_STAFF))
    for route in ROUTE_NAMES[FORGED.index(forged) % 2 :: 2]:
        if route in WORDLESS or not permitted(Role.BUREAU_STAFF, route, "GET"):
            continue
        bare = address(route, world["own"]).partition("?")[0]
        for words in WORDS:
            where = bare + "?" + "&".join(f"{word}={forged}" for word in words)
            assert visitor.knock("GET", where).status_code < 500, where


def test_a_nul_in_a_form_is_refused_before_any_database_sees_it(world):
    visitor = Visitor(person(Role.DISTRICT_OFFICER))
    for route in ("intake:batch_reasons", "intake:batch_commit", "enterprises:contact"):
        answer = visitor.knock("POST", address(route, world["own"]), {"note-1": "已与企业\x00电话核实"})
        assert answer.status_code == 400, route
