"""Rows streamed into a drawn workbook: what people type comes back as it was, figures exact, styles those of the sample."""

from io import BytesIO

import openpyxl
import xlsxwriter

from core.long_sheets import Hundredths, Tenths, fill_rows


def drawn():
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("表")
        page.merge_range(0, 0, 0, 2, "题目")
        page.write_blank(1, 0, None, book.add_format({"num_format": "@"}))
        page.write_blank(1, 1, None, book.add_format({"num_format": "#,##0.00"}))
        page.write_blank(1, 2, None, book.add_format({"bold": True}))
        page.freeze_panes(1, 0)
    return out.getvalue()


def read(rows):
    page = openpyxl.load_workbook(BytesIO(fill_rows(drawn(), 2, rows))).active
    return page, [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]


def test_texts_are_texts_whatever_they_hold():
    odd = ["=1+1", "<甲> & “乙”", " 前后空格 ", "带\x00\x0b控制符", "913206007573111265", "第一行\n第二行"]
    page, rows = read([[text, Hundredths(1), None] for text in odd])
    assert [row[0] for row in rows] == [*odd[:3], "带控制符", *odd[4:]]
    assert {page.cell(row, 1).data_type for row in range(2, 8)} == {"s"}
    assert page.cell(2, 1).number_format == "@"


def test_figures_are_exact_and_a_missing_one_is_an_empty_cell():
    figures = [Hundredths(120550), Hundredths(-5), Hundredths(0), Tenths(-32), 7, None]
    page, rows = read([["", value, None] for value in figures])
    assert [row[1] for row in rows] == [1205.5, -0.05, 0, -3.2, 7, None]
    assert page.cell(2, 2).number_format == "#,##0.00"


def test_what_was_drawn_above_stays_and_no_rows_leave_it_alone():
    page, rows = read([])
    assert (page["A1"].value, page.freeze_panes, rows) == ("题目", "A2", [])
