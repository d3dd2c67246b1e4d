"""Names, contacts and telephone numbers that belong to nobody. Pure.

A brand is two characters that firms rarely use together; names are unique within a city.
"""

from __future__ import annotations

from random import Random

from config.demo.cities import DemoRegion
from config.demo.industries import Industry

_FIRST = "霁翊珩澍煦琮棠峤筠隽沅翎岫旌潆骞榆砚矞蘅濯穹飒翮耘稷舸绶珣澹棹琚樾蓁昉浔"
_SECOND = "垚骥翀颢岐铄弈遒颉阡渚棣嵘纶沣辕棋霄淞崚旻甫槿迩熠荃轲骢珺稔缦筵罡鹄"
_LIMITED = "有限公司"
#: How a name ends, the registration type (登记注册类型) that goes with it, and its weight.
_FORMS = (
    (_LIMITED, "私营有限责任公司", 62),
    (_LIMITED, "其他有限责任公司", 16),
    ("厂", "股份合作企业", 7),
    ("股份有限公司", "股份有限公司", 4),
    (_LIMITED, "外资企业", 4),
    (_LIMITED, "港澳台商独资企业", 3),
    ("厂", "集体企业", 3),
)
_SURNAMES = (
    "陈王张李刘杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈"
)
_POSTS = ("经理", "主任", "会计", "科长", "主管")
#: Ten thousand numbers of one block, so that nobody is rung up by mistake.
_PHONE_PREFIX = "1390000"
_PHONES = 10_000


def invent_name(rng: Random, region: DemoRegion, industry: Industry, taken: set[str]) -> tuple[str, str]:
    """(name, registration type), the name new to ``taken``: place + brand + trade + legal form."""
    while True:
        ending, registration, _ = rng.choices(_FORMS, weights=[form[2] for form in _FORMS])[0]
        brand = rng.choice(_FIRST) + rng.choice(_SECOND)
        trade = rng.choice(industry.trades)
        name = f"{region.place}{brand}{trade}{ending}"
        if name not in taken:
            taken.add(name)
            return name, registration


def invent_contact(rng: Random, taken: set[int]) -> tuple[str, str]:
    """A contact without given name and a number new to ``taken``, e.g. ``("陈经理", "13900004711")``: two firms with
    one number would be suspected of being one (疑似重复). A city of more firms than numbers repeats them.
    """
    contact, drawn = rng.choice(_SURNAMES) + rng.choice(_POSTS), rng.randrange(_PHONES)
    if len(taken) >= _PHONES:
        taken.clear()
    while drawn in taken:
        drawn = (drawn + 1) % _PHONES
    taken.add(drawn)
    return contact, f"{_PHONE_PREFIX}{drawn:04d}"
