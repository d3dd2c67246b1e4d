"""帮助: what each role does in which order, which lists come from whom, and the house's words. Data and one reader."""

from __future__ import annotations

from dataclasses import dataclass

from core.models import Department, Role, User
from core.permissions import can
from intake.services.sheet_types import sheet_types


@dataclass(frozen=True, slots=True)
class Step:
    """Something a person does, where in the menu, and the page with the permission that opens it."""

    text: str
    menu: str
    page: str = ""
    permission: str = ""


_UPLOAD = ("数据填报 → 我的填报", "intake:upload", "batch.send")
_MONTH = ("月度调度 → 月度看板", "cultivation:month_current", "month.view")
_ROUNDS = ("综合评价 → 评价轮次", "evaluation:rounds", "evaluation.view")
_POOL = ("培育库 → 筛选建议", "cultivation:screening", "pool.view")
_AWARDS = ("奖补 → 奖补批次", "incentives:rounds", "award.view")
_POLICIES = ("系统管理 → 政策文件", "core:policies", "policy.view")
_COCKPIT = ("驾驶舱", "reports:cockpit", "cockpit.view")
_PAPERS = ("报表通报", "reports:bulletin_current", "month.view")
_DISPATCH = ("月度调度 → 调度单", "cultivation:dispatch_current", "month.view")

_FILLER = (
    Step("下载模板，填好上月数据，上传；改完一次说清的问题，提交入库", *_UPLOAD),
    Step("在工作台看待办：被退回的先改，只改标出的格子", "工作台", "reports:workbench", "workbench.view"),
    Step("看本地区完成率和名次，办理发来的调度单", *_DISPATCH),
    Step("综合评价：交企业签预评价确认单，代企业提出申诉，给C类、D类企业立项目", *_ROUNDS),
)
STEPS: dict[str, tuple[Step, ...]] = {
    Role.BUREAU_STAFF: (
        Step("起草政策文件：目标、培育库、评价方案、奖补办法都写在文件里", *_POLICIES),
        Step("催齐各地区月报，关账统计，看排名和分析", *_MONTH),
        Step("发调度单，出月报、通报", *_DISPATCH),
        Step("筛选培育库，决定入库、出库", *_POOL),
        Step("综合评价：测算，交企业确认，登记公示；不能自己审定和公布", *_ROUNDS),
        Step("奖补：测算、核对，送领导和财政", *_AWARDS),
    ),
    Role.BUREAU_LEADER: (
        Step("看全市进度和预警，点数字看到企业", *_COCKPIT),
        Step("印发月报：印发后当月锁定", *_MONTH),
        Step("综合评价：裁定申诉，批准调档，审定、公布", *_ROUNDS),
        Step("批准政策文件施行", *_POLICIES),
        Step("审定奖补批次", *_AWARDS),
    ),
    Role.DISTRICT_OFFICER: _FILLER,
    Role.TOWNSHIP_OFFICER: _FILLER,
    Role.DISTRICT_LEADER: (
        Step("审核本地区月报，没有问题的上报，有问题的写明理由退回", *_MONTH),
        Step("办理和督办调度单", *_DISPATCH),
        Step("看本地区企业的评价结果和整治提升项目", *_ROUNDS),
    ),
    Role.DEPARTMENT_OFFICER: (
        Step("上传本部门名单；格式不同的，第一次说明各列是什么，以后照此识别", *_UPLOAD),
        Step("看全市进度", *_COCKPIT),
    ),
    Role.FINANCE: (
        Step("复核奖补批次，登记兑付、退回", *_AWARDS),
        Step("查看月报和法定统计表", *_PAPERS),
    ),
    Role.SYS_ADMIN: (Step("开通、停用账号，看后台任务；看不到业务数据", "系统管理"),),
    Role.SEC_ADMIN: (Step("审批账号和权限，看登录安全；看不到业务数据", "系统管理"),),
    Role.AUDITOR: (Step("查看操作记录；看不到业务数据", "系统管理"),),
}

