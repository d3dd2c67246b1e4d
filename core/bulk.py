"""Whole columns out of a table and into it: COPY where the database is PostgreSQL, plain statements elsewhere.

The portable twin takes and gives the same columns, so rules never see which database they stand on. A column is
what fits it best:

- a numpy array of whole numbers or truths, or ``core.conditions.Column`` with what is not known (NULL); with words:
  texts; on a date field: days since 1970-01-01
- a two-dimensional array: its rows of bytes, for a binary field
- a list of Python values, ``None`` for NULL; a JSON field takes encoded JSON as ``bytes`` as well
- anything else is the same in every row
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, connection, models, transaction
from numpy.typing import NDArray

from core import copy_format
from core.amounts import LIMIT, AmountOutOfRange
from core.conditions import Column
from core.copy_format import DAYS_BEFORE_2000, MISSING, Cells
from core.fields import AmountField

Field = models.Field

#: Rows that are laid out at once.
_BLOCK = 8192
#: Rows that are given away at once where they are read in blocks.
_READ_BLOCK = 65_536
#: Bytes that go to the server at once.
_PIECE = 1 << 20
_EPOCH = date(1970, 1, 1)
_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_WHOLE_WIDTHS = {"bigint": 8, "integer": 4, "smallint": 2, "boolean": 1}


@dataclass(frozen=True, eq=False)
class Read:
    """Rows that were read: ``columns`` of whole numbers, truths and dates (days since 1970); ``codes``: ASCII texts."""

    size: int
    columns: Mapping[str, Column]
    codes: Mapping[str, NDArray[np.bytes_]]

    def by_code(self, name: str) -> Read:
        """The same rows in the order of these codes, byte by byte: no database's collation decides it."""
        order = np.argsort(self.codes[name], kind="stable")
        return Read(
            self.size,
            {key: column.take(order) for key, column in self.columns.items()},
            {key: codes[order] for key, codes in self.codes.items()},
        )


def read_columns(rows: models.QuerySet[Any], *names: str) -> Read:
    """These fields of the rows, in their order; one query, none where nothing can match.

    Texts must be ASCII (credit codes, regions) and have a greatest length, NULL reads as empty; raises
    ``ValueError`` otherwise.
    """
    asked = _asked(rows, names)
    if asked is None:
        read = [_array(field, ()) for field in _compiled(rows, names)[1]]
    elif connection.vendor == "postgresql":
        out = io.BytesIO()
        widths = _copied_out(*asked, out)
        with out.getbuffer() as data:
            read = _decoded(copy_format.fixed_rows(data, widths), asked[2])
    else:
        read = next(_fetched(*asked, None))
    return _named(names, read)


def read_blocks(rows: models.QuerySet[Any], take: Callable[[Read], None], *names: str) -> None:
    """The same for rows that nobody needs all at once: ``take`` is given some ten thousand of them after the other."""
    asked = _asked(rows, names)
    if asked is None:
        return
    if connection.vendor == "postgresql":
        out = _Blocks(lambda cells: take(_named(names, _decoded(cells, asked[2]))))
        out.widths = _widths(asked[2])
        _copied_out(*asked, out)
        out.finish()
    else:
        for block in _fetched(*asked, _READ_BLOCK):
            take(_named(names, block))


def _compiled(rows: models.QuerySet[Any], names: Sequence[str]) -> tuple[Any, list[Field]]:
    compiler = rows.values_list(*names).query.get_compiler(connection=connection)
    try:
        statement = compiler.as_sql()
    except EmptyResultSet:
        statement = None
    return statement, [expression.output_field for expression, _, _ in compiler.select]


def _asked(
    rows: models.QuerySet[Any], names: Sequence[str]
) -> tuple[str, tuple[Any, ...], list[Field]] | None:
    """Statement, its parameters and the fields it gives; ``None`` where nothing can match."""
    statement, fields = _compiled(rows, names)
    return None if statement is None else (*statement, fields)


def _named(names: Sequence[str], arrays: Sequence[NDArray[Any]]) -> Read:
    columns, codes = {}, {}
    for name, array in zip(names, arrays, strict=True):
        if array.dtype.kind == "S":
            codes[name] = array
        else:
            known = array != MISSING
            columns[name] = Column(array if known.all() else np.where(known, array, 0), known)
    return Read(len(arrays[0]), columns, codes)


def write_columns(model: type[models.Model], columns: Mapping[str, Any]) -> None:
    """Insert a row for each place of the columns, by attribute name (``region_id``).

    Fields that are not named get their default, NULL, or the number that the database gives. Constraints hold as
    ever; the rows are there together or not at all only inside a transaction. Raises ``ValueError`` for columns of
    different lengths, and for a field that must be given.
    """
    given, size = _checked(model, columns)
    if not size:
        return
    if connection.vendor == "postgresql":
        _copy_in(model._meta.db_table, given, size)
    else:
        _insert(model._meta.db_table, given, size)


