"""Firm names and other short texts: what is stripped in silence and what must be asked. Pure."""

from __future__ import annotations

import re
import unicodedata

from .findings import Finding, must_mend
from .text import visible_text, without_blanks

#: No registered name comes near it; the database column and every printed form hold it.
NAME_LIMIT = 200

_PLAIN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff][\u3400-\u4dbf\u4e00-\u9fff0-9A-Za-z()（）]{1,199}")
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
        return _garbled() if _DEBRIS.search(value) or _read_with_wrong_table(value) else value
    fault = text_fault(value, NAME_LIMIT, "名称")
    if fault is not None:
        return fault
    name = without_blanks(value)
    odd = _odd_character(name)
    if odd is not None:
        return odd
    if not _HAN.search(name):
        return must_mend("NAME_ODD", "不像企业名称，名称里没有汉字", "请按营业执照填写企业全称")
    if len(name) < 2:
        return must_mend("NAME_ODD", "名称太短", "请按营业执照填写企业全称")
    return name


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
