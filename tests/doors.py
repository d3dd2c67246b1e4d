"""How each door of the house is called: what a test needs to knock at every URL for any region's rows.

A new route needs its line in ``core.permissions`` and, where its address or form names something, one here.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from core.models import JobRun, PolicyEdition, Region, Role, User
from core.periods import Month
from core.permissions import ROUTES, TOKEN_ROUTES
from cultivation.models import Correction, DispatchOrder, MonthlyIssue, PoolApplication, PoolHandover
from enterprises.models import Enterprise
from evaluation.models import Appeal, EvaluationFile, Project, Score
from intake.models import Batch, ListLayout
from intake.services.batches import check_batch, receive_upload
from tests import factories

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
SENT_ON = date(2022, 7, 8)
JUNE = Month(2022, 6)
MONTHLY_HEADINGS = [
    "统一社会信用代码",
    "企业名称",
    "所属县区",
    "统计月份",
    "营业收入(万元)",
    "实缴税金(万元)",
]


@dataclass
class Side:
    """A region with everything that a door can be asked about."""

    region: Region
    programme: str
    firm: Enterprise
    batch: Batch
    month: Month = JUNE
    score: int = 0

    @property
    def edition(self) -> int:
        """The edition in force of its programme."""
        return PolicyEdition.objects.get(name=self.programme, state=PolicyEdition.State.IN_FORCE).pk

    @property
    def round(self) -> int:
        """The evaluation round that the firm's score stands in; 0 where it has none."""
        return Score.objects.filter(pk=self.score).values_list("round", flat=True).first() or 0

    @property
    def failed_job(self) -> int:
        """Work of its programme that an administrator may queue again."""
        failed = JobRun.objects.filter(arguments__programme=self.programme, state=JobRun.State.FAILED)
        return failed.values_list("pk", flat=True).first() or 0

    @property
    def scheme(self) -> dict[str, Any]:
        """The city's way of grading: nantong-demo-2021; another city has none."""
        return {"scheme": f"{self.programme.split('-')[0]}-demo-2021", "year": 2021}