def merge_columns(
    model: type[models.Model],
    columns: Mapping[str, Any],
    *,
    unique: Sequence[str] = (),
    update: Sequence[str] = (),
) -> None:
    """The same for rows that may stand already: of those, by ``unique``, the fields of ``update`` are replaced.

    Without ``update`` what stands is left alone, without ``unique`` whatever rule it stands by. All names are
    attribute names; all or nothing.
    """
    given, size = _checked(model, columns)
    if not size:
        return
    quoted = {field.attname: connection.ops.quote_name(field.column) for field in given}
    taken = ", ".join(f"{quoted[name]} = EXCLUDED.{quoted[name]}" for name in update)
    which = f"({', '.join(quoted[name] for name in unique)})" if unique else ""
    then = f"ON CONFLICT {which} DO " + (f"UPDATE SET {taken}" if taken else "NOTHING")
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _merge_copied(model._meta.db_table, given, size, ", ".join(quoted.values()), then)
        else:
            _insert(model._meta.db_table, given, size, then)


def write_rows(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model; unlike ``bulk_create`` it leaves them without their numbers."""
    if rows:
        write_columns(type(rows[0]), _columns_of(rows, with_key=False))


def merge_rows(rows: Sequence[models.Model], update: Sequence[str]) -> None:
    """Write these fields (attribute names) of rows that exist."""
    if rows:
        key = rows[0]._meta.pk.attname
        merge_columns(type(rows[0]), _columns_of(rows, with_key=True), unique=[key], update=update)


def _columns_of(rows: Sequence[models.Model], *, with_key: bool) -> dict[str, list[Any]]:
    fields = [
        field
        for field in rows[0]._meta.concrete_fields
        if with_key or not isinstance(field, models.AutoField | models.BigAutoField)
    ]
    return {field.attname: [getattr(row, field.attname) for row in rows] for field in fields}


# ---------------------------------------------------------------- reading


def _copied_out(query: str, parameters: tuple[Any, ...], fields: list[Field], out: Any) -> list[int]:
    """Every field is made as wide as the widest, so that all rows have one layout; returns how wide."""
    told = []
    for place, field in enumerate(fields):
        if _is_text(field):
            told.append(f"coalesce(c{place}, '')::char({field.max_length})")
        else:
            number = f"c{place} - date '1970-01-01'" if _is_date(field) else f"c{place}::bigint"
            told.append(f"coalesce(({number})::bigint, {MISSING})")
    names = ", ".join(f"c{place}" for place in range(len(fields)))
    with connection.cursor() as cursor, connection.wrap_database_errors:
        asked = cursor.mogrify(query, parameters).decode()
        cursor.copy_expert(
            f"COPY (SELECT {', '.join(told)} FROM ({asked}) AS q ({names})) TO STDOUT (FORMAT binary)",  # noqa: S608 - compiled by Django
            out,
        )
    return _widths(fields)


def _widths(fields: Sequence[Field]) -> list[int]:
    return [field.max_length if _is_text(field) else 8 for field in fields]


def _decoded(found: Sequence[copy_format.Bytes2D], fields: Sequence[Field]) -> list[NDArray[Any]]:
    return [
        np.char.rstrip(np.ascontiguousarray(cells).view(f"S{cells.shape[1]}").ravel())
        if _is_text(field)
        else copy_format.whole_numbers(cells)
        for cells, field in zip(found, fields, strict=True)
    ]


class _Blocks:
    """A file that gives away every so many rows of a COPY, so that they are never all in memory."""

    def __init__(self, take: Callable[[list[copy_format.Bytes2D]], None]) -> None:
        self.take, self.rest, self.pieces = take, b"", list[bytes]()
        self.widths: list[int] = []
        self.begun = False

    def write(self, piece: bytes) -> None:
        # the driver brings a row at a time
        self.pieces.append(piece)
        if len(self.pieces) >= _READ_BLOCK:
            self._give()

    def finish(self) -> None:
        self._give()
        if self.rest != copy_format.TAIL:
            raise ValueError("rows are not of one width")

    def _give(self) -> None:
        data = self.rest + b"".join(self.pieces)
        self.pieces.clear()
        if not self.begun:
            data, self.begun = data[len(copy_format.HEAD) :], True
        whole = len(data) - len(data) % copy_format.row_width(self.widths)
        self.rest = data[whole:]
        if whole:
            self.take(copy_format.fixed_block(data[:whole], self.widths))


def _fetched(
    query: str, parameters: tuple[Any, ...], fields: list[Field], block: int | None
) -> Iterator[list[NDArray[Any]]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows = cursor.fetchmany(block) if block else cursor.fetchall()
        while True:
            table = list(zip(*rows, strict=True)) or [()] * len(fields)
            yield [_array(field, values) for field, values in zip(fields, table, strict=True)]
            rows = cursor.fetchmany(block) if block else ()
            if not rows:
                return


def _array(field: Field, values: tuple[Any, ...]) -> NDArray[Any]:
    if _is_text(field):
        return np.array([(value or "").encode("ascii") for value in values], f"S{field.max_length}")
    if _is_date(field):
        days = {value: _days(value) for value in set(values) if value is not None}
        values = tuple(days.get(value) for value in values)
    return np.array([MISSING if value is None else value for value in values], np.int64)


def _days(value: date | str) -> int:
    return ((date.fromisoformat(value) if isinstance(value, str) else value) - _EPOCH).days


# ---------------------------------------------------------------- writing


def _checked(model: type[models.Model], columns: Mapping[str, Any]) -> tuple[dict[Field, Any], int]:
    given = _complete(model, columns)
    size = _size(given.values())
    for field, column in given.items():
        _ensure_in_range(field, column)
    return given, size


def _complete(model: type[models.Model], columns: Mapping[str, Any]) -> dict[Field, Any]:
    """The columns by field, and what the fields hold that nobody named."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    given = {fields[name]: column for name, column in columns.items()}
    for field in fields.values():
        if field in given or isinstance(field, models.AutoField | models.BigAutoField):
            continue
        default = field.get_default()
        if default is None and not field.null:
            raise ValueError(f"{model.__name__}.{field.attname} must be given")
        given[field] = default
    return given


def _size(columns: Iterable[Any]) -> int:
    sizes = {size for column in columns if (size := _length(column)) is not None}
    if len(sizes) != 1:
        raise ValueError(f"columns of {sorted(sizes)} rows do not fit together")
    return sizes.pop()


def _length(column: Any) -> int | None:
    if isinstance(column, Column):
        return len(column.known)
    return len(column) if isinstance(column, list | np.ndarray) else None


def _copy_in(table: str, columns: Mapping[Field, Any], size: int) -> None:
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(field.column) for field in columns)
    stream = _Stream(_pieces(columns, size))
    copy = f"COPY {quoted(table)} ({names}) FROM STDIN (FORMAT binary)"
    with connection.cursor() as cursor:
        try:
            with connection.wrap_database_errors:
                cursor.copy_expert(copy, stream, _PIECE)
        except DatabaseError:
            if stream.fault is not None:
                raise stream.fault from None
            raise


