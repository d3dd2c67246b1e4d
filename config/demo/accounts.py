"""The demo's people: one account a role, an officer and a leader for each district; passwords are random."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from core.models import Department, Region, Role, User
from core.services.users import add_user


@dataclass(frozen=True, slots=True)
class DemoAccount:
    username: str
    full_name: str
    role: Role
    region: str | None
    department: str
    unit_name: str


def demo_accounts(city: Region, districts: list[Region]) -> list[DemoAccount]:
    """Who works in the demo city. Names are invented; usernames say role and region code."""
    code = city.code
    name = city.name
    people = [
        DemoAccount(
            "bureau", "陈立群", Role.BUREAU_STAFF, code, Department.INDUSTRY, f"{name}工信局·中小企业处"
        ),
        DemoAccount("leader", "沈砚秋", Role.BUREAU_LEADER, code, Department.INDUSTRY, f"{name}工信局"),
        DemoAccount("stats", "季思远", Role.DEPARTMENT_OFFICER, code, Department.STATISTICS, f"{name}统计局"),
        DemoAccount("tax", "单怀谷", Role.DEPARTMENT_OFFICER, code, Department.TAX, f"{name}税务局"),
        DemoAccount("finance", "蒋书衡", Role.FINANCE, code, Department.FINANCE, f"{name}财政局"),
        DemoAccount("sysadmin", "系统管理员", Role.SYS_ADMIN, None, "", f"{name}工信局"),
        DemoAccount("secadmin", "安全管理员", Role.SEC_ADMIN, None, "", f"{name}工信局"),
        DemoAccount("auditor", "审计员", Role.AUDITOR, None, "", f"{name}工信局"),
        DemoAccount("client", "梯队数据接口", Role.API_CLIENT, code, "", f"{name}大数据局"),
    ]
    surnames = "蒋徐缪顾单季施葛袁陆钱孙吴郑王冯"
    for district, surname in zip(districts, surnames, strict=False):
        unit = f"{district.name}工信部门"
        for role, prefix, given in (
            (Role.DISTRICT_OFFICER, "officer", "晓岚"),
            (Role.DISTRICT_LEADER, "head", "秉文"),
        ):
            username = f"{prefix}-{district.code.lower()}"
            people.append(
                DemoAccount(username, surname + given, role, district.code, Department.INDUSTRY, unit)
            )
    return people


def ensure_accounts(accounts: list[DemoAccount], path: Path) -> int:
    """Create the missing accounts and append them to ``path`` (mode 600: user, password, role, region by tabs)."""
    known = set(User.objects.values_list("username", flat=True))
    missing = [account for account in accounts if account.username not in known]
    if not missing:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        for account in missing:
            user, password = add_user(
                actor=User.objects.system(),
                username=account.username,
                full_name=account.full_name,
                role=account.role,
                region=Region.objects.get(pk=account.region) if account.region else None,
                department=account.department,
                unit_name=account.unit_name,
                must_change_password=False,
            )
            file.write(f"{user.username}\t{password}\t{user.role}\t{account.region or ''}\n")
            file.flush()
    return len(missing)
