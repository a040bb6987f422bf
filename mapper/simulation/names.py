"""Names no map has, in Latin, Cyrillic and Arabic letters, and the ways in which people misspell them."""

from __future__ import annotations

from functools import cache
from itertools import product

import pyarrow as pa

# Parts of names: Latin, Cyrillic (Ukrainian), Arabic.
STARTS = (
    ("Kar", "Кар", "كار"), ("Sel", "Сел", "سيل"), ("Mor", "Мор", "مور"), ("Tav", "Тав", "تاف"),
    ("Bel", "Бел", "بيل"), ("Or", "Ор", "أور"), ("Nim", "Нім", "نيم"), ("Dra", "Дра", "درا"),
    ("Hal", "Гал", "هال"), ("Ves", "Вес", "فيس"), ("Ast", "Аст", "أست"), ("Lor", "Лор", "لور"),
    ("Ruv", "Рув", "روف"), ("Zan", "Зан", "زان"), ("Fen", "Фен", "فين"), ("Ilm", "Ілм", "إلم"),
    ("Sav", "Сав", "ساف"), ("Tir", "Тір", "تير"), ("Gor", "Гор", "غور"), ("Yal", "Ял", "يال"),
)  # fmt: skip
MIDDLES = (
    ("", "", ""), ("a", "а", "ا"), ("ene", "ене", "ين"), ("ovi", "ові", "وفي"), ("ari", "арі", "اري"),
    ("ume", "уме", "وم"), ("ila", "іла", "يلا"), ("osha", "оша", "وشا"),
)  # fmt: skip
ENDS = (
    ("vela", "вела", "فيلا"), ("mar", "мар", "مار"), ("dun", "дун", "دون"), ("reth", "рет", "ريت"),
    ("sta", "ста", "ستا"), ("nor", "нор", "نور"), ("ska", "ска", "سكا"), ("lin", "лін", "لين"),
    ("by", "бі", "بي"), ("nder", "ндер", "ندر"), ("tisk", "тіск", "تيسك"), ("ra", "ра", "را"),
)  # fmt: skip
# Script -> the ways in which a name is also written; the first is how it should be.
SPELLINGS: tuple[tuple[dict[str, str], ...], ...] = (
    (
        {},
        {"K": "C", "k": "c", "v": "w", "V": "W"},
        {"i": "y", "Y": "I", "sh": "ch", "e": "ie"},
        {"l": "ll", "u": "ou", "th": "t"},
    ),
    ({}, {"і": "и", "І": "И"}, {"е": "є", "г": "х", "Г": "Х"}, {"в": "ф", "о": "а"}),
    ({}, {"أ": "ا", "إ": "ا"}, {"ي": "ى"}, {"غ": "ج", "ف": "ڤ", "و": "ؤ"}),
)
SCRIPTS = ("latin", "cyrillic", "arabic")
SCRIPT_OF = {"en": 0, "fr": 0, "es": 0, "tr": 0, "uk": 1, "ar": 2}
VARIANTS = 4
STRIDE = 1_009  # a prime: names with neighbouring numbers do not look alike
COUNT = len(STARTS) * len(MIDDLES) * len(ENDS)


@cache
def _names() -> tuple[tuple[str, str, str], ...]:
    joined = [
        (
            "".join(part[0] for part in parts),
            "".join(part[1] for part in parts),
            "".join(part[2] for part in parts),
        )
        for parts in product(STARTS, MIDDLES, ENDS)
    ]
    return tuple(joined[number * STRIDE % COUNT] for number in range(COUNT))


def name_of(number: int) -> str:
    """Return the name of a number in Latin letters; after `COUNT` names they come again with a numeral."""
    again, place = divmod(number, COUNT)
    return _names()[place][0] + (f" {again + 1}" if again else "")


@cache
def spelled() -> pa.Array:
    """Return every name in every script and spelling, in the order of `spelling_index`."""
    return pa.array(
        [
            _respelled(name[script], rules)
            for script in range(len(SCRIPTS))
            for rules in SPELLINGS[script]
            for name in _names()
        ]
    )


def _respelled(name: str, rules: dict[str, str]) -> str:
    for right, wrong in rules.items():
        name = name.replace(right, wrong)
    return name
