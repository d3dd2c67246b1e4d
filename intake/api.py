"""REST doors of the front door: the same batches, services and words as in the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import APIException, ParseError, PermissionDenied, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle

from core.api_errors import Refusal
from core.api_keys import KEY_PARAMETER, key_of
from core.jobs import enqueue
from intake.forms import UploadForm
from intake.models import Batch
from intake.serializers import (
    BatchHeadSerializer,
    BatchSerializer,
    CommitSerializer,
    FilePostSerializer,
    NotesSerializer,
    RowsPostSerializer,
)
from intake.services import batches
from intake.services.periods import read_period
from intake.services.posts import KeyReused, batch_head, batch_told, post_batch
from intake.services.retries import check_key
from intake.services.sheet_types import SheetType, sheets_for
from intake.workbooks.json_rows import Number, RowsRefused, RowsUnreadable, read_json, rows_workbook

#: Beside the file itself a post holds a few short fields.
_ENVELOPE = 64 * 1024
_CLOSED = "批次 {} 已入库、已放弃或正在校验，没有改动。"


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"


class ExactJSON(BaseParser):
    """JSON of bounded size, every number kept as it was written."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            body = read_json(stream.read(settings.UPLOAD_MAX_BYTES + _ENVELOPE))
        except RowsUnreadable as error:
            raise ParseError(f"请求体读不懂：{error}。") from error
        if not isinstance(body, dict):
            raise ParseError("请求体应是一个 JSON 对象。")
        return body


class _BatchDoor(GenericAPIView):
    parser_classes = [ExactJSON, MultiPartParser, FormParser]
    queryset = Batch.objects.none()
    filter_backends: list[Any] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.UPLOAD_MAX_BYTES + _ENVELOPE:
            raise TooLarge

    def visible(self) -> Any:
        mine = Batch.objects.visible_to(self.request.user).with_shown_state()
        return mine.select_related("region", "sent_by", "committed_by")

    def found(self, pk: int) -> Batch:
        """The batch, or 404 when it is not this client's to see."""
        batch: Batch = get_object_or_404(self.visible(), pk=pk)
        return batch

    def told(self, pk: int, after: int = 0, **more: Any) -> Response:
        return Response(batch_told(batch=self.found(pk), user=self.request.user, after=after), **more)

    def queue_check(self, batch: Batch) -> None:
        enqueue(
            job="check_batch",
            key=check_key(batch),
            arguments={"batch": batch.pk},
            actor=self.request.user,
        )


