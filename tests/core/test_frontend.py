"""What is shipped to the browser: vendored, unchanged, old enough for Chromium 90, without a line of inline code."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from core.templatetags.house import ICONS_FILE

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "core" / "static"
VENDOR = STATIC / "vendor"
APPS = (
    "core",
    "intake",
    "enterprises",
    "cultivation",
    "casework",
    "evaluation",
    "incentives",
    "reports",
    "config",
)
TEMPLATES = sorted(path for app in APPS for path in (ROOT / app).glob("**/templates/**/*.html"))
SCRIPTS_AND_STYLES = sorted(path for path in STATIC.rglob("*") if path.suffix in {".js", ".css"})
OURS = [path for path in SCRIPTS_AND_STYLES if VENDOR not in path.parents]

#: CSS and JS that came after Chromium 90
TOO_NEW_CSS = re.compile(
    r":has\(|color-mix\(|oklch\(|oklab\(|light-dark\(|@container|@layer|@scope|subgrid|\b\d+[dsl]v[hw]\b"
    r"|inset-inline|accent-color|:user-valid|text-wrap:\s*(balance|pretty)|@starting-style"
)
TOO_NEW_JS = re.compile(
    r"structuredClone\(|Object\.hasOwn\(|\.findLast(Index)?\(|\.toSorted\(|\.toReversed\(|Object\.groupBy\("
    r"|showModal\(|popover=|\.replaceChildren\(|Array\.fromAsync|\.at\(-\d"
)
NESTED_CSS = re.compile(r"\{[^{}]*&[\s.:>\[]")


def names(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


def test_vendored_files_are_those_of_the_list_and_unchanged():
    listed = {}
    for line in (VENDOR / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        listed[name.removeprefix("./")] = digest
    shipped = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert shipped == listed


def test_each_vendored_package_comes_with_its_licence_and_version():
    for package in VENDOR.iterdir():
        if package.is_dir():
            assert re.fullmatch(r"[a-z-]+-\d+\.\d+\.\d+", package.name), package.name
            assert (package / "LICENSE").exists(), package.name
    assert ICONS_FILE.exists()


@pytest.mark.parametrize("path", SCRIPTS_AND_STYLES, ids=names(SCRIPTS_AND_STYLES))
def test_shipped_assets_use_nothing_newer_than_chromium_90_and_load_nothing_from_elsewhere(path):
    text = path.read_text(encoding="utf-8")
    too_new = TOO_NEW_CSS if path.suffix == ".css" else TOO_NEW_JS
    assert not too_new.search(text), too_new.search(text)[0]
    assert "sourceMappingURL" not in text
    if path.suffix == ".css":
        assert not re.search(r"@import|url\(\s*[\"']?(https?:)?//", text)
    if path in OURS and path.suffix == ".css":
        assert not NESTED_CSS.search(text)
    if path in OURS and path.suffix == ".js":
        assert not re.search(r"https?://|\beval\(|new Function\(|innerHTML|setAttribute\(\"style\"", text)


class _Markup(HTMLParser):
    """Collects what a strict CSP would drop and what would be fetched from elsewhere."""

    def __init__(self):
        super().__init__()
        self.faults = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.faults.append(f"<{tag} {name}>")
            if name in {"src", "href", "action", "data"} and re.match(
                r"(https?:)?//|javascript:", value or ""
            ):
                self.faults.append(f"<{tag} {name}={value}>")
        if tag == "style" or (tag == "script" and "src" not in dict(attrs)):
            self.faults.append(f"<{tag}> inline")


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_templates_carry_no_inline_code_and_no_foreign_address(path):
    markup = _Markup()
    markup.feed(re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S))
    assert markup.faults == []


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_templates_compile_and_name_only_icons_that_are_shipped(path):
    get_template(str(path).split("/templates/", 1)[1])
    known = ICONS_FILE.read_text()
    for name in re.findall(r'\{% icon "([^"]+)"', path.read_text(encoding="utf-8")):
        assert f'"{name}"' in known, name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_comment_of_a_template_is_shown(path):
    """{# … #} ends on its own line; over several lines it would stand on the page."""
    assert not re.search(r"\{#(?:(?!#\}).)*$", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_messages_keep_the_tone(path):
    text = re.sub(
        r"<[^>]*>|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S
    )
    assert "！" not in text and "请您" not in text and "操作成功" not in text
