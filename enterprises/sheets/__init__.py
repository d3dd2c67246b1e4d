"""The lists that the registry takes in: 企业名录, 规上变动, 月度报表, 税务名单, 退统名单, 年度数据, 补充数据."""

from enterprises.sheets.declared import Declared
from enterprises.sheets.listed import Listed
from enterprises.sheets.monthly import Monthly
from enterprises.sheets.registry import Registry
from enterprises.sheets.yearly import Annual, Delisted, TaxList

__all__ = ["Annual", "Declared", "Delisted", "Listed", "Monthly", "Registry", "TaxList"]
