"""``python -m bench.intake [ROWS]``: a workbook of twelve columns → checked → upserted with differences kept, every row
changed, against django-import-export (its best bulk settings on a sample, its default ones on a smaller one, both by
the row) and against the floor (unzip, expat, the cells into a table of texts). Then the same file once more, the same rows
in another file, and the most memory that a list takes, a faulty one of 199,999 rows too. On the database that ``DATABASE_URL`` names; both sides
write to it with the same durability."""

from __future__ import annotations

import csv
import io
import pyexpat
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bench.house import CITY, house, in_child, make_firms, peak_mib, seconds, settle, versions
from bench.lists import MONTH, write_list

PAIRS = 3
#: Rows of the peer's best and of its default settings.
SAMPLE, SMALL_SAMPLE = 5_000, 500
FAULTY = 199_999
#: What this module is asked for when one list is to be taken by a process of its own.
TAKE = "--take"


def main(count: int) -> None:
    with house(), tempfile.TemporaryDirectory() as folder:
        from django.conf import settings

        from enterprises.models import Enterprise
        from tests import factories

        settings.MEDIA_ROOT = Path(folder) / "media"
        print(versions(), peer_versions(), flush=True)
        regions = [code for code in factories.regions_nantong() if code != CITY]
        in_child(lambda: make_firms(count, regions))
        settle()
        firms = list(Enterprise.objects.order_by("uscc").values_list("uscc", "name", "region__name"))
        lists = [Path(folder) / f"list{more}.xlsx" for more in (0, 1)]
        resaved = [Path(folder) / f"resaved{more}.xlsx" for more in (0, 1)]
        samples = [Path(folder) / f"sample{more}.xlsx" for more in (0, 1)]
        small = [Path(folder) / f"small{more}.xlsx" for more in (0, 1)]
        for more in (0, 1):
            write_list(lists[more], firms, more)
            write_list(resaved[more], firms, more, named="另存")
            write_list(samples[more], firms[:SAMPLE], more)
            write_list(small[more], firms[:SMALL_SAMPLE], more)
        _in_a_worker("a first list", lists[0])
        _in_a_worker("a list that changes every row", lists[1])
        _measure(count, lists, resaved, samples, small)
        faulty = Path(folder) / "faulty.xlsx"
        write_list(faulty, [(code[:-1] + "?", name, "某县") for code, name, _ in _repeated(firms)])
        _in_a_worker(f"{FAULTY} rows with two faults each", faulty)


def _repeated(firms: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [firms[place % len(firms)] for place in range(FAULTY)]


def _there(files: list[Path], other: int) -> tuple[Path, Path]:
    return files[1 - other], files[other]


def peer_versions() -> str:
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in ("django-import-export", "tablib", "openpyxl"))


def _measure(
    count: int, lists: list[Path], resaved: list[Path], samples: list[Path], small: list[Path]
) -> None:
    """Each turn takes the other file, so that every row is changed every time; all turns of one pair side by side."""
    best, plain = _resource(best=True), _resource(best=False)
    turns: list[dict[str, float]] = []
    for turn in range(PAIRS):
        other = turn % 2
        turns.append(
            {
                "ours": seconds(lambda path=lists[other]: take(path, "changed")) / count,
                "again": seconds(lambda path=lists[other]: take(path, "same")) / count,
                "resaved": seconds(lambda path=resaved[other]: take(path, "same")) / count,
                "floor": seconds(lambda path=lists[other]: _floor(path)) / count,
                # there and back, so that our next turn finds every row as this one left it
                "best": sum(seconds(lambda path=path: best(path)) for path in _there(samples, other))
                / SAMPLE
                / 2,
                "default": sum(seconds(lambda path=path: plain(path)) for path in _there(small, other))
                / SMALL_SAMPLE
                / 2,
            }
        )

    def ratio(over: str, under: str) -> float:
        return statistics.median(turn[over] / turn[under] for turn in turns)

    told = {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}
    print("microseconds a row:", {name: round(value * 1e6) for name, value in told.items()})
    print(
        f"{count} rows, django-import-export's best ÷ ours {ratio('best', 'ours'):.1f} ({SAMPLE} rows of it)"
    )
    print(f"{count} rows, its default ÷ ours {ratio('default', 'ours'):.1f} ({SMALL_SAMPLE} rows of it)")
    print(f"{count} rows, ours ÷ floor {ratio('ours', 'floor'):.1f}")
    print(
        f"{count} rows, a rewrite ÷ the same file again {ratio('ours', 'again'):.1f}, "
        f"÷ the same rows in another file {ratio('ours', 'resaved'):.1f}",
        flush=True,
    )


# ---------------------------------------------------------------- ours


def take(path: Path, expected: str) -> None:
    """The whole way of a file, as the command takes it."""
    from core.models import Region, User
    from intake.services.imports import import_file
    from intake.services.periods import read_period
    from intake.services.sheet_types import sheet_type

    sheet = sheet_type("monthly")
    batch = import_file(
        actor=User.objects.system(),
        sheet=sheet,
        region=Region.objects.get(pk=CITY),
        period=read_period(sheet, MONTH),
        as_of=date(2022, 7, 8),
        path=path,
    )
    if expected and (batch.state != "committed" or batch.counts[expected] != batch.counts["rows"]):
        raise SystemExit(f"{path.name}: {batch.state} {batch.counts}, not all {expected}")


