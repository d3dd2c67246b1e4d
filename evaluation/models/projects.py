"""What follows from a C or a D: a project with its measure, milestones, acceptance and re-evaluation (底单制)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from evaluation.models.process import EvaluationFile
from evaluation.models.rounds import Round
from evaluation.querysets import MilestoneQuerySet, ProjectQuerySet

_BY = {"on_delete": models.PROTECT, "related_name": "+"}


class Project(models.Model):
    """One firm's improvement or clearance after a published round; ``accepted`` ones are re-evaluated."""

    class List(models.TextChoices):
        IMPROVE = "improve", "C类改造提升"
        CLEAR = "clear", "D类整治淘汰"

    class Measure(models.TextChoices):
        UPGRADE = "upgrade", "改造提升"
        MERGE = "merge", "兼并重组"
        SPLIT = "split", "分割转让"
        PARK = "park", "整合入园"
        RELOCATE = "relocate", "异地搬迁"
        CLOSE = "close", "关停退出"

    class State(models.TextChoices):
        PLANNED = "planned", "实施中"
        SUBMITTED = "submitted", "待验收"
        ACCEPTED = "accepted", "验收通过"
        RETURNED = "returned", "验收未通过"

    round = models.ForeignKey(Round, models.PROTECT, related_name="projects")
    enterprise = models.ForeignKey("enterprises.Enterprise", **_BY)
    region = models.ForeignKey("core.Region", **_BY)
    kind = models.CharField("清单", max_length=10, choices=List)
    measure = models.CharField("措施", max_length=10, choices=Measure)
    plan = models.CharField("方案", max_length=500)
    due_on = models.DateField("完成期限")
    state = models.CharField("状态", max_length=10, choices=State, default=State.PLANNED)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_BY)
    opened_at = models.DateTimeField("立项时间")
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, **_BY)
    accepted_at = models.DateTimeField("验收时间", null=True)
    acceptance = models.CharField("验收意见", max_length=300, blank=True, default="")
    file = models.ForeignKey(EvaluationFile, null=True, **_BY)
    #: 复评 by the method of the evaluated year: the year of the figures, grade and score as they are told
    review_year = models.PositiveSmallIntegerField("复评数据年度", null=True)
    review_grade = models.CharField("复评等级", max_length=4, blank=True, default="")
    review_score = models.CharField("复评得分", max_length=20, blank=True, default="")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, **_BY)
    reviewed_at = models.DateTimeField("复评时间", null=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        db_table = "eval_project"
        ordering = ["region__order", "enterprise"]
        constraints = [models.UniqueConstraint(fields=["round", "enterprise"], name="eval_project_uq")]

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.PLANNED, self.State.RETURNED)


class Milestone(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="milestones")
    title = models.CharField("节点", max_length=100)
    due_on = models.DateField("期限")
    done_on = models.DateField("完成日", null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, **_BY)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        db_table = "eval_milestone"
        ordering = ["due_on", "id"]
