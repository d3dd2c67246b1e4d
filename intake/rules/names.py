"""Firm names and other short texts: what is stripped in silence and what must be asked. Pure."""

from __future__ import annotations

import re
import unicodedata

from .findings import Finding, must_mend
from .text import visible_text, without_blanks

#: No registered name comes near it; the database column and every printed form hold it.
NAME_LIMIT = 200

_PLAIN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff][\u3400-\u4dbf\u4e00-\u9fff0-9A-Za-z()（）]{1,199}")
#: What officers add to a name: it is no part of it, and stored it would make another firm.
_STATES = "注销|吊销|停产|停业|歇业|关停|关闭|破产|清算|搬迁|迁出|迁入|退库|退规|入库|在建|筹建?|更名"
_REMARK = re.compile(
    rf"[(（](?:(?:已|拟|待|正在|全面)?(?:{_STATES})[^()（）]{{0,10}}|(?:原名?|原为|曾用名|现名|现为)[:：]?[^()（）]{{1,40}}|新|旧|原|新增)[)）]$"
    rf"|^[(（]已?(?:{_STATES})[)）]"
)
_SUM_WORDS = ("合计", "总计", "小计", "共计")
_LABEL = re.compile(r"^(?:备?注|说明|单位|企业|公司|单位名称|企业名称|公司名称|名称)[:：]")
_SAMPLE = re.compile(
    r"^(?:示例|样例|范例|例[:：]|[Xx×]{2,}|某某)|[(（](?:示例|样例|例)[)）]$|^测试(?:企业|公司|单位|数据)?[0-9A-Za-z]*$"
)
_TWO_FIRMS = re.compile(r"(?:公司|厂|合作社)[、/,，;；+＋].*(?:公司|厂|合作社)$")
_FIRM_END = re.compile(r"(?:公司|厂|合作社)$")
_LOOSE_END = re.compile(r"[\u4e00-\u9fff)）][,，;；、.:：\-—_*#]+$|^[*#]")
#: Names without any of these have none of the faults above.
_SUSPECT = re.compile(r"^[测示样范例Xx×某备注说单企公名*#(（]|[)）计例,，;；、.:：\-—_*#]$|[、/,，;；+＋]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")
_REVERSING = re.compile(r"[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_MARKUP = re.compile(r"[<>{}＜＞]|&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});|\$\(|javascript:", re.IGNORECASE)
_ESCAPED_CONTROL = re.compile(r"_x00[01][0-9A-Fa-f]_|_x007[Ff]_")
_FORMULA_HEADS = "=+-@|＝＋－＠｜−"
#: Text that was decoded with the wrong table leaves these behind.
_DEBRIS = re.compile(
    r"[\ufffd\ue000-\uf8ff\u20ac]|锟斤拷|烫烫|屯屯|\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-z]*\)"
)
_UTF8_WHOLE = re.compile(
    rb"(?:[\xe4-\xe9][\x80-\xbf]{2}|\xef[\xbc\xbd][\x80-\xbf]|[\x20-\x7e]){2,}[\xe4-\xe9]?[\x80-\xbf]?\??"
)
_UTF8_TRIPLETS = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){4}")
_LOOK_ALIKE_SCRIPTS = {"CYRILLIC": "西里尔字母", "GREEK": "希腊字母"}
_PUNCTUATION = frozenset("()（）[]【】〔〕《》〈〉“”‘’\"'·•・‧-–—_.．,，、:：/／&＆#＃%°№+＋@*")


def read_name(value: str) -> str | Finding:
    """A firm's name as written without blanks and invisible characters, or what is wrong with it."""
    if _PLAIN.fullmatch(value):
        if _DEBRIS.search(value) or _read_with_wrong_table(value):
            return _garbled()
        return _not_a_name(value) or value
    fault = text_fault(value, NAME_LIMIT, "名称")
    if fault is not None:
        return fault
    lines = [line for line in map(without_blanks, value.splitlines()) if line]
    if len(lines) > 1 and all(_FIRM_END.search(line) for line in lines):
        return must_mend("NAME_TWO", "一个单元格里像有两家企业", "请一家企业一行")
    name = without_blanks(value)
    odd = _odd_character(name)
    if odd is not None:
        return odd
    if not _HAN.search(name):
        return must_mend("NAME_ODD", "不像企业名称，名称里没有汉字", "请按营业执照填写企业全称")
    if len(name) < 2:
        return must_mend("NAME_ODD", "名称太短", "请按营业执照填写企业全称")
    return _not_a_name(name) or name