#: what stands in the address: view name → values of its path
PATH: dict[str, Callable[[Side], dict[str, Any]]] = {
    **{
        f"intake:{name}": lambda side: {"pk": side.batch.pk}
        for name in (
            "batch",
            "batch_state",
            "batch_reasons",
            "batch_commit",
            "batch_discard",
            "batch_retry",
            "batch_rows",
            "batch_undo",
            "batch_file",
            "batch_annotated",
            "mapping",
        )
    },
    **{
        f"core:policy{name}": lambda side: {"pk": side.edition}
        for name in (
            "",
            "_text",
            "_yearly",
            "_simulate",
            "_submit",
            "_discard",
            "_return",
            "_approve",
        )
    },
    **{
        f"core:account{act}": lambda side: {
            "pk": User.objects.filter(region=side.region).values_list("pk", flat=True).first() or 0
        }
        for act in ("", "_change", "_switch", "_reset", "_unlock")
    },
    **{f"core:job_{act}": lambda side: {"pk": side.failed_job} for act in ("retry", "cancel")},
    "intake:template": lambda side: {"sheet": "monthly"},
    "intake:layout_forget": lambda side: {
        "pk": ListLayout.objects.filter(region=side.region).values_list("pk", flat=True).first() or 0
    },
    **{
        f"api:{name}": lambda side: {"pk": side.batch.pk}
        for name in ("batch", "batch_notes", "batch_commit", "batch_discard", "batch_retry", "batch_undo")
    },
    "enterprises:detail": lambda side: {"pk": side.firm.pk},
    "enterprises:contact": lambda side: {"pk": side.firm.pk},
    "enterprises:event_new": lambda side: {"pk": side.firm.pk},
    "enterprises:event_undo": lambda side: {"pk": side.firm.pk},
    "enterprises:duplicate_pair": lambda side: {"pk": side.firm.pk, "other": side.firm.pk},
    "cultivation:pool_change": lambda side: {"pk": side.firm.pk},
    "cultivation:firm_record": lambda side: {"pk": side.firm.pk},
    "cultivation:watch": lambda side: {"kind": "eligible"},
    "cultivation:watch_export": lambda side: {"kind": "eligible"},
    "cultivation:application": lambda side: {
        "pk": PoolApplication.objects.filter(enterprise=side.firm).values_list("pk", flat=True).first() or 0
    },
    "cultivation:handover_file": lambda side: {
        "pk": PoolHandover.objects.filter(region=side.region).values_list("pk", flat=True).first() or 0
    },
    "api:handover_file": lambda side: PATH["cultivation:handover_file"](side),
    "cultivation:target_breakdown": lambda side: {"programme": side.programme},
    "evaluation:round_run": lambda side: side.scheme,
    "evaluation:round_state": lambda side: side.scheme,
    **{
        f"evaluation:{name}": lambda side: {"pk": side.round}
        for name in (
            "process",
            "round_publish",
            "round_hand_out",
            "round_settle",
            "round_open_publicity",
            "round_take_back",
            "round_step",
            "moves",
            "publicity",
            "publicity_export",
            "gaps",
            "gaps_export",
            "confirmations",
            "appeals",
            "lists",
            "lists_export",
            "differences",
            "what_if",
            "averages",
        )
    },
    **{
        f"evaluation:{name}": lambda side: {"pk": side.score}
        for name in ("trace", "confirmation", "appeal_new", "project", "listing")
    },
    **{
        f"evaluation:{name}": lambda side: {
            "pk": Project.objects.filter(enterprise=side.firm).values_list("pk", flat=True).first() or 0
        }
        for name in ("project_step", "project_accept")
    },
    "evaluation:appeal": lambda side: {
        "pk": Appeal.objects.filter(enterprise=side.firm).values_list("pk", flat=True).first() or 0
    },
    "evaluation:scan": lambda side: {
        "pk": EvaluationFile.objects.filter(region=side.region).values_list("pk", flat=True).first() or 0
    },
    "cultivation:targets_export": lambda side: {"programme": side.programme},
    **{
        f"cultivation:{name}": lambda side: {"programme": side.programme, "month": side.month}
        for name in (
            "statistics",
            "month_lock",
            "month_returns",
            "dispatch",
            "dispatch_draft",
            "dispatch_new",
            "dispatch_send",
            "dispatch_sheet",
            "month_lock",
            "month_adjustments",
            "correction_new",
            "analysis",
            "analysis_edit",
            "month",
            "month_state",
            "month_close",
            "month_issue",
            "month_export",
        )
    },
    "cultivation:statistic_rows": lambda side: {
        "programme": side.programme,
        "month": side.month,
        "which": "reporting",
    },
    **{
        f"cultivation:{name}": lambda side: {
            "pk": Correction.objects.filter(enterprise=side.firm).values_list("pk", flat=True).first() or 0
        }
        for name in ("correction", "correction_file")
    },
    **{
        name: lambda side: {"programme": side.programme, "month": side.month, "region": side.region.pk}
        for name in ("cultivation:month_return", "api:return")
    },
    "api:correction": lambda side: PATH["cultivation:correction"](side),
    "api:order": lambda side: PATH["cultivation:dispatch_order"](side),
    **{
        f"reports:{name}": lambda side: {"programme": side.programme, "month": side.month}
        for name in ("bulletins", "statutory_export")
    },
    **{
        # May is issued, of June there is a draft
        f"reports:{name}": lambda side: {
            "programme": side.programme,
            "month": side.month - 1,
            "kind": "brief",
        }
        for name in ("bulletin", "bulletin_word")
    },
    "api:bulletin_word": lambda side: PATH["reports:bulletin_word"](side),
    "cultivation:dispatch_order": lambda side: {
        "pk": DispatchOrder.objects.filter(region=side.region).values_list("pk", flat=True).first() or 0
    },
    "cultivation:analysis_rows": lambda side: {
        "programme": side.programme,
        "month": side.month,
        "kind": "fall",
    },
    "cultivation:month_rows": lambda side: {
        "programme": side.programme,
        "month": side.month,
        "which": "reporting",
    },
    "incentives:compute": lambda side: {"programme": side.programme},
    **{
        f"incentives:{name}": lambda side: {"programme": side.programme, "year": side.month.year}
        for name in ("round", "simulation", "export", "publicity", "approve", "payouts", "account")
    },
}

