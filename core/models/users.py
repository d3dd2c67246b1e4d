from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Role(models.TextChoices):
    BUREAU_STAFF = "bureau_staff", "业务科室"
    BUREAU_LEADER = "bureau_leader", "分管领导"
    DISTRICT_OFFICER = "district_officer", "县区(园区)经办"
    DISTRICT_LEADER = "district_leader", "县区审核"
    TOWNSHIP_OFFICER = "township_officer", "乡镇经办"
    DEPARTMENT_OFFICER = "department_officer", "部门"
    FINANCE = "finance", "财政"
    SYS_ADMIN = "sys_admin", "系统管理员"
    SEC_ADMIN = "sec_admin", "安全管理员"
    AUDITOR = "auditor", "审计员"
    API_CLIENT = "api_client", "接口用户"
    SYSTEM = "system", "系统"


class Department(models.TextChoices):
    """The bodies that bear duties (责任部门, seed 000 三.1–6)."""

    INDUSTRY = "industry", "工信部门"
    STATISTICS = "statistics", "统计部门"
    TAX = "tax", "税务部门"
    POWER = "power", "供电公司"
    FINANCE = "finance", "财政部门"
    MARKET = "market", "市场监管部门"
    ENVIRONMENT = "environment", "生态环境部门"
    EMERGENCY = "emergency", "应急管理部门"
    LAND = "land", "自然资源部门"
    SCIENCE = "science", "科技部门"
    LABOUR = "labour", "人社部门"
    DATA = "data", "大数据与政务服务部门"
    NONE = "", "—"


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def system(self) -> User:
        """The actor of commands and jobs that no person started; it cannot log in."""
        user = self.filter(username="system").first()
        if user is None:
            user, _ = self.get_or_create(
                username="system", defaults={"full_name": "系统", "role": Role.SYSTEM, "password": "!"}
            )
        return user


class User(AbstractBaseUser):
    """A person (or a REST client) with one role, one assessment region and one department."""

    username = models.CharField("账号", max_length=40, unique=True)
    full_name = models.CharField("姓名", max_length=40)
    role = models.CharField("角色", max_length=20, choices=Role)
    region = models.ForeignKey(
        "core.Region", models.PROTECT, null=True, blank=True, verbose_name="地区", related_name="users"
    )
    department = models.CharField("部门", max_length=20, choices=Department, blank=True, default="")
    unit_name = models.CharField("单位", max_length=60, blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("首次登录须改密码", default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name", "role"]

    #: set for one request by an API token whose scope is narrower than its user's
    _narrowed_path: str | None = None

    class Meta:
        db_table = "core_user"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def scope_path(self) -> str | None:
        """The prefix of the region paths that this user may see; None for nobody's data."""
        if self._narrowed_path is not None:
            return self._narrowed_path
        return self.region.path if self.region_id else None

    def narrow_to(self, path: str) -> None:
        self._narrowed_path = path

    @property
    def unit_label(self) -> str:
        """启东市·工信部门, as the top bar shows it."""
        return self.unit_name or "·".join(
            part
            for part in (self.region.name if self.region_id else "", self.get_department_display())
            if part
        )
