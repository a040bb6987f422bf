"""The catalogues say everything that the sources say, with the same blanks, in every language offered."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from mapper.app import create_app
from mapper.config import Settings
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.web import locale

ROOT = Path(__file__).parent.parent.parent
LANGUAGES = [code for code in Settings().language_list if code != "en"]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "N_": None, "ngettext": (1, 2)}
SOURCES = (("mapper", "**.py", "python"), ("templates", "**.html", "jinja2"))
BLANK = re.compile(r"%\(\w+\)[sd]|(?<![%\w]){\w*}|</?\w[^>]*>")
PLACE = "/crises/coast/report"


@cache
def catalogue(language: str) -> Catalog:
    """Return the catalogue of a language as it stands in the project."""
    path = locale.TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    """Return a message's singular and plural forms."""
    return [text] if isinstance(text, str) else list(text)


def messages(language: str) -> list[Message]:
    """Return the messages of a catalogue without its head."""
    return [message for message in catalogue(language) if message.id]


@cache
def texts_of_the_sources() -> frozenset[str]:
    """Return what people can read in the sources, taken out as `make messages` does."""
    found = set()
    for folder, pattern, method in SOURCES:
        for _file, _line, text, _comments, _context in extract_from_dir(
            ROOT / folder, [(pattern, method)], keywords=KEYWORDS
        ):
            found.add(forms(text)[0])
    return frozenset(found)


def blanks(text: str) -> list[str]:
    """Return what a translation has to keep: places for values, and markup."""
    return sorted(BLANK.findall(text))


def wrong_blanks(message: Message) -> bool:
    expected = [blanks(form) for form in forms(message.id)]
    return any(form and blanks(form) not in expected for form in forms(message.string))


def missing(language: str) -> list[str]:
    """Return the texts of the sources that a language lacks."""
    known = {forms(message.id)[0] for message in messages(language) if all(forms(message.string))}
    return sorted(texts_of_the_sources() - known)


def test_the_sources_speak() -> None:
    assert {"Send the report", "Hospital, clinic", "Water supply"} <= texts_of_the_sources()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_read_and_nothing_in_it_is_guessed(language: str) -> None:
    read = catalogue(language)
    assert read.locale == Locale.parse(language)
    assert [message.id for message in read if message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_every_blank_and_adds_none(language: str) -> None:
    assert [(m.id, m.string) for m in messages(language) if wrong_blanks(m)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_nearly_everything(language: str) -> None:
    lacking = missing(language)
    assert len(lacking) <= 0.05 * len(texts_of_the_sources()), "\n".join(lacking)


def compile_into(folder: Path, language: str) -> None:
    """Write the catalogue of a language into `folder` as programs read it."""
    path = folder / language / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue(language))


@pytest.mark.parametrize(
    ("language", "direction"), [("fr", "ltr"), ("es", "ltr"), ("uk", "ltr"), ("ar", "rtl")]
)
def test_the_form_speaks_the_language(
    language: str,
    direction: str,
    sqlite_store: Store,
    settings: Settings,
    make_crisis: Callable[..., Crisis],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compile_into(tmp_path / "translations", language)
    monkeypatch.setattr(locale, "TRANSLATIONS", tmp_path / "translations")
    make_crisis(sqlite_store)
    page = create_app(settings, sqlite_store).test_client().get(f"{PLACE}?lang={language}").get_data(True)
    head = page[page.index("<html") : page.index(">", page.index("<html"))]
    assert f'lang="{language}"' in head
    assert f'dir="{direction}"' in head
    assert str(catalogue(language).get("Send the report").string) in page
