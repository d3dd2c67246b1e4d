from __future__ import annotations

from django.conf import settings
from django.db import models

from core.models.users import Role, User

#: who drafts and checks: nobody else sees what is not in force yet
DRAFTERS = frozenset({Role.BUREAU_STAFF, Role.BUREAU_LEADER})
#: The three administrators see no policy either: it is business.
_OUTSIDE = frozenset({Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDITOR})


class EditionQuerySet(models.QuerySet["PolicyEdition"]):
    def visible_to(self, user: User) -> EditionQuerySet:
        """What is or was in force in the user's regions and in those that hold them (a city's plan is known to its
        districts); drafts of his own regions, to the bureau. A bureau's account that has no region yet sees the
        drafts of places that do not exist yet."""
        if user.role == Role.SYSTEM:
            return self
        path = user.scope_path
        if not user.is_active or user.role in _OUTSIDE:
            return self.none()
        if path is None:
            unplaced = self.filter(locality=None, state__in=PolicyEdition.UNSETTLED)
            return unplaced if user.role in DRAFTERS else self.none()
        above = [code for code in path.split("/") if code]
        within = models.Q(locality__path__startswith=path)
        known = ~models.Q(state__in=PolicyEdition.UNSETTLED) & (within | models.Q(locality__in=above))
        return self.filter(known | within) if user.role in DRAFTERS else self.filter(known)


class PolicyEdition(models.Model):
    """One edition of one issued document. Its exact text is the only truth; it is never edited: a changed draft is
    the next edition."""

    class State(models.TextChoices):
        DRAFT = "draft", "草案"
        SUBMITTED = "submitted", "待批准"
        SCHEDULED = "scheduled", "待施行"
        IN_FORCE = "in_force", "施行"
        RETIRED = "retired", "停用"
        DISCARDED = "discarded", "作废"

    #: never were in force
    UNSETTLED = (State.DRAFT, State.SUBMITTED, State.SCHEDULED, State.DISCARDED)

    name = models.CharField("文件代号", max_length=60)
    number = models.PositiveIntegerField("版次")
    title = models.CharField("标题", max_length=200)
    #: of a draft for a region that does not exist yet: the one that it will stand under, or none
    locality = models.ForeignKey("core.Region", models.PROTECT, null=True, verbose_name="地区")
    place = models.CharField("适用地区", max_length=60, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    text = models.TextField()
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    loaded_at = models.DateTimeField(auto_now_add=True)
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    #: what is changed and why, in the maker's words; what the checker returned it with
    remark = models.CharField("说明", max_length=200, blank=True, default="")
    answer = models.CharField("批复", max_length=200, blank=True, default="")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    #: approved for a day to come, over the edition that the approver compared it with
    takes_force_on = models.DateField("施行日期", null=True)
    approved_over = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    in_force_at = models.DateTimeField("施行时间", null=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        db_table = "core_policy_edition"
        ordering = ["name", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="edition_number_uq"),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(state="in_force"), name="edition_in_force_uq"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} 第{self.number}版"