#: what is asked for behind the question mark
QUERY: dict[str, Callable[[Side], dict[str, Any]]] = {
    "core:policy_compare": lambda side: {"right": side.edition},
    "reports:cockpit": lambda side: {"programme": side.programme, "month": side.month},
    "intake:batch_list": lambda side: {"region": side.region.pk},
    "intake:template": lambda side: {"region": side.region.pk, "period": str(side.month)},
    "enterprises:list": lambda side: {"q": side.firm.uscc},
    "enterprises:export": lambda side: {"region": side.region.pk},
    "enterprises:events": lambda side: {"q": side.firm.uscc},
    "enterprises:liaison": lambda side: {"q": side.firm.uscc},
    **{
        f"cultivation:{name}": lambda side: {"programme": side.programme}
        for name in (
            "pool",
            "pool_export",
            "screening",
            "pool_change",
            "pool_lines",
            "liaisons",
            "handovers",
        )
    },
    "cultivation:targets": lambda side: {"programme": side.programme},
    "cultivation:watch": lambda side: {"region": side.region.pk},
    "cultivation:watch_export": lambda side: {"region": side.region.pk},
    "cultivation:target_breakdown": lambda side: {"region": side.region.pk},
    "cultivation:month_current": lambda side: {"programme": side.programme},
    "cultivation:month_rows": lambda side: {"region": side.region.pk},
    "cultivation:statistics_current": lambda side: {"programme": side.programme},
    "reports:bulletin_current": lambda side: {"programme": side.programme},
    **{
        f"api:{name}": lambda side: {"programme": side.programme, "month": side.month}
        for name in ("statistics", "statutory", "returns", "findings")
    },
    "api:bulletins": lambda side: {"programme": side.programme, "month": side.month - 1},
    "api:corrections": lambda side: {"uscc": side.firm.uscc},
    "api:orders": lambda side: {"region": side.region.pk},
    "cultivation:dispatch_current": lambda side: {"programme": side.programme},
    "cultivation:analysis_current": lambda side: {"programme": side.programme},
    "cultivation:analysis_rows": lambda side: {"region": side.region.pk},
    "cultivation:statistics": lambda side: {"region": side.region.pk},
    "cultivation:statistic_rows": lambda side: {"region": side.region.pk},
    "api:targets": lambda side: {"region": side.region.pk},
    "api:enterprises": lambda side: {"q": side.firm.uscc},
    "api:months": lambda side: {"region": side.region.pk},
    "api:tiers": lambda side: {"region": side.region.pk},
    "api:pool": lambda side: {"uscc": side.firm.uscc},
    "api:watch": lambda side: {"uscc": side.firm.uscc},
    "api:handovers": lambda side: {"programme": side.programme},
    "api:evaluation_results": lambda side: {"uscc": side.firm.uscc},
    "api:evaluation_gaps": lambda side: side.scheme,
    "api:evaluation_explained": lambda side: {"uscc": side.firm.uscc},
    "api:awards": lambda side: {"region": side.region.pk},
}

#: what a form sends
FORM: dict[str, Callable[[Side], dict[str, Any]]] = {
    "enterprises:event_undo": lambda side: {
        "event": side.firm.registry_events.values_list("pk", flat=True).first()
    },
    "core:policy_upload": lambda side: {"text": "schema: 1"},
    "incentives:compute": lambda side: {"year": str(side.month.year)},
    "incentives:publicity": lambda side: {"act": "begin", "until": "2999-12-31"},
    "incentives:payouts": lambda side: {"to": "issued", "day": "2022-07-01", "payout": "1"},
    "incentives:account": lambda side: {"text": f"{side.firm.uscc}\t甲\t乙\t622200001234"},
    "reports:comparison": lambda side: {
        "file": SimpleUploadedFile("名单.xlsx", monthly_file([monthly_row(side.firm, side.month, "5.00")]))
    },
    "incentives:apply": lambda side: {"rule": "x/y", "uscc": side.firm.uscc, "day": "2022-07-01"},
    "intake:upload": lambda side: {
        "region": side.region.pk,
        "period": str(side.month),
        "file": SimpleUploadedFile("月报.xlsx", monthly_file([monthly_row(side.firm, side.month, "5.00")])),
    },
    "api:batches": lambda side: FORM["intake:upload"](side) | {"sheet": "monthly"},
    "api:batch_commit": lambda side: {"rows": "good"},
    "api:batch_notes": lambda side: {
        "notes": {issue.pk: "已与企业电话核实，数据无误" for issue in side.batch.issues.filter(cls__in="BC")}
    },
    "intake:batch_reasons": lambda side: {
        f"note-{issue.pk}": "已与企业电话核实，数据无误" for issue in side.batch.issues.all()
    },
    "intake:batch_commit": lambda side: {"rows": "good"},
    "cultivation:screening_run": lambda side: {"programme": side.programme},
    "cultivation:watch_refresh": lambda side: {"region": side.region.pk},
    "cultivation:handovers": lambda side: {"recipient": "市金融工作局"},
    "cultivation:target_breakdown": lambda side: {"region": side.region.pk, "reason": "年中调整"},
    "cultivation:application": lambda side: {"agrees": "yes", "opinion": "情况属实"},
    "cultivation:dispatch_new": lambda side: {"region": side.region.pk, "asked": "请报送追赶措施。"},
    "cultivation:dispatch_send": lambda side: {
        "region": side.region.pk,
        "owner": "王某",
        "deadline": "2022-07-15",
    },
    "cultivation:dispatch_order": lambda side: {"act": "answer", "text": "已逐户核查。"},
    "cultivation:analysis_edit": lambda side: {
        "text": "一、总体情况",
        **FORM["cultivation:month_issue"](side),
    },
    "cultivation:month_lock": lambda side: {
        "region": side.region.pk,
        "reason": "更正",
        "last_day": "2022-07-10",
    },
    **{
        name: lambda side: {"act": "hand_on", "reason": "企业停产"}
        for name in ("cultivation:month_return", "cultivation:month_returns")
    },
    "reports:bulletin": lambda side: {
        "act": "submit",
        "number": "通工信发〔2022〕15号",
        "addressee": "各县（市、区）：",
        "text": "进展平稳。",
    },
    "api:return": lambda side: {"act": "hand_on", "reason": "企业停产"},
    "api:corrections": lambda side: {
        "programme": side.programme,
        # May is issued
        "month": str(side.month - 1),
        "uscc": side.firm.uscc,
        "measure": "tax_paid_wan",
        "new": "0.50",
        "reason": "漏填",
    },
    "api:correction": lambda side: {"agrees": True, "opinion": "同意"},
    "api:order": lambda side: {"act": "answer", "text": "已逐户核查。"},
    "cultivation:month_issue": lambda side: {
        "digest": MonthlyIssue.objects.filter(programme=side.programme, month=side.month)
        .values_list("inputs_digest", flat=True)
        .first()
        or ""
    },
}

