"""``parcels`` 用地台账 and ``leases`` 租赁台账: land by certificate, leases as each party to them states it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.models import Department
from enterprises.models import Lease, Parcel
from enterprises.services.storing import Store
from enterprises.sheets.firm_list import FIRM_COLUMNS, FirmList
from enterprises.sheets.ground import Ground
from enterprises.sheets.records import shown_value
from intake.models import Batch
from intake.rules.columns import AmountColumn, ChoiceColumn, Column, DateColumn, TextColumn
from intake.rules.reading import Frame, SheetSpec
from intake.rules.uscc import check_uscc, plain_code
from intake.services.sheet_types import register_sheet

KINDS = {kind.label: kind.value for kind in Parcel.Kind}
DIRECTIONS = {direction.label: direction.value for direction in Lease.Direction}
PARTIES = {party.label: party.value for party in Lease.Party}
_MU = {"unit": "mu", "minimum": 0}
_SQM = {"unit": "sqm", "minimum": 0}
_CERTIFICATE_ALIASES = ("不动产权证", "不动产权证书号", "土地证号", "产权证号", "国有土地使用证号")


@register_sheet
class ParcelList(FirmList):
    """A row a plot. A plot handed on is closed with 转出日期, never deleted."""

    spec = SheetSpec(
        name="parcels",
        label="用地台账",
        columns=(
            *FIRM_COLUMNS,
            TextColumn(
                key="certificate",
                heading="不动产权证号",
                aliases=_CERTIFICATE_ALIASES,
                limit=60,
                required=True,
            ),
            TextColumn(key="township", heading="坐落乡镇(园区)", aliases=("坐落", "所在乡镇"), limit=60),
            ChoiceColumn(
                key="kind",
                heading="用地性质",
                aliases=("土地性质", "权利性质"),
                choices=tuple(KINDS),
                also={"出让": "国有出让", "划拨": "国有划拨", "集体土地": "集体", "集体建设用地": "集体"},
            ),
            AmountColumn(
                key="area_mu",
                heading="证载面积(亩)",
                aliases=("土地面积", "用地面积", "占地面积"),
                required=True,
                **_MU,
            ),
            AmountColumn(key="actual_mu", heading="实际占地(亩)", aliases=("实际用地",), **_MU),
            AmountColumn(key="floor_sqm", heading="建筑面积(㎡)", aliases=("建筑面积",), **_SQM),
            AmountColumn(key="far", heading="容积率", unit="", minimum=0),
            DateColumn(key="since", heading="取得日期", aliases=("取得时间", "登记日期")),
            DateColumn(key="until", heading="转出日期", aliases=("转让日期", "收回日期")),
        ),
        unique=("uscc", "certificate"),
    )
    duty = Department.INDUSTRY
    fields = {
        key: key for key in ("township", "kind", "area_mu", "actual_mu", "floor_sqm", "far", "since", "until")
    }
    store = Store(Parcel, ("certificate",), tuple(fields))

    def key_of(self, columns: Mapping[str, list[Any]], i: int) -> tuple[Any, ...]:
        return (columns["certificate"][i],)

    def value_of(self, key: str, value: Any) -> Any:
        if key == "kind":
            return KINDS.get(value, Parcel.Kind.GRANTED.value)
        return (value or "") if key == "township" else value

    def shown(self, column: Column, stored: Any) -> str:
        return Parcel.Kind(stored).label if column.key == "kind" else shown_value(column, stored)

    def judge_sense(self, frame: Frame, batch: Batch, ground: Ground) -> None:
        for i in range(len(frame.rows)):
            _judge_days(frame, i, "取得日期", "转出日期")
            actual, area = frame.columns["actual_mu"][i], frame.columns["area_mu"][i]
            if isinstance(actual, int) and isinstance(area, int) and actual > 2 * area > 0:
                reason = "实际占地超过证载面积的两倍"
                frame.fault(
                    i, "actual_mu", "LAND_ACTUAL", "C", reason, "请核对单位是亩还是㎡；属实的写明原因"
                )


@register_sheet
class LeaseList(FirmList):
    """A row a lease and party: a lease between two firms is stated by both, and the two must agree."""

    spec = SheetSpec(
        name="leases",
        label="租赁台账",
        columns=(
            *FIRM_COLUMNS,
            ChoiceColumn(
                key="direction",
                heading="租入/租出",
                aliases=("租赁方向", "出租/承租", "租赁类型"),
                choices=tuple(DIRECTIONS),
                also={"承租": "租入", "出租": "租出"},
                required=True,
            ),
            ChoiceColumn(
                key="party",
                heading="对方类型",
                aliases=("对方性质",),
                choices=tuple(PARTIES),
                also={"民房": "民用房", "村集体": "村二厂", "小微企业园": "小微园"},
                required=True,
            ),
            TextColumn(
                key="other_code",
                heading="对方信用代码",
                aliases=("对方统一社会信用代码", "对方代码"),
                limit=30,
            ),
            TextColumn(
                key="other_name", heading="对方名称", aliases=("对方单位", "承租方", "出租方"), limit=200
            ),
            TextColumn(key="certificate", heading="不动产权证号", aliases=_CERTIFICATE_ALIASES, limit=60),
            AmountColumn(key="area_mu", heading="租赁土地(亩)", aliases=("租赁土地面积",), **_MU),
            AmountColumn(
                key="floor_sqm", heading="租赁建筑面积(㎡)", aliases=("租赁面积", "租赁厂房面积"), **_SQM
            ),
            DateColumn(key="since", heading="起租日期", aliases=("租赁起始日期", "开始日期"), required=True),
            DateColumn(
                key="until", heading="止租日期", aliases=("租赁终止日期", "到期日期"), days_ahead=50 * 366
            ),
        ),
        unique=("uscc", "direction", "party", "other_code", "other_name", "certificate", "since"),
    )
    duty = Department.INDUSTRY
    fields = {"party": "party", "area_mu": "area_mu", "floor_sqm": "floor_sqm", "until": "until"}
    store = Store(Lease, ("direction", "party_key", "certificate", "since"), tuple(fields))

    def key_of(self, columns: Mapping[str, list[Any]], i: int) -> tuple[Any, ...]:
        is_firm = PARTIES[columns["party"][i]] == Lease.Party.FIRM
        party_key = plain_code(columns["other_code"][i]) if is_firm else columns["other_name"][i]
        direction = DIRECTIONS[columns["direction"][i]]
        return direction, party_key, columns["certificate"][i] or "", columns["since"][i]

    def value_of(self, key: str, value: Any) -> Any:
        return PARTIES[value] if key == "party" else value

    def shown(self, column: Column, stored: Any) -> str:
        return Lease.Party(stored).label if column.key == "party" else shown_value(column, stored)

    def judge_sense(self, frame: Frame, batch: Batch, ground: Ground) -> None:
        for i in range(len(frame.rows)):
            _judge_days(frame, i, "起租日期", "止租日期")
            _judge_party(frame, i)
            _judge_size(frame, i)


def _judge_days(frame: Frame, i: int, first: str, last: str) -> None:
    since, until = frame.columns["since"][i], frame.columns["until"][i]
    if isinstance(since, date) and isinstance(until, date) and until < since:
        frame.fault(i, "until", "DAYS_ORDER", "A", f"{last}早于{first}", "请核对两个日期")


def _judge_party(frame: Frame, i: int) -> None:
    party = frame.columns["party"][i]
    code, name = frame.columns["other_code"][i], frame.columns["other_name"][i]
    if party == Lease.Party.FIRM.label:
        plain = plain_code(code) if isinstance(code, str) else ""
        if check_uscc([plain])[0] is not None:
            reason = "对方是企业，信用代码没有填写或不正确"
            frame.fault(i, "other_code", "LEASE_PARTY", "A", reason, "请填写对方的 18 位统一社会信用代码")
        elif plain == frame.columns["uscc"][i]:
            frame.fault(i, "other_code", "LEASE_SELF", "A", "对方就是本企业", "请填写对方的代码")
    elif party is not None and not name:
        reason = f"对方是{party}，没有填写名称"
        frame.fault(i, "other_name", "LEASE_PARTY", "A", reason, "请填写对方名称，例如汇龙镇某村民房")


def _judge_size(frame: Frame, i: int) -> None:
    area, floor = frame.columns["area_mu"][i], frame.columns["floor_sqm"][i]
    if area and floor:
        reason = "土地和建筑面积都填写了，会重复计算"
        frame.fault(i, "floor_sqm", "LEASE_BOTH", "A", reason, "租土地的填亩数，租厂房的填建筑面积，只填一项")
    elif not area and not floor and not (frame.raw["area_mu"][i] or frame.raw["floor_sqm"][i]):
        frame.fault(i, "area_mu", "LEASE_SIZE", "A", "没有填写租赁面积", "请填写土地亩数或建筑面积")