class Batches(_BatchDoor):
    """批次：列出自己能看到的，或报送一批。"""

    serializer_class = BatchHeadSerializer
    throttle_scope = "batches"

    def get_throttles(self) -> list[BaseThrottle]:
        more = [ScopedRateThrottle()] if self.request.method == "POST" else []
        return [*super().get_throttles(), *more]

    @extend_schema(
        operation_id="batches_list",
        parameters=[
            OpenApiParameter("sheet", str, description="报表代号"),
            OpenApiParameter("state", str, description="状态", enum=Batch.State.values),
        ],
        responses=BatchHeadSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """批次，按编号从小到大翻页。"""
        asked = self.visible().order_by("pk")
        if sheet := request.query_params.get("sheet"):
            asked = asked.filter(sheet=_clean(sheet))
        if state := request.query_params.get("state"):
            if state not in Batch.State.values:
                raise ValidationError({"state": [f"没有这种状态；可用：{'、'.join(Batch.State.values)}。"]})
            asked = asked.filter(shown_state=state)
        page = self.paginate_queryset(asked)
        return self.get_paginated_response([batch_head(batch) for batch in page])

    @extend_schema(
        operation_id="batches_post",
        parameters=[KEY_PARAMETER],
        request={"multipart/form-data": FilePostSerializer, "application/json": RowsPostSerializer},
        responses={202: BatchSerializer, 200: BatchSerializer},
    )
    def post(self, request: Request) -> Response:
        """报送一批：文件（multipart）或 rows（JSON）。校验在后台进行，用返回的地址查看结果。"""
        sheet = self._sheet()
        form = UploadForm(request.data, self._files(sheet), user=request.user, sheet=sheet)
        if not form.is_valid():
            raise ValidationError({name: list(told) for name, told in form.errors.items()})
        file = form.cleaned_data["file"]
        try:
            batch, is_new = post_batch(
                actor=request.user,
                sheet=sheet,
                region=form.cleaned_data["region"],
                period=read_period(sheet, form.cleaned_data.get("period", "")),
                as_of=timezone.localdate(),
                file=file,
                upload_name=file.name,
                key=key_of(request),
                queue=self.queue_check,
            )
        except batches.UploadRefused as refused:
            raise ValidationError({"file": [str(refused)]}) from refused
        except KeyReused as reused:
            raise Refusal(
                "KEY_REUSED", f"这个 Idempotency-Key 已用于批次 {reused.batch}，内容不同；请换一个编号。"
            ) from reused
        where = reverse("api:batch", args=[batch.pk], request=request)
        return self.told(batch.pk, status=202 if is_new else 200, headers={"Location": where})

    def _sheet(self) -> SheetType:
        offered = {sheet.spec.name: sheet for sheet in sheets_for(self.request.user)}
        name = self.request.data.get("sheet")
        if not isinstance(name, str) or name not in offered:
            known = "、".join(f"{sheet.spec.name}（{sheet.spec.label}）" for sheet in offered.values())
            raise ValidationError({"sheet": [f"没有这种报表，或不由您报送；可用：{known or '无'}。"]})
        return offered[name]

    def _files(self, sheet: SheetType) -> Any:
        if "rows" not in self.request.data:
            return self.request.FILES
        headings = {column.key: column.heading for column in sheet.spec_for(self.request.user.region).columns}
        try:
            content = rows_workbook(self.request.data["rows"], lambda name: headings.get(name, name))
        except RowsRefused as refused:
            raise ValidationError({"rows": refused.faults}) from refused
        name = self.request.data.get("name")
        name = name if isinstance(name, str) and name.strip() else f"{sheet.spec.label}_接口报送"
        return {"file": ContentFile(content, name=f"{name.removesuffix('.xlsx')}.xlsx")}


class OneBatch(_BatchDoor):
    """一个批次：状态、计数、会有的变更和全部问题。"""

    serializer_class = BatchSerializer

    @extend_schema(
        operation_id="batch",
        parameters=[OpenApiParameter("after", int, description="从哪个问题之后接着列，取自 issues_after")],
    )
    def get(self, request: Request, pk: int) -> Response:
        after = request.query_params.get("after", "0")
        if not (after.isascii() and after.isdecimal()) or len(after) > 18:
            raise ValidationError({"after": ["应是上一次结果里的 issues_after。"]})
        return self.told(pk, int(after))


class _Act(_BatchDoor):
    """Something done to a batch that the client sees; answers with the batch as it stands then."""

    serializer_class = BatchSerializer

    def act(self, pk: int, act: Callable[[Batch], object]) -> Response:
        batch = self.found(pk)
        try:
            act(batch)
        except batches.NotYours as error:
            raise PermissionDenied from error
        except batches.BatchClosed as error:
            raise Refusal("BATCH_CLOSED", _CLOSED.format(batch)) from error
        except batches.CommitRefused as refused:
            raise Refusal(refused.code, refused.message) from refused
        return self.told(pk)


class BatchNotes(_Act):
    @extend_schema(operation_id="batch_notes", request=NotesSerializer, responses=BatchSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """给 B、C 类问题写情况说明。"""
        batch = self.found(pk)
        notes = self._notes(batch)
        return self.act(pk, lambda batch: batches.answer_issues(batch=batch, actor=request.user, notes=notes))

    def _notes(self, batch: Batch) -> dict[int, str]:
        given = self.request.data.get("notes")
        if not isinstance(given, dict):
            raise ValidationError({"notes": ["应是对象：问题的 id → 情况说明。"]})
        numbers = {
            name: int(name) for name in given if name.isascii() and name.isdecimal() and len(name) < 19
        }
        asked = set(batch.issues.filter(pk__in=numbers.values(), cls__in="BC").values_list("pk", flat=True))
        faults = []
        for name, note in given.items():
            if numbers.get(name) not in asked:
                faults.append(f"{name[:20]}：这一批没有这个 B 类或 C 类问题。")
            elif not isinstance(note, str) or isinstance(note, Number):
                faults.append(f"{name}：说明应是文字。")
        if faults:
            raise ValidationError({"notes": faults})
        return {numbers[name]: note for name, note in given.items()}


class BatchCommit(_Act):
    @extend_schema(operation_id="batch_commit", request=CommitSerializer, responses=BatchSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """提交：写入数据。已经入库的再提交一次，照样回答已入库。"""
        wanted = request.data.get("rows", "all")
        if wanted not in ("all", "good"):
            raise ValidationError({"rows": ["应是 all 或 good。"]})

        def commit(batch: Batch) -> None:
            try:
                batches.commit_batch(batch=batch, actor=request.user, good_rows_only=wanted == "good")
            except batches.CommitRefused:
                batch.refresh_from_db(fields=["state"])
                if batch.state != Batch.State.COMMITTED:
                    raise

        return self.act(pk, commit)


class BatchDiscard(_Act):
    @extend_schema(operation_id="batch_discard", request=None, responses=BatchSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """放弃：不写入任何数据。"""

        def discard(batch: Batch) -> None:
            if batch.state != Batch.State.DISCARDED:
                batches.discard_batch(batch=batch, actor=request.user)

        return self.act(pk, discard)


class BatchUndo(_Act):
    @extend_schema(operation_id="batch_undo", request=None, responses=BatchSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """撤销已入库的批次：数据恢复到提交以前；已有结果以它为依据的，回答 409 并说明。已经撤销的再撤销一次，照样回答已撤销。"""

        def undo(batch: Batch) -> None:
            if batch.state != Batch.State.UNDONE:
                batches.undo_batch(batch=batch, actor=request.user)

        return self.act(pk, undo)


class BatchRetry(_Act):
    @extend_schema(operation_id="batch_retry", request=None, responses=BatchSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """重新校验：校验中断后，或库中的数据已变动。"""

        def retry(batch: Batch) -> None:
            with transaction.atomic():
                batches.retry_check(batch=batch, actor=request.user)
                self.queue_check(batch)

        return self.act(pk, retry)


def _clean(text: str) -> str:
    """PostgreSQL takes no NUL in any text."""
    return text.replace("\x00", "")
