"""A list as an officer would send it, without the file: rows of cells in, faults and a stored batch out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.models import Region, User
from intake.models import Batch
from intake.rules.faults import Fault
from intake.rules.reading import Frame, read_frame
from intake.services.reading_context import context_of
from intake.services.sheet_types import Preview, Records, SheetType, sheet_type
from intake.workbooks.raw import RawSheet, RawWorkbook
from tests import factories


@dataclass
class Sent:
    sheet: SheetType
    batch: Batch
    frame: Frame
    records: Records

    @property
    def told(self) -> list[tuple[int | None, str, str]]:
        """(Excel row, class, code) of every fault, in order."""
        return [(fault.row, fault.cls, fault.code) for fault in self.frame.faults]

    def fault(self, code: str) -> Fault:
        return next(fault for fault in self.frame.faults if fault.code == code)

    @property
    def preview(self) -> Preview:
        return self.sheet.preview(self.records, self.batch)

    def take(self) -> dict[str, int]:
        return self.sheet.take(self.records, self.batch, User.objects.system())

    def json(self) -> list[dict]:
        columns = self.records.columns
        return [
            self.sheet.as_json({key: columns[key][i] for key in columns}) for i in range(len(self.records))
        ]


def send(
    name: str, rows: list[dict], region: Region | str = "320681", as_of: str = "2022-07-08", period: str = ""
) -> Sent:
    """Check a list of ``rows`` (heading → cell); headings are those that any row has, in order of appearance."""
    sheet = sheet_type(name)
    batch = factories.batch(name, region, as_of=date.fromisoformat(as_of), period=period)
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    cells = [headings, *([row.get(heading) for heading in headings] for row in rows)]
    raw = RawSheet("表", True, cells, set(), set(), [], set(), {})
    frame = read_frame(RawWorkbook([raw], "xlsx"), sheet.spec_for(batch.region), context_of(batch, sheet))
    if frame.rows:
        sheet.judge(frame, batch)
    blocked = frame.blocked_rows()
    good = [i for i, row in enumerate(frame.rows) if row not in blocked]
    columns = {key: [column[i] for i in good] for key, column in frame.columns.items()}
    return Sent(sheet, batch, frame, Records([frame.rows[i] for i in good], columns))


def firm_cells(firm=None, *, uscc: str = "", name: str = "", region: str = "启东市") -> dict[str, str]:
    """The three columns that every list begins with."""
    return {
        "统一社会信用代码": firm.uscc if firm else uscc,
        "企业名称": name or (firm.name if firm else "启东新办五金有限公司"),
        "所属县区": region,
    }