def _not_a_name(name: str) -> Finding | None:
    """What stands where a name should, or beside it: stored it would be another firm."""
    if not _SUSPECT.search(name):
        return None
    if name.endswith(_SUM_WORDS):
        return must_mend("NAME_SUM", "像合计行，这一行却填了信用代码", "是合计请删去代码，是企业请填写全称")
    if _SAMPLE.search(name):
        return must_mend("NAME_SAMPLE", "像模板里的示例，不是真实企业", "示例行请删除，真实企业请填写全称")
    if name[-1] in ")）" or name[0] in "(（":
        remark = _REMARK.search(name)
        if remark:
            return must_mend(
                "NAME_REMARK",
                f"名称里带有说明“{remark[0]}”，不是登记的名称",
                "名称只填营业执照上的全称，说明请写在备注里",
            )
    if _LABEL.match(name):
        return must_mend("NAME_ODD", "名称前带有“单位：”一类的字样", "请只填写企业全称")
    if _TWO_FIRMS.search(name):
        return must_mend("NAME_TWO", "一个单元格里像有两家企业", "请一家企业一行")
    if _LOOSE_END.search(name):
        return must_mend("NAME_ODD", "名称首尾有多余的符号", "请删去符号，只填写企业全称")
    return None


def read_text(value: str, limit: int, label: str) -> str | Finding:
    """A free text in one line, or what is wrong with it."""
    fault = text_fault(value, limit, label)
    if fault is not None:
        return fault
    return re.sub(r"[\s\u3000]+", " ", re.sub("[\u200b-\u200d\u2060\ufeff\u00ad]", "", value)).strip()


def text_fault(value: str, limit: int, label: str) -> Finding | None:
    """Length, control characters, reversed text, formulas, markup, garbled text: all of class A."""
    if len(value) > limit and len(without_blanks(value)) > limit:
        return must_mend(
            "TEXT_LONG", f"{label}过长，超过 {limit} 个字符", "请检查是否粘贴了多余内容，再按实际填写"
        )
    text = without_blanks(value)
    if _REVERSING.search(text):
        return must_mend("TEXT_CONTROL", f"{label}里有看不见的换向字符", "请删去该单元格内容后重新手工填写")
    if _ESCAPED_CONTROL.search(text) or any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in text):
        return must_mend("TEXT_CONTROL", f"{label}里有看不见的控制字符", "请删去该单元格内容后重新手工填写")
    if text[:1] in _FORMULA_HEADS and text:
        return must_mend(
            "TEXT_FORMULA", f"{label}以“{text[0]}”开头，在 Excel 中会被当作公式执行", "请去掉开头的符号"
        )
    if _MARKUP.search(text):
        return must_mend(
            "TEXT_MARKUP", f"{label}里有网页或模板代码用的字符", "请只填写文字，去掉尖括号、花括号等字符"
        )
    if _DEBRIS.search(text) or _read_with_wrong_table(text):
        return _garbled(label)
    return None


def _garbled(label: str = "名称") -> Finding:
    return must_mend("TEXT_GARBLED", f"{label}是乱码，文件可能经过错误的编码转换", "请从原始材料重新填写")


def _read_with_wrong_table(text: str) -> bool:
    """Whether the letters are UTF-8 bytes that were read as GBK (娴烽棬 for 海门)."""
    if text.isascii():
        return False
    octets = text.encode("gb18030", "replace")
    if _UTF8_TRIPLETS.search(octets):
        return True
    return len(octets) >= 8 and not octets.isascii() and bool(_UTF8_WHOLE.fullmatch(octets))


def _odd_character(name: str) -> Finding | None:
    for character in name:
        if (
            (character.isascii() and character.isalnum())
            or character in _PUNCTUATION
            or _HAN.match(character)
        ):
            continue
        kind = unicodedata.category(character)
        if kind in ("Nd", "Nl", "No") or "\uff21" <= character <= "\uff5a":
            continue
        if kind == "Mn" or (kind[0] == "L" and character < "\u0250"):
            return _garbled()
        script = unicodedata.name(character, "").split(" ")[0]
        told = _LOOK_ALIKE_SCRIPTS.get(script)
        what = f"外形相似的{told}“{character}”" if told else f"不常用于名称的字符“{visible_text(character)}”"
        return must_mend("NAME_CHARACTER", f"名称里有{what}", "请对照营业执照重新填写该字符")
    return None
