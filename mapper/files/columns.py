"""Column guessing: which column of a stranger's table holds which field of a report, and why we think so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mapper.files.numbers import parse_degrees

SAMPLE = 200

# field -> names it goes by, plainest first: our contract, Ushahidi, Kobo, ODK, HXL, and plain words in
# English, French, Spanish, Ukrainian, Arabic and Turkish.
NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "source_id", "report_id", "serial", "post id", "uuid", "_uuid", "_id", "instanceid", "meta/instanceid", "key", "#", "event+id", "registro", "numéro"),
    "title": ("title", "incident title", "titre", "título", "titulo", "назва", "заголовок", "عنوان", "başlık", "name", "nom", "nombre", "site name"),
    "text": ("text", "description", "details", "comment", "message", "report", "описание", "опис", "descripción", "descripcion", "commentaire", "الوصف", "وصف", "açıklama", "notes"),
    "latitude": ("latitude", "lat", "y", "широта", "latitud", "خط العرض", "enlem", "geo+lat", "_gps_latitude", "gps_latitude", "_location_latitude"),
    "longitude": ("longitude", "lon", "lng", "long", "x", "довгота", "долгота", "longitud", "خط الطول", "boylam", "geo+lon", "_gps_longitude", "gps_longitude", "_location_longitude"),
    "position": ("geopoint", "gps", "coordinates", "location_gps", "coordonnées", "координати", "latlon", "lat_lon", "_geolocation"),
    "location_text": ("location_text", "location", "place", "address", "lieu", "adresse", "lugar", "dirección", "місце", "населений пункт", "адреса", "المكان", "العنوان", "yer", "adres", "loc+name"),
    "observed_at": ("observed_at", "incident date", "date", "datetime", "event_date", "reported_at", "date de l'incident", "fecha", "дата", "التاريخ", "تاريخ", "tarih", "date collected", "date+occurred", "date+reported", "post date (utc)", "start", "_submission_time"),
    "category": ("category", "asset", "asset_type", "type", "categories", "catégorie", "categoría", "категорія", "тип", "الفئة", "kategori", "sector", "class", "type of area affected", "loc+type"),
    "damage_grade": ("damage_grade", "grade", "damage grade"),
    "damage_value": ("damage_value", "damage", "damage_gra", "main_damage_site_class", "subtype", "severity+damage", "dégâts", "daños", "пошкодження", "الضرر", "hasar"),
    "damage_scale": ("damage_scale",),
    "service_state": ("service_state", "service", "function"),
    "needs": ("needs", "besoins", "necesidades", "потреби", "الاحتياجات", "ihtiyaçlar"),
    "people_affected": ("people_affected", "people", "affected", "affected+ind", "personnes", "personas", "постраждалі", "المتضررون", "kişi"),
    "position_accuracy_m": ("position_accuracy_m", "accuracy", "_gps_precision", "gps_precision", "_location_precision"),
    "language": ("language", "langue", "idioma", "мова", "اللغة", "dil"),
    "source_url": ("source_url", "url", "link", "lien", "enlace", "посилання", "الرابط", "bağlantı"),
    "contact": ("contact", "phone", "téléphone", "teléfono", "телефон", "الهاتف", "telefon", "email"),
    "channel": ("channel",),
    "consent": ("consent",),
}  # fmt: skip
FIELDS = tuple(NAMES)


class UnknownColumn(Exception):
    """`--map` names a field or a column that there is not; the message says which and what there is."""


@dataclass(frozen=True)
class Guess:
    """One field's column and the reason, as a sentence's end: "named LATITUDE"."""

    column: str
    reason: str


def guess_columns(
    columns: Sequence[str], sample: Sequence[Mapping[str, str]], tags: Mapping[str, str] | None = None
) -> dict[str, Guess]:
    """Return field -> column, from headings first, then HXL tags, then what the values look like."""
    guesses: dict[str, Guess] = {}
    plain = {column: _plain(column) for column in columns}
    tagged = {
        column: (tags or {}).get(column, "").lstrip("#").replace(" ", "").casefold() for column in columns
    }
    for field, names in NAMES.items():
        for name in names:
            column = next(
                (
                    c
                    for c in columns
                    if name in (plain[c], tagged[c], tagged[c].split("+")[0]) and not _taken(guesses, c)
                ),
                None,
            )
            if column is not None:
                guesses[field] = Guess(
                    column, f"named {column}" if plain[column] == name else f"tagged #{tagged[column]}"
                )
                break
    _guess_from_values(columns, sample, guesses)
    return guesses


def apply_overrides(
    guesses: Mapping[str, Guess], overrides: Mapping[str, str], columns: Sequence[str]
) -> dict[str, Guess]:
    """Return the guesses with a person's own choices; an empty column name leaves the field out.

    Raises UnknownColumn.
    """
    chosen = dict(guesses)
    for field, column in overrides.items():
        if field not in NAMES:
            raise UnknownColumn(f"there is no field {field}; there are: {', '.join(FIELDS)}")
        if column and column not in columns:
            raise UnknownColumn(f"there is no column {column}; there are: {', '.join(columns)}")
        chosen = {name: guess for name, guess in chosen.items() if name != field and guess.column != column}
        if column:
            chosen[field] = Guess(column, "chosen by you")
    return {field: chosen[field] for field in FIELDS if field in chosen}


def _guess_from_values(
    columns: Sequence[str], sample: Sequence[Mapping[str, str]], guesses: dict[str, Guess]
) -> None:
    """Find what no heading told: the longest words are the text, pairs of degrees the position."""
    free = [column for column in columns if not _taken(guesses, column)]
    if "text" not in guesses:
        lengths = {column: _mean_words(column, sample) for column in free}
        best = max(lengths, key=lengths.__getitem__, default=None)
        if best and lengths[best] >= 4:
            guesses["text"] = Guess(best, "it has the longest texts")
    if not {"latitude", "longitude", "position"} & set(guesses):
        pairs = [column for column in free if _is_pair_column(column, sample)]
        if pairs:
            guesses["position"] = Guess(pairs[0], "its values are pairs of degrees")


def _mean_words(column: str, sample: Sequence[Mapping[str, str]]) -> float:
    counts = [len(row[column].split()) for row in sample[:SAMPLE] if row.get(column)]
    return sum(counts) / len(counts) if counts else 0.0


def _is_pair_column(column: str, sample: Sequence[Mapping[str, str]]) -> bool:
    values = [row[column] for row in sample[:SAMPLE] if row.get(column, "").strip()]
    return bool(values) and sum(split_pair(value) is not None for value in values) > 0.8 * len(values)


def split_pair(text: str) -> tuple[float, float] | None:
    """Return two degrees that stand in one cell, in the order in which they stand; None if they do not."""
    parts = re.split(r"[;,\s]+", text.strip().strip("[]()"))
    numbers = [parse_degrees(part) for part in parts[:2]] if 2 <= len(parts) <= 4 else []
    if len(numbers) == 2 and all(number is not None and abs(number) <= 180 for number in numbers):
        return float(numbers[0] or 0.0), float(numbers[1] or 0.0)
    return None


def _plain(heading: str) -> str:
    return unicodedata.normalize("NFC", " ".join(heading.casefold().split()))


def _taken(guesses: Mapping[str, Guess], column: str) -> bool:
    return any(guess.column == column for guess in guesses.values())
