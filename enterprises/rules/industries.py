"""Industries as people read them: GB/T 4754-2017, sections (门类) and the divisions (大类) of industry. Pure."""

from __future__ import annotations

#: section → its name, first and last division
SECTIONS: dict[str, tuple[str, int, int]] = {
    "A": ("农、林、牧、渔业", 1, 5),
    "B": ("采矿业", 6, 12),
    "C": ("制造业", 13, 43),
    "D": ("电力、热力、燃气及水生产和供应业", 44, 46),
    "E": ("建筑业", 47, 50),
    "F": ("批发和零售业", 51, 52),
    "G": ("交通运输、仓储和邮政业", 53, 60),
    "H": ("住宿和餐饮业", 61, 62),
    "I": ("信息传输、软件和信息技术服务业", 63, 65),
    "J": ("金融业", 66, 69),
    "K": ("房地产业", 70, 70),
    "L": ("租赁和商务服务业", 71, 72),
    "M": ("科学研究和技术服务业", 73, 75),
    "N": ("水利、环境和公共设施管理业", 76, 79),
    "O": ("居民服务、修理和其他服务业", 80, 82),
    "P": ("教育", 83, 83),
    "Q": ("卫生和社会工作", 84, 85),
    "R": ("文化、体育和娱乐业", 86, 90),
    "S": ("公共管理、社会保障和社会组织", 91, 96),
    "T": ("国际组织", 97, 97),
}
#: Sections that statistics count as industry (工业).
INDUSTRIAL_SECTIONS = ("B", "C", "D")

_DIVISIONS = """
06煤炭开采和洗选业 07石油和天然气开采业 08黑色金属矿采选业 09有色金属矿采选业 10非金属矿采选业 11开采专业及辅助性活动
12其他采矿业 13农副食品加工业 14食品制造业 15酒、饮料和精制茶制造业 16烟草制品业 17纺织业 18纺织服装、服饰业
19皮革、毛皮、羽毛及其制品和制鞋业 20木材加工和木、竹、藤、棕、草制品业 21家具制造业 22造纸和纸制品业
23印刷和记录媒介复制业 24文教、工美、体育和娱乐用品制造业 25石油、煤炭及其他燃料加工业 26化学原料和化学制品制造业
27医药制造业 28化学纤维制造业 29橡胶和塑料制品业 30非金属矿物制品业 31黑色金属冶炼和压延加工业
32有色金属冶炼和压延加工业 33金属制品业 34通用设备制造业 35专用设备制造业 36汽车制造业
37铁路、船舶、航空航天和其他运输设备制造业 38电气机械和器材制造业 39计算机、通信和其他电子设备制造业 40仪器仪表制造业
41其他制造业 42废弃资源综合利用业 43金属制品、机械和设备修理业 44电力、热力生产和供应业 45燃气生产和供应业
46水的生产和供应业
"""
DIVISIONS = {entry[:2]: entry[2:] for entry in _DIVISIONS.split()}


def section_of(industry_code: str) -> str:
    """``"3484"`` → ``"C"``; empty when the code is empty or unknown."""
    division = int(industry_code[:2]) if industry_code[:2].isdigit() else 0
    return next((section for section, (_, first, last) in SECTIONS.items() if first <= division <= last), "")


def is_industrial(industry_code: str) -> bool:
    return section_of(industry_code) in INDUSTRIAL_SECTIONS


def industry_label(industry_code: str) -> str:
    """``"3484"`` → ``"3484 通用设备制造业"``: the code as declared, the name of its division (or section)."""
    if not industry_code:
        return ""
    name = DIVISIONS.get(industry_code[:2]) or SECTIONS.get(section_of(industry_code), ("",))[0]
    return f"{industry_code} {name}".strip()


def code_range(section: str) -> tuple[str, str]:
    """The codes of a section as text: from the first (included) to the last (excluded)."""
    _, first, last = SECTIONS[section]
    return f"{first:02d}", f"{last + 1:02d}"
