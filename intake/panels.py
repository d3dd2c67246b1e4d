"""What intake shows on others' pages: its menu entries and the batches that wait for their sender."""

from __future__ import annotations

from django.urls import reverse

from core.models import User
from core.panels import MenuEntry, Todo, register_menu, register_todo
from core.permissions import can
from intake.models import Batch
from intake.services.periods import period_label
from intake.services.sheet_types import sheet_label

register_menu(
    MenuEntry("数据填报", "我的填报", "intake:upload", "batch.send", 1),
    MenuEntry("数据填报", "批次记录", "intake:batch_list", "batch.view", 2),
    MenuEntry("数据填报", "名单对应关系", "intake:layout_list", "batch.send", 3),
)


@register_todo
def waiting_batches(user: User) -> list[Todo]:
    """待提交 and 可重试: batches that this user sent and that wait for him."""
    if not can(user, "batch.send"):
        return []
    mine = Batch.objects.visible_to(user).with_shown_state().filter(sent_by=user)
    waiting = mine.filter(shown_state__in=[Batch.State.READY, Batch.State.INTERRUPTED, Batch.State.MAPPING])
    return [_todo(batch) for batch in waiting.select_related("region").order_by("-id")]


def _todo(batch: Batch) -> Todo:
    if batch.shown_state == Batch.State.MAPPING:
        return Todo(
            kind="待确认列",
            title=f"{sheet_label(batch.sheet)}　{batch.region.name}　{period_label(batch.period)}",
            note=f"{batch.upload_name}　各列是什么，确认一次",
            due=None,
            url=reverse("intake:mapping", args=[batch.pk]),
            action="去确认",
            tone="warn",
        )
    lost = batch.shown_state == Batch.State.INTERRUPTED
    blocked = batch.counts.get("blocked", 0)
    words = f"{blocked} 行有问题" if blocked else f"{batch.counts.get('good', 0)} 行可以入库"
    return Todo(
        kind="可重试" if lost else "待提交",
        title=f"{sheet_label(batch.sheet)}　{batch.region.name}　{period_label(batch.period)}",
        note=f"{batch.upload_name}　{'校验中断' if lost else words}",
        due=None,
        url=reverse("intake:batch", args=[batch.pk]),
        action="重新校验" if lost else "去提交",
        tone="warn" if lost else "bad" if blocked else "info",
    )
