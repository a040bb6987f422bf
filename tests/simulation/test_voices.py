"""What people say is said in the language it is meant to be in."""

import re
from itertools import product

import pytest
from mapper.simulation.asides import ADVERTS, FORWARDED, OPENERS, TAIL_NEEDS, TAILS
from mapper.simulation.names import COUNT, name_of, spelled
from mapper.simulation.phrasing import SAYINGS, phrasebook, sentences_of
from mapper.simulation.sentences import SAID
from mapper.simulation.slips import PLAIN, ROMAN, SHOUTED, STYLES, in_style
from mapper.simulation.voices import ASSETS, LANGUAGES, NOUNS
from mapper.vocabulary.assets import match_category
from mapper.vocabulary.needs import NEEDS

LETTERS = {"uk": r"[а-яіїєґ'А-ЯІЇЄҐ]", "ar": r"[\u0621-\u0652]"}
LATIN = r"[A-Za-zÀ-ÿğışçöüĞİŞÇÖÜœâ'’]"


@pytest.mark.parametrize(("asset", "language"), list(product(ASSETS, LANGUAGES)))
def test_a_thing_is_called_by_a_word_that_intake_knows(asset, language):
    assert match_category(NOUNS[asset][language][0])[0] == asset


@pytest.mark.parametrize(("asset", "language"), list(product(ASSETS, LANGUAGES)))
def test_sentences_name_the_thing_and_the_place_in_one_script(asset, language):
    for saying in range(SAYINGS):
        sentences = sentences_of(language, asset, saying)
        assert len(sentences) >= 2
        for sentence in sentences:
            assert sentence.count("{where}") == 1 and not set("[]|{}") & set(sentence.replace("{where}", ""))
            assert NOUNS[asset][language][0] in sentence
            words = sentence.replace("{where}", "")
            assert re.fullmatch(rf"({LETTERS.get(language, LATIN)}|[\s,.:،؛!?]|-)+", words), sentence


def test_worse_damage_is_said_in_other_words():
    for language, asset in product(LANGUAGES, ASSETS):
        told = [frozenset(sentences_of(language, asset, saying)) for saying in (0, 1, 2, 4, 5, 6)]
        assert len(frozenset.union(*told)) == sum(map(len, told))


def test_forms_agree_with_the_thing():
    assert any("зруйнована" in sentence for sentence in sentences_of("uk", "school", 4))
    assert any("зруйнований" in sentence for sentence in sentences_of("uk", "dwelling", 4))
    assert any("détruite" in sentence for sentence in sentences_of("fr", "religious_site", 5))
    assert any("destruido" in sentence for sentence in sentences_of("es", "market", 5))
    assert any("مدمرة" in sentence for sentence in sentences_of("ar", "school", 5))


def test_asides_say_the_same_in_every_language():
    assert {len(tails) for tails in TAILS.values()} == {len(TAIL_NEEDS)}
    assert set(TAILS) == set(OPENERS) == set(FORWARDED) == set(ADVERTS) == set(LANGUAGES)
    assert {len(openers) for openers in OPENERS.values()} == {4}
    assert {need for need in TAIL_NEEDS if need} <= set(NEEDS)
    for kind in SAID.values():
        assert set(kind) == set(LANGUAGES)


def test_texts_are_mistyped_shouted_and_written_in_latin_letters():
    text = "стіни впали, школа"
    assert in_style(text, "uk", PLAIN) == text
    assert in_style(text, "uk", SHOUTED) == "СТІНИ ВПАЛИ, ШКОЛА"
    assert in_style(text, "uk", ROMAN) == "stiny vpaly, shkola"
    assert in_style("مدرسة", "ar", ROMAN) == "mdrsa"
    for style in range(1, SHOUTED):
        slipped = in_style(text, "uk", style)
        assert slipped != text or (style and len(slipped) == len(text))
        assert abs(len(slipped) - len(text)) <= 1
        assert slipped == in_style(text, "uk", style)
    for language, asset in product(("uk", "ar"), ASSETS):
        for sentence in sentences_of(language, asset, 4):
            assert in_style(sentence.replace("{where}", ""), language, ROMAN).isascii()


def test_names_exist_in_three_scripts_and_differ():
    assert len({name_of(number) for number in range(2 * COUNT)}) == 2 * COUNT
    written = spelled().to_pylist()
    assert len(written) == 12 * COUNT
    latin, cyrillic, arabic = written[:COUNT], written[4 * COUNT : 5 * COUNT], written[8 * COUNT : 9 * COUNT]
    for names, letters in ((latin, "[A-Za-z]"), (cyrillic, LETTERS["uk"]), (arabic, LETTERS["ar"])):
        assert all(re.fullmatch(f"{letters}+", name) for name in names)
        assert len(set(names)) > 0.9 * COUNT


def test_every_sentence_stands_in_the_book_in_every_style():
    book = phrasebook()
    assert len(book.before) == len(book.after) > 10_000
    assert (book.count >= 2).all() and (book.first % STYLES == 0).all()
