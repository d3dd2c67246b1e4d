"""The demo's people: one account a role, an officer and a leader for each district; passwords are random."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from core.models import Department, Region, Role, User
from core.services.accounts import change_password
from core.services.users import add_user, random_password


@dataclass(frozen=True, slots=True)
class DemoAccount:
    username: str
    full_name: str
    role: Role
    region: str | None
    department: str
    unit_name: str


def house_accounts(unit_name: str) -> list[DemoAccount]:
    """The three administrators: they keep the house and see no business data."""
    return [
        DemoAccount("sysadmin", "系统管理员", Role.SYS_ADMIN, None, "", unit_name),
        DemoAccount("secadmin", "安全管理员", Role.SEC_ADMIN, None, "", unit_name),
        DemoAccount("auditor", "审计员", Role.AUDITOR, None, "", unit_name),
    ]


def new_city_accounts() -> list[DemoAccount]:
    """Two people of a bureau whose city is still to come: they draft and approve its first document, in the browser."""
    industry, unit = Department.INDUSTRY, "待建地区工信局"
    return [
        DemoAccount("newcity", "方知远", Role.BUREAU_STAFF, None, industry, unit),
        DemoAccount("newcity-leader", "严明川", Role.BUREAU_LEADER, None, industry, unit),
    ]


def city_accounts(city: Region, districts: list[Region], suffix: str) -> list[DemoAccount]:
    """Who works in a demo city. Names are invented; usernames say role and, but for the first city, region code."""
    code = city.code
    name = city.name
    industry = Department.INDUSTRY
    people = [
        DemoAccount("bureau", "陈立群", Role.BUREAU_STAFF, code, industry, f"{name}工信局·中小企业处"),
        DemoAccount("leader", "沈砚秋", Role.BUREAU_LEADER, code, industry, f"{name}工信局"),
        DemoAccount("stats", "季思远", Role.DEPARTMENT_OFFICER, code, Department.STATISTICS, f"{name}统计局"),
        DemoAccount("tax", "单怀谷", Role.DEPARTMENT_OFFICER, code, Department.TAX, f"{name}税务局"),
        DemoAccount("power", "顾惟明", Role.DEPARTMENT_OFFICER, code, Department.POWER, f"{name}供电公司"),
        DemoAccount("finance", "蒋书衡", Role.FINANCE, code, Department.FINANCE, f"{name}财政局"),
        DemoAccount("client", "梯队数据接口", Role.API_CLIENT, code, "", f"{name}大数据局"),
    ]
    people = [replace(person, username=person.username + suffix) for person in people]
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
    """Create the missing accounts; ``path`` (mode 600) has one line each: user, password, role, region by tabs.

    An account of the demo whose password stands nowhere gets a new one: a file may be lost, and a run stopped
    between the account and its line.
    """
    known = {user.username: user for user in User.objects.select_related("region")}
    lines = _lines(path)
    made = 0
    for account in accounts:
        user = known.get(account.username)
        if user is None:
            password = _add(account)
        elif account.username not in lines and user.full_name == account.full_name:
            password = random_password()
            change_password(actor=user, new_password=password)
        else:
            continue
        lines[account.username] = f"{account.username}\t{password}\t{account.role}\t{account.region or ''}"
        _write(path, lines)
        made += 1
    return made


def _add(account: DemoAccount) -> str:
    _, password = add_user(
        actor=User.objects.system(),
        username=account.username,
        full_name=account.full_name,
        role=account.role,
        region=Region.objects.get(pk=account.region) if account.region else None,
        department=account.department,
        unit_name=account.unit_name,
        must_change_password=False,
    )
    return password


def _lines(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.partition("\t")[0]: line for line in lines if line}


def _write(path: Path, lines: dict[str, str]) -> None:
    """Whole or not at all, and never readable by others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.writelines(f"{line}\n" for line in lines.values())
    draft.replace(path)
