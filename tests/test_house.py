"""The house's own rules, read off its source: which rooms may import which, and that nothing is left inline."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "recorder_app"
# Imports go one way: a room may import the rooms to its left, never those to its right.
ROOMS = ["choices", "cloud", "models", "services", "reports", "forms", "views"]
INLINE = re.compile(
    r"\s(?:style|on[a-z]+|hx-on[:\w-]*)\s*=\s*[\"']|<style\b|<script(?![^>]*\bsrc=)", re.IGNORECASE
)


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "recorder_app" and parts[1] in ROOMS else None


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    here = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))

    backward = [
        module
        for module in imports_of(path)
        if here and (there := room_of(module)) and ROOMS.index(there) > ROOMS.index(here)
    ]

    assert backward == []


def test_the_client_knows_no_django_but_its_translations():
    allowed = ("django.utils.translation",)

    found = [
        (path.name, module)
        for path in (PACKAGE / "cloud").rglob("*.py")
        for module in imports_of(path)
        if module.split(".")[0] == "django" and not module.startswith(allowed)
    ]

    assert found == []


def test_the_sandbox_shares_nothing_with_the_client_it_judges():
    found = [
        (path.name, module)
        for path in (PACKAGE / "sandbox").rglob("*.py")
        for module in imports_of(path)
        if module.startswith("django")
        or (module.startswith("recorder_app") and not module.startswith("recorder_app.sandbox"))
    ]

    assert found == []


def test_nothing_else_imports_the_sandbox_but_its_commands():
    found = [
        str(path.relative_to(PACKAGE))
        for path in modules()
        if "sandbox" not in path.parts and any(m.startswith("recorder_app.sandbox") for m in imports_of(path))
    ]

    assert sorted(found) == ["management/commands/quickstart.py", "management/commands/sandbox.py"]


def test_only_services_call_the_client():
    found = {
        str(path.relative_to(PACKAGE).parts[0])
        for path in modules()
        if any(module == "recorder_app.cloud.client.CloudClient" for module in imports_of(path))
    }

    assert found <= {"services", "cloud"}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_template_holds_inline_style_or_script(path):
    inline = INLINE.findall(path.read_text(encoding="utf-8"))

    assert inline == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_comment_in_a_template_reaches_the_page(path):
    """Django takes ``{# ... #}`` for a comment only within one line; anything longer would be shown."""
    lines = path.read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line.count("{#") != line.count("#}")] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_what_a_template_draws_once_holds_nothing_of_the_page(path):
    """It would be empty there, and silently so."""
    blocks = re.findall(r"{% once %}(.*?){% endonce %}", path.read_text(encoding="utf-8"), re.DOTALL)

    varying = re.compile(r"{{|{% (?:if|include|csrf_token|block|with|blocktranslate)\b")
    assert [block for block in blocks if varying.search(block)] == []
