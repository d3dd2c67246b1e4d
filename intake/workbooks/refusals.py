"""Why a whole file is refused: stable codes, and what each says to the sender."""

from __future__ import annotations

SAVE_ANEW = "请用 Excel 或 WPS 打开，另存为 .xlsx 格式后重新上传"
COPY_OVER = "请把数据复制到新建的工作簿，另存为 .xlsx 后重新上传"

MESSAGES: dict[str, str] = {
    "EMPTY": "文件是空的，没有任何内容；请检查后重新上传。",
    "FILE_SIZE": "文件大小 {size_mib} MB，超过 {limit_mib} MB 的上限；请拆成几个文件分次上传。",
    "OLD_EXCEL": f"文件是旧版 Excel（.xls）或 WPS 表格（.et）格式，不是 .xlsx；{SAVE_ANEW}。",
    "OTHER_OFFICE": "文件是文字文档或演示文稿，不是 Excel 工作簿格式；请上传 .xlsx 或 .csv 文件。",
    "ENCRYPTED": "文件已加密，需要密码才能打开；请在 Excel 或 WPS 中取消密码后另存为 .xlsx，再重新上传。",
    "CSV_RENAMED": f"文件内容是 CSV 文本，扩展名却不是 .csv，格式不符；{SAVE_ANEW}，或把扩展名改回 .csv。",
    "WEB_TABLE": f"文件内容是网页或 XML 表格，不是 .xlsx 格式；{SAVE_ANEW}。",
    "PDF": "文件是 PDF 格式，不是 Excel 工作簿；请上传原始的 .xlsx 表格。",
    "ODS": f"文件是 OpenDocument（.ods）格式，不是 .xlsx；{SAVE_ANEW}。",
    "NUMBERS": "文件是 Numbers 表格格式，不是 .xlsx；请导出为 .xlsx 后重新上传。",
    "XLSB": f"文件是二进制工作簿（.xlsb）格式，不是 .xlsx；{SAVE_ANEW}。",
    "ARCHIVE": "文件是压缩包，不是 Excel 工作簿格式；请解压后上传其中的 .xlsx 文件。",
    "PICTURE": "文件是图片，不是 Excel 工作簿格式；请上传原始的 .xlsx 表格。",
    "NOT_WORKBOOK": f"文件不是 Excel 工作簿，无法识别格式；{SAVE_ANEW}。",
    "DAMAGED": "文件已损坏或不完整，格式有误（{detail}）；请用 Excel 或 WPS 打开修复，另存为 .xlsx 后重新上传。",
    "ENTRIES": "工作簿内的文件数为 {count} 个，超过 {limit} 个的上限；" + COPY_OVER + "。",
    "MEMBER_NAME": "工作簿内含非法的文件名，格式有误；" + COPY_OVER + "。",
    "MACROS": "工作簿含有宏，不能上传；请在 Excel 或 WPS 中另存为不含宏的 .xlsx 后重新上传。",
    "INFLATED": "工作簿内容过大，展开后超过 {limit_mib} MB 的上限；" + COPY_OVER + "。",
    "RATIO": "工作簿内容过大，展开后是文件的 {ratio} 倍，超过 {limit} 倍的上限；" + COPY_OVER + "。",
    "ENTITIES": "文件中含有 DTD 或实体定义，不安全，不能读取；" + COPY_OVER + "。",
    "ROWS": "“{sheet}”的数据超过 {limit} 行的上限；请拆成几个文件分次上传。",
    "FAR_CELL": "“{sheet}”的 {cell} 单元格有内容，超过 {limit}的上限；请删除该单元格所在的行或列后重新上传。",
    "CELLS": "工作簿的单元格超过 {limit} 个的上限，内容过大；" + COPY_OVER + "。",
    "STRINGS": "工作簿的文字过大，超过上限；" + COPY_OVER + "。",
    "MERGES": "“{sheet}”的合并单元格超过 {limit} 处的上限；请取消合并后重新上传。",
    "SHEETS": "工作簿有 {count} 个工作表，超过 {limit} 个的上限；请只保留要上传的工作表。",
    "LONG_HEADING": "“{sheet}”第{row}行是首行，其中 {cell} 的内容超过 32,767 个字符；请改为正常的标题或表头后重新上传。",
    "UNREADABLE": "工作簿内容过大或已损坏，未能读完；" + COPY_OVER + "。",
    "CSV_ENCODING": "CSV 文件的编码无法识别，可能已损坏；请用 Excel 或 WPS 打开，另存为 .xlsx 格式后重新上传。",
    "CSV_CONTROL": "CSV 文件第{row}行含有不可见的控制字符，文件可能已损坏；请重新导出或另存为 .xlsx 格式后上传。",
    "CSV_QUOTES": "CSV 文件第{row}行附近的引号不成对，格式有误；请改正，或用 Excel 另存为 .xlsx 后重新上传。",
}


class WorkbookRefused(Exception):
    """Nothing of the file may be used. ``message`` says in Chinese what it is and what to do."""

    def __init__(self, code: str, **figures: object) -> None:
        self.code = code
        self.figures = figures
        self.message = MESSAGES[code].format_map(_Written(figures))
        super().__init__(f"{code}: {self.message}")


class _Written(dict[str, object]):
    """Figures as people write them: thousands apart, and no hole where one is missing."""

    def __init__(self, figures: dict[str, object]) -> None:
        super().__init__({k: f"{v:,}" if type(v) is int else str(v)[:60] for k, v in figures.items()})

    def __missing__(self, key: str) -> str:
        return "…"
