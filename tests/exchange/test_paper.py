"""The situation sheet: title, date, figures, tables and disclaimer, in either direction, nothing exact."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from mapper.config import Settings
from mapper.exchange import paper
from mapper.exchange.paper import FONT_FILE, MEDIA
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.web.assets import MANIFEST
from mapper.web.offline import speaking

from tests.conftest import needs
from tests.exchange.exports import exported, given_incidents
from tests.maps.conftest import write_release

Print = Callable[..., str]


@pytest.fixture
def printed(settings: Settings, sqlite_store: Store, coast: Crisis, tmp_path: Path) -> Print:
    """Return a function that exports a PDF and returns its text."""
    needs(MANIFEST.is_file(), "built front-end assets (make setup)")

    def make(audience: str = "internal", language: str = "en") -> str:
        with speaking(settings, language):
            path = exported(sqlite_store, coast, "pdf", tmp_path / "o.pdf", audience=audience)
        document = pypdfium2.PdfDocument(path)
        return "\n".join(page.get_textpage().get_text_range() for page in document)

    return make


def test_it_counts_what_is_known(printed: Print, sqlite_store: Store, coast: Crisis) -> None:
    table = given_incidents(sqlite_store, coast)
    text = " ".join(printed().split())
    assert "Coast earthquake" in text
    assert f"Incidents {table.num_rows}" in text
    assert "Without a place yet 1" in text
    assert "By sector" in text
    assert "do not imply an opinion" in text
    assert "As of Mar 1, 2026" in text


def test_the_public_sheet_has_no_exact_place(printed: Print, sqlite_store: Store, coast: Crisis) -> None:
    table = given_incidents(sqlite_store, coast)
    write_release(sqlite_store, coast)
    text = " ".join(printed("public").split())
    assert "Verified incidents counted 54" in text
    assert "West 42" in text
    assert "No exact place" in text
    assert not any(row["id"] in text for row in table.to_pylist())


def test_it_is_set_from_right_to_left_in_arabic(
    printed: Print, sqlite_store: Store, coast: Crisis, tmp_path: Path
) -> None:
    given_incidents(sqlite_store, coast)
    printed(language="ar")
    page = pypdfium2.PdfDocument(tmp_path / "o.pdf")[0]
    text = page.get_textpage()
    title = text.search("Coast").get_next()
    assert title is not None
    left, _bottom, _right, _top = text.get_charbox(title[0])
    assert left > page.get_width() / 2  # the title stands at the right, where an Arabic page begins


def test_a_name_fetches_nothing(printed: Print, sqlite_store: Store, coast: Crisis) -> None:
    coast.name = '<img src="file:///etc/hostname"><link rel=attachment href="file:///etc/passwd">'
    given_incidents(sqlite_store, coast)
    assert "file:///etc/hostname" in printed()  # as a text


def test_the_fonts_of_the_site_are_found() -> None:
    needs(MANIFEST.is_file(), "built front-end assets (make setup)")
    families = {match[1] for file in MEDIA.iterdir() if (match := FONT_FILE.fullmatch(file.name))}
    assert families == set(paper.FAMILIES)
