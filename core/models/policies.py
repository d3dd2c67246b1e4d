from __future__ import annotations

from django.conf import settings
from django.db import models


class PolicyEdition(models.Model):
    """One edition of one issued document. Its exact text is the only truth; it is never edited."""

    class State(models.TextChoices):
        DRAFT = "draft", "草案"
        IN_FORCE = "in_force", "施行"
        RETIRED = "retired", "停用"

    name = models.CharField("文件代号", max_length=60)
    number = models.PositiveIntegerField("版次")
    title = models.CharField("标题", max_length=200)
    locality = models.ForeignKey("core.Region", models.PROTECT, null=True, verbose_name="地区")
    sha256 = models.CharField(max_length=64)
    text = models.TextField()
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    loaded_at = models.DateTimeField(auto_now_add=True)
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

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
