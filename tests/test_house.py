"""The house itself: what a reviewer would look for in every change."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import grimp
import pytest
from mapper.config import Settings

from tests.template_texts import loose_texts

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mapper"
ROOMS = sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))
LONGEST_MODULE = 350
LONGEST_TEST = 500
LONG_FOR_A_REASON = {
    "mapper/store/tables.py": "the one schema; a declaration has no logic to take apart",
    "mapper/store/migrations/versions/0001_first_tables.py": "the tables as they were first, spelled out",
}
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")

# Names of XML vocabularies look like addresses, and nothing is loaded from them.
NAMESPACE = re.compile(r"https?://(www\.w3\.org|openrosa\.org|www\.opengis\.net)/")
HOST = re.compile(r"""(?:https?:|["'(\s=])//[a-z0-9][a-z0-9.-]*\.[a-z]{2,}""", re.IGNORECASE)
A_LINK = re.compile(r"<a\b[^>]*\bhref=[\"']https?://[^\"']*[\"']", re.IGNORECASE)


def sources(*folders: str) -> list[Path]:
    """Text files under our own folders; what was built is left out."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    kinds = {".py", ".html", ".xml", ".txt", ".js", ".css", ".svg", ".json", ".webmanifest", ".jinja", ".md"}
    return sorted(p for p in found if p.suffix in kinds and "build" not in p.relative_to(ROOT).parts)


def name_of(path: Path) -> str:
    """A path as a person writes it."""
    return path.relative_to(ROOT).as_posix()


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("mapper")
    circles = [
        (module, other)
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
        if graph.chain_exists(importer=other, imported=module)
    ]
    assert circles == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_has_a_sign_on_its_door(room: Path) -> None:
    tree = ast.parse((room / "__init__.py").read_text(encoding="utf-8"))
    sign = ast.get_docstring(tree)
    assert sign is not None
    assert 3 <= len(sign.splitlines()) <= 6, "three to six lines say what the room is for"
    assert len(tree.body) == 1, "the sign imports nothing and makes nothing"


@pytest.mark.parametrize("folder", ["templates", "static", "tests"])
def test_a_folder_mirrors_a_room(folder: str) -> None:
    rooms = {room.name for room in ROOMS}
    found = {path.name for path in (ROOT / folder).glob("*/") if path.name != "build"}
    assert found - rooms - {"__pycache__"} == set()


@pytest.mark.parametrize(
    ("folder", "most"), [("mapper", LONGEST_MODULE), ("bench", LONGEST_MODULE), ("tests", LONGEST_TEST)]
)
def test_modules_stay_small(folder: str, most: int) -> None:
    long = {
        name_of(path)
        for path in sources(folder)
        if path.suffix == ".py" and len(path.read_text(encoding="utf-8").splitlines()) > most
    }
    assert long <= set(LONG_FOR_A_REASON)


def test_nothing_is_loaded_from_another_host() -> None:
    found = []
    for path in sources("static", "templates"):
        text = NAMESPACE.sub("", A_LINK.sub("", path.read_text(encoding="utf-8")))
        found += [(name_of(path), match) for match in HOST.findall(text)]
    assert found == []


def test_every_text_of_a_template_goes_through_gettext() -> None:
    found = []
    for path in sources("templates"):
        if path.suffix == ".html":
            texts = loose_texts(path.read_text(encoding="utf-8"))
            found += [f"{name_of(path)}: {text}" for text in texts]
    assert found == []


def test_scripts_set_no_markup_and_no_words() -> None:
    """What strangers wrote is set as text; words come translated from the page."""
    markup = re.compile(r"\.(innerHTML|outerHTML|insertAdjacentHTML|srcdoc)\b|document\.write")
    words = re.compile(
        r"""\.(?:textContent|innerText|title|ariaLabel|placeholder|alt)\s*=\s*["'`][^"'`]*[^\W\d_]{2}"""
    )
    found = [
        (name_of(path), match.group(0))
        for path in sources("static")
        if path.suffix == ".js"
        for pattern in (markup, words)
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_in_the_reference(setting: str) -> None:
    assert f"`MAPPER_{setting.upper()}`" in REFERENCE


@pytest.mark.parametrize("lock", ["requirements.lock", "scripts/uv.lock", "scripts/node.lock"])
def test_a_python_lock_names_no_host_and_pins_every_file(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "==" in entry
        assert "--hash=sha256:" in entry


def test_the_front_end_lock_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


@pytest.mark.parametrize(
    ("template", "loose"),
    [
        ("<p title=\"{{ _('a') }}\">{{ _('Hello') }} {{ name }} &middot; 12</p>", []),
        ("{% trans n=2 %}Two <b>{{ n }}</b>{% pluralize %}More{% endtrans %}", []),
        ("<p class=\"{{ 'on' if x }}\"><script>let a = 'b'</script></p>{# note #}", []),
        ("{% if x > 1 %}Hello{% endif %}", ["Hello"]),
        ("<p title='a b'>{{ 'yes' if x else _('no') }}</p>", ["a b", "yes"]),
        ("<input type='submit' value='Go'>{{ x | default('none') }}", ["Go", "none"]),
    ],
)
def test_loose_texts_are_found(template: str, loose: list[str]) -> None:
    assert loose_texts(template) == loose