#: forms that only JSON can say
AS_JSON = {"api:batch_notes"}

#: doors whose answer is the same for everybody; the programme of a city is known to all its districts
NOBODYS = {
    "core:login",
    "core:health",
    "core:health_live",
    "core:logout",
    "core:password_change",
    "reports:help",
    "api:schema",
    "api:docs",
}


def routes() -> dict[str, list[str]]:
    """View name → the names in its path, of every URL of the house."""
    return dict(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: list[Any], space: str) -> Iterator[tuple[str, list[str]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = ":".join(filter(None, [space, pattern.namespace]))
            yield from _walk(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"a door without a name: {pattern.pattern}"
            yield ":".join(filter(None, [space, pattern.name])), list(pattern.pattern.converters)


def address(route: str, side: Side) -> str:
    path = reverse(route, kwargs=PATH[route](side) if route in PATH else None)
    query = QUERY[route](side) if route in QUERY else {}
    return path + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")


def form(route: str, side: Side) -> dict[str, Any]:
    return FORM[route](side) if route in FORM else {}


def encoding(route: str, method: str) -> dict[str, str]:
    """What the test client must be told to send the form of a door."""
    return {"content_type": "application/json"} if method == "POST" and route in AS_JSON else {}


def methods_of(route: str) -> set[str]:
    """What the table of permissions lets in; HEAD and OPTIONS follow GET."""
    methods = set(ROUTES.get(route) or TOKEN_ROUTES.get(route) or {"GET"})
    return methods | ({"HEAD", "OPTIONS"} if "GET" in methods else set())


def monthly_row(firm: Enterprise, month: Month, revenue: str) -> list[object]:
    return [firm.uscc, firm.name, firm.region.name, str(month), revenue, "0.10"]


def monthly_file(rows: list[list[object]], headings: list[str] = MONTHLY_HEADINGS) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("月报")
        for number, row in enumerate([headings, *rows]):
            page.write_row(number, 0, row)
    return buffer.getvalue()


def checked_batch(actor: User, firm: Enterprise, upload_name: str, revenue: str) -> Batch:
    """A monthly list with a good row, one that asks for a reason and one that must be mended, checked and ready."""
    good = monthly_row(firm, JUNE, revenue)
    faulty = ["", firm.name, firm.region.name, str(JUNE), revenue, "很多"]
    batch = receive_upload(
        actor=actor,
        sheet="monthly",
        region=firm.region,
        period=str(JUNE),
        as_of=SENT_ON,
        upload_name=upload_name,
        content=monthly_file([good, faulty]),
    )
    return check_batch(batch=batch, actor=actor)


def person(role: Role, district: Region | str = "320681", town: Region | str | None = None) -> User:
    """Somebody of that role where such people sit: at the city, in the district, in its town."""
    city = factories.CITY
    places = {
        Role.DISTRICT_OFFICER: district,
        Role.DISTRICT_LEADER: district,
        Role.TOWNSHIP_OFFICER: town or district,
    }
    department = "statistics" if role == Role.DEPARTMENT_OFFICER else "industry"
    return factories.user(role, places.get(role, city), department=department)


#: headers that say nothing beyond the body
_UNTELLING = {"X-Request-Id", "Content-Length"}


def text_of(answer: HttpResponseBase) -> str:
    """Everything a reader could take from an answer: headers, body, and what lies packed in a workbook."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    told = [f"{name}: {value}" for name, value in answer.items() if name not in _UNTELLING]
    told += [morsel.OutputString() for name, morsel in answer.cookies.items() if name == "messages"]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            told += [book.read(name).decode("utf-8", "replace") for name in sorted(book.namelist())]
    else:
        told.append(body.decode("utf-8", "replace"))
    return "\n".join(told)
