"""The lists that the registry takes in: 企业名录 and its 变更事项, 规上变动, 月度报表, yearly lists, land, honours, people, 补充数据, 部门名单."""

from enterprises.sheets.declared import Declared
from enterprises.sheets.department import DepartmentList
from enterprises.sheets.honours import Honours
from enterprises.sheets.identity import RegistryEvents
from enterprises.sheets.land import LeaseList, ParcelList
from enterprises.sheets.listed import Listed
from enterprises.sheets.monthly import Monthly
from enterprises.sheets.people import Contacts, Liaisons
from enterprises.sheets.registry import Licences, Registry
from enterprises.sheets.yearly import Annual, Delisted, TaxList

__all__ = [
    "Annual",
    "Contacts",
    "Declared",
    "Delisted",
    "DepartmentList",
    "Honours",
    "LeaseList",
    "Liaisons",
    "Licences",
    "Listed",
    "Monthly",
    "ParcelList",
    "Registry",
    "RegistryEvents",
    "TaxList",
]
