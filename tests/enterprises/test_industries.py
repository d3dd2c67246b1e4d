"""Industries as people read them, and the initials that find a firm."""

import pytest

from enterprises.rules.industries import DIVISIONS, code_range, industry_label, is_industrial, section_of
from enterprises.services.initials import pinyin_initials


@pytest.mark.parametrize(
    ("code", "section", "industrial"),
    [
        ("0511", "A", False),
        ("0610", "B", True),
        ("1290", "B", True),
        ("1311", "C", True),
        ("4390", "C", True),
        ("4620", "D", True),
        ("4710", "E", False),
        ("6090", "G", False),
        ("6110", "H", False),
        ("", "", False),
    ],
)
def test_industry_is_06_to_46(code, section, industrial):
    assert section_of(code) == section
    assert is_industrial(code) is industrial


def test_every_industrial_division_has_a_name():
    assert sorted(DIVISIONS) == [f"{division:02d}" for division in range(6, 47)]
    assert industry_label("3391") == "3391 金属制品业"
    assert industry_label("") == ""
    assert code_range("B") == ("06", "13")


def test_initials_are_letters_and_digits_only():
    assert pinyin_initials("启东恒砺（A2）机械厂") == "qdhla2jxc"
    assert pinyin_initials("重庆长江船舶有限公司") == "cqcjcbyxgs"  # words decide how 重 and 长 are read