def _merge_copied(table: str, columns: Mapping[Field, Any], size: int, names: str, then: str) -> None:
    """Beside the table first, where neither index nor log costs anything, then in one statement into it."""
    quoted, beside = connection.ops.quote_name(table), "merged_rows"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE {beside} ON COMMIT DROP AS SELECT {names} FROM {quoted} WITH NO DATA"  # noqa: S608 - names of fields
        )
        _copy_in(beside, columns, size)
        cursor.execute(f"INSERT INTO {quoted} ({names}) SELECT {names} FROM {beside} {then}")  # noqa: S608
        cursor.execute(f"DROP TABLE {beside}")


def _pieces(columns: Mapping[Field, Any], size: int) -> Iterator[bytes]:
    yield copy_format.HEAD
    for start in range(0, size, _BLOCK):
        rows = slice(start, min(start + _BLOCK, size))
        yield copy_format.block([_cells(field, column, rows) for field, column in columns.items()])
    yield copy_format.TAIL


class _Stream:
    """A file of pieces, so that the whole is nowhere in memory; ``fault`` is why a piece could not be made."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.rest = pieces, memoryview(b"")
        self.fault: Exception | None = None

    def read(self, size: int) -> bytes:
        if not self.rest:
            try:
                self.rest = memoryview(next(self.pieces, b""))
            except Exception as fault:
                self.fault = fault
                raise
        piece, self.rest = self.rest[:size], self.rest[size:]
        return bytes(piece)


def _cells(field: Field, column: Any, rows: slice) -> Cells:
    if isinstance(column, Column):
        part = Column(column.values[rows], column.known[rows], column.words)
        return copy_format.word_cells(part) if part.words else _numbers(field, part.values, part.known)
    if isinstance(column, np.ndarray):
        part = column[rows]
        if part.ndim == 2:
            return copy_format.byte_cells(np.ascontiguousarray(part).view(np.uint8))
        return _numbers(field, part, np.ones(len(part), np.bool_))
    if isinstance(column, list):
        return _listed(field, column[rows])
    return _listed(field, [column]).repeated(rows.stop - rows.start)


def _numbers(field: Field, values: NDArray[Any], known: NDArray[np.bool_]) -> Cells:
    values = values.astype(np.int64)
    if _is_date(field):
        return copy_format.whole_cells(values - DAYS_BEFORE_2000, known, 4)
    return copy_format.whole_cells(values, known, _WHOLE_WIDTHS[_type(field)])


def _listed(field: Field, values: list[Any]) -> Cells:
    values = _prepared(field, values)
    kind = _type(field)
    if kind in _WHOLE_WIDTHS or _is_date(field):
        if _is_date(field):
            days = {value: _days(value) for value in set(values) if value is not None}
            values = [days.get(value) for value in values]
        known = np.array([value is not None for value in values], np.bool_)
        return _numbers(field, np.array([value or 0 for value in values], np.int64), known)
    if kind == "timestamp with time zone":
        moments = [_microseconds(value) for value in values]
        known = np.array([value is not None for value in moments], np.bool_)
        return copy_format.whole_cells(np.array([value or 0 for value in moments], np.int64), known, 8)
    if kind == "jsonb":
        return copy_format.text_cells([None if value is None else b"\x01" + _json(value) for value in values])
    if kind == "bytea":
        return copy_format.text_cells(values)
    if _is_text(field):
        return copy_format.text_cells([None if value is None else value.encode() for value in values])
    raise TypeError(f"{field} ({kind}) has no binary form here")


def _microseconds(value: datetime | None) -> int | None:
    return None if value is None else (value - _POSTGRES_EPOCH) // timedelta(microseconds=1)


def _insert(table: str, columns: Mapping[Field, Any], size: int, then: str = "") -> None:
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(field.column) for field in columns)
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        for start in range(0, size, _BLOCK):
            rows = slice(start, min(start + _BLOCK, size))
            values = [_plain(field, column, rows) for field, column in columns.items()]
            cursor.executemany(
                f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks}) {then}",  # noqa: S608 - names of fields
                list(zip(*values, strict=True)),
            )


def _plain(field: Field, column: Any, rows: slice) -> list[Any]:
    """The values of one field as the driver takes them."""
    if isinstance(column, np.ndarray) and column.ndim == 2:
        return [row.tobytes() for row in column[rows]]
    if isinstance(column, np.ndarray):
        column = Column(column, np.ones(len(column), np.bool_))
    if isinstance(column, Column):
        values, known = column.values[rows], column.known[rows]
        if column.words:
            values = np.array(column.words, object)[values]
        elif _is_date(field):
            values = values.astype("datetime64[D]").astype(str)
        return np.where(known, values.astype(object), None).tolist()
    if isinstance(column, list):
        return _adapted(field, column[rows])
    return _adapted(field, [column]) * (rows.stop - rows.start)


def _adapted(field: Field, values: list[Any]) -> list[Any]:
    if isinstance(field, models.JSONField):
        return [None if value is None else _json(value).decode() for value in values]
    values = _prepared(field, values)
    if isinstance(_target(field), models.DateField):
        kept = {value: field.get_db_prep_save(value, connection) for value in set(values)}
        return [kept[value] for value in values]
    return values


# ---------------------------------------------------------------- both


def _prepared(field: Field, values: list[Any]) -> list[Any]:
    """Months and the like as the field keeps them, each distinct one once; plain values as they are."""
    first = next((value for value in values if value is not None), None)
    if isinstance(field, models.JSONField) or type(first) in (
        int,
        bool,
        str,
        bytes,
        date,
        datetime,
        type(None),
    ):
        return values
    kept = {value: field.get_prep_value(value) for value in set(values)}
    return [kept[value] for value in values]


def _ensure_in_range(field: Field, column: Any) -> None:
    """An amount that no field takes is refused before anything is sent."""
    if not isinstance(field, AmountField):
        return
    values = column.values if isinstance(column, Column) else column
    if isinstance(values, list):
        values = [value or 0 for value in values]
    if np.abs(np.array(0 if values is None else values, np.int64)).max(initial=0) >= LIMIT:
        raise AmountOutOfRange(field.name)


def _json(value: Any) -> bytes:
    return value if isinstance(value, bytes) else msgspec.json.encode(value)


def _type(field: Field) -> str:
    return str(field.db_type(connection)).split("(")[0]


def _target(field: Field) -> Field:
    return _target(field.target_field) if isinstance(field, models.ForeignKey) else field


def _is_text(field: Field) -> bool:
    return isinstance(_target(field), models.CharField | models.TextField)


def _is_date(field: Field) -> bool:
    field = _target(field)
    return isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField)