def _in_a_worker(name: str, path: Path) -> None:
    """A process that has begun as a worker does: its memory holds nothing of what this bench has made."""
    from django.conf import settings
    from django.db import connection

    database = str(connection.settings_dict["NAME"])
    asked = [TAKE, name, str(path), database, str(settings.MEDIA_ROOT)]
    subprocess.run([sys.executable, "-m", "bench.intake", *asked], check=True)  # noqa: S603 - ourselves


def _take_alone(name: str, path: str, database: str, media: str) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.MEDIA_ROOT = Path(media)
    connection.settings_dict["NAME"] = database
    _tell_peak(name, Path(path))


def _tell_peak(name: str, path: Path) -> None:
    before = peak_mib()
    took = seconds(lambda: take(path, ""))
    print(f"{name}: {took:.1f} s, peak {peak_mib():.0f} MiB, {before:.0f} MiB of them before", flush=True)


# ---------------------------------------------------------------- the floor


def _floor(path: Path) -> None:
    """Cells as they stand, into a table of twelve texts without rules or indexes."""
    from django.db import connection

    rows = _cells(path)
    names = ", ".join(f"c{place}" for place in range(12))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_raw")
        cursor.execute(f"CREATE TABLE bench_raw ({names.replace(',', ' text,')} text)")
        if connection.vendor == "postgresql":
            out = io.StringIO()
            csv.writer(out).writerows(rows)
            out.seek(0)
            cursor.copy_expert("COPY bench_raw FROM STDIN (FORMAT csv)", out)
        else:
            marks = ", ".join(["%s"] * 12)
            cursor.executemany(f"INSERT INTO bench_raw VALUES ({marks})", rows)  # noqa: S608 - of our own


def _cells(path: Path) -> list[list[str]]:
    strings: list[str] = []
    rows: list[list[str]] = []
    text: list[str] = []
    row: list[str] = []
    kind, column = "", 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, kind, column
        if name == "c":
            kind, column = attributes.get("t", ""), ord(attributes["r"][0]) - 65
        elif name == "row":
            row = [""] * 12
        text.clear()

    def end(name: str) -> None:
        if name == "v":
            said = "".join(text)
            row[column] = strings[int(said)] if kind == "s" else said
        elif name == "row":
            rows.append(row)
        elif name == "t":
            strings.append("".join(text))

    with zipfile.ZipFile(path) as packed:
        for part in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):
            parser = pyexpat.ParserCreate()
            parser.buffer_text = True
            parser.StartElementHandler, parser.EndElementHandler = start, end
            parser.CharacterDataHandler = text.append
            with packed.open(part) as file:
                parser.ParseFile(file)
    return rows


# ---------------------------------------------------------------- the peer


def _resource(*, best: bool) -> Callable[[Path], None]:
    """django-import-export on the same table. Best: bulk, nothing compared, firms and what stands looked up at once."""
    from django.db import transaction
    from import_export import fields, resources, widgets
    from import_export.instance_loaders import CachedInstanceLoader, ModelInstanceLoader
    from tablib import Dataset

    from core.amounts import to_hundredths
    from core.models import Region
    from core.periods import Month
    from enterprises.models import Enterprise, MonthlyFigure
    from tests import factories

    origin = factories.batch("monthly", CITY)
    june = Month.parse(MONTH)

    class Amount(widgets.DecimalWidget):
        def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
            figure = super().clean(value, row, **kwargs)
            return None if figure is None else to_hundredths(figure)

    class Remembered(widgets.ForeignKeyWidget):
        """What a careful user writes: all firms, or all regions, in one query."""

        def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
            if not hasattr(self, "known"):
                self.known = {getattr(one, self.field): one for one in self.model.objects.all()}
            return self.known[value]

    widget = Remembered if best else widgets.ForeignKeyWidget

    class Figures(resources.ModelResource):
        enterprise = fields.Field("enterprise", "统一社会信用代码*", widget(Enterprise, "uscc"))
        region = fields.Field("region", "所属县区*", widget(Region, "name"))
        revenue_wan = fields.Field("revenue_wan", "营业收入(万元)*", Amount())
        tax_paid_wan = fields.Field("tax_paid_wan", "实缴税金(万元)*", Amount())
        taxable_sales_wan = fields.Field("taxable_sales_wan", "应税销售(万元)", Amount())
        power_wan_kwh = fields.Field("power_wan_kwh", "用电量(万千瓦时)", Amount())
        staff = fields.Field("staff", "从业人员(人)", widgets.IntegerWidget())
        declared_listed_on = fields.Field("declared_listed_on", "入库日期", widgets.DateWidget("%Y-%m-%d"))

        class Meta:
            model = MonthlyFigure
            import_id_fields = ("enterprise",)
            fields = ("enterprise", "region", "revenue_wan", "tax_paid_wan", "taxable_sales_wan", "power_wan_kwh",
                      "staff", "declared_listed_on")  # fmt: skip
            instance_loader_class = CachedInstanceLoader if best else ModelInstanceLoader
            use_transactions = True
            use_bulk = skip_diff = best
            batch_size = 1000

        def get_queryset(self) -> Any:
            return super().get_queryset().filter(month=june)

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            instance.month, instance.batch = june, origin

    def load(path: Path) -> None:
        data = Dataset().load(path.read_bytes(), format="xlsx")
        with transaction.atomic():
            Figures().import_data(data, raise_errors=True)

    return load


if __name__ == "__main__":
    if sys.argv[1:2] == [TAKE]:
        _take_alone(*sys.argv[2:])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