#: in the order in which a month and a year go: when, what, who
CALENDAR = (
    ("每月初", "报送上月数据", "乡镇、县区经办填报，县区审核，市局接收；部门送各自名单"),
    ("收齐后", "一月一统计", "市局业务科室关账；不报不等于零，没有生产的要零报告"),
    ("统计后", "一月一分析、一月一调度", "市局找出下降、滞后、达规未入库的，发调度单，县区办理反馈"),
    ("月底前", "印发月报、通报", "分管领导印发；印发后当月锁定，要改走更正单"),
    ("年初", "下达目标，筛选培育库", "市局按文件测算目标，筛选入库，县区指派责任人"),
    ("3—5月", "综合评价", "县区录入，部门审核，市局预评价，企业确认和申诉，审定，公示，公布"),
    ("6月底前", "三张清单", "差别化政策实施企业、C类改造提升项目、D类整治淘汰项目"),
    ("12月底前", "项目验收、复评", "县区报验收，市局验收；次年用新数据按原方案复评"),
    ("按文件", "奖补兑现", "企业申报或系统测算，市局审定，公示，财政兑付"),
)
#: the day or the figure of a document always goes before this table
CALENDAR_NOTE = "各地的日期以本地文件为准，见各页的期限"

WORDS = (
    ("规上、规下", "统计名录内、外的工业企业；每年由统计部门认定，不是按营业收入自动算的"),
    ("列规（入库纳统）", "规下企业进入规上统计名录"),
    ("退规（退库）", "企业退出规上统计名录，写明年度和原因"),
    ("新增、净增、退出", "三个数：列规家数、列规减退规、退规家数，不混用"),
    ("达规未入库", "过了规上标准，还不在名录里的企业"),
    ("临规", "离规上标准不远的企业"),
    ("培育库、层级", "按文件条件选出的培育对象和它们的分级"),
    ("入库、出库（培育库）", "进、出培育库；和列规、退规是两回事"),
    ("目标、完成率", "文件下达的家数；完成家数除以目标"),
    ("序时进度", "到这个月按文件应完成的比例；序时差是完成率减序时进度"),
    ("应税销售、营业收入、主营业务收入、开票销售、工业总产值", "五个不同的数，来源不同，互不替代"),
    ("亩均税收", "评价税收除以用地（自有加租入减租出）"),
    ("A、B、C、D", "综合评价的等级，由好到差；T 是不适合评价的"),
    ("基准值、权重", "指标做到基准值得满权重的分，多得多得，到封顶为止"),
    ("调档", "按文件条款上调（保护性）或下调（惩罚性）等级；要有凭据和批准人"),
    ("复评", "项目验收后，用企业新一年数据按原方案再评一次"),
    ("批次", "一次上传的一份名单；校验、提交、撤销都按批次"),
    ("强制、准强制、核实、提示", "校验的四类：必须改；要写豁免说明；要写情况说明；可以不理"),
    ("锁定、更正单", "印发后的月份、审核后的年度不能直接改，走更正单或请上级重新开放"),
    ("文件未载明", "文件没有写这个数，系统不替它补；要公布先把文件补全"),
    ("合成数据", "演示用的虚构企业和数字"),
)
PERIODS = {"month": "每月", "year": "每年"}


@dataclass(frozen=True, slots=True)
class ListLine:
    label: str
    department: str
    period: str
    may_send: bool


@dataclass(frozen=True, slots=True)
class HelpPage:
    role: str
    #: (step, whether the reader may open its page)
    steps: list[tuple[Step, bool]]
    lists: list[ListLine]


def help_page(user: User) -> HelpPage:
    """For this reader: his role's steps, and the lists that the house takes in."""
    steps = [(step, bool(step.page) and can(user, step.permission)) for step in STEPS.get(user.role, ())]
    lists = [
        ListLine(
            sheet.spec.label,
            "各部门" if sheet.is_mapped else Department(sheet.duty).label,
            PERIODS.get(sheet.period_kind, "有变动时"),
            can(user, "batch.send") and sheet.may_send(user),
        )
        for sheet in sheet_types()
    ]
    order = list(PERIODS.values())
    lists.sort(key=lambda line: order.index(line.period) if line.period in order else len(order))
    return HelpPage(Role(user.role).label, steps, lists)
