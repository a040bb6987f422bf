"""How people say what they saw: sentences in several languages, with the slips of people in a hurry."""

from __future__ import annotations

import random

# asset -> language -> (what it is called, said of each damage from slight to destroyed)
NAMES: dict[str, dict[str, str]] = {
    "dwelling": {"en": "house", "fr": "maison", "es": "casa", "uk": "будинок", "ar": "منزل", "tr": "ev"},
    "apartment_building": {
        "en": "apartment block",
        "fr": "immeuble",
        "es": "edificio",
        "uk": "багатоповерхівка",
        "ar": "عمارة",
        "tr": "apartman",
    },
    "school": {"en": "school", "fr": "école", "es": "escuela", "uk": "школа", "ar": "مدرسة", "tr": "okul"},
    "hospital": {
        "en": "hospital",
        "fr": "hôpital",
        "es": "hospital",
        "uk": "лікарня",
        "ar": "مستشفى",
        "tr": "hastane",
    },
    "clinic": {
        "en": "clinic",
        "fr": "clinique",
        "es": "clínica",
        "uk": "поліклініка",
        "ar": "عيادة",
        "tr": "klinik",
    },
    "bridge": {"en": "bridge", "fr": "pont", "es": "puente", "uk": "міст", "ar": "جسر", "tr": "köprü"},
    "road": {"en": "road", "fr": "route", "es": "carretera", "uk": "дорога", "ar": "طريق", "tr": "yol"},
    "water_supply": {
        "en": "water main",
        "fr": "réseau d'eau",
        "es": "acueducto",
        "uk": "водопровід",
        "ar": "شبكة المياه",
        "tr": "su şebekesi",
    },
    "substation": {
        "en": "substation",
        "fr": "poste électrique",
        "es": "subestación",
        "uk": "підстанція",
        "ar": "محطة تحويل",
        "tr": "trafo",
    },
    "telecom_site": {
        "en": "cell tower",
        "fr": "antenne relais",
        "es": "torre de comunicaciones",
        "uk": "вишка зв'язку",
        "ar": "برج اتصالات",
        "tr": "baz istasyonu",
    },
    "market": {"en": "market", "fr": "marché", "es": "mercado", "uk": "ринок", "ar": "سوق", "tr": "pazar"},
    "religious_site": {
        "en": "church",
        "fr": "église",
        "es": "iglesia",
        "uk": "церква",
        "ar": "مسجد",
        "tr": "cami",
    },
    "government_building": {
        "en": "town hall",
        "fr": "mairie",
        "es": "ayuntamiento",
        "uk": "адміністрація",
        "ar": "بلدية",
        "tr": "belediye",
    },
}
SAID: dict[str, dict[int, tuple[str, ...]]] = {
    "en": {
        1: ("cracks in the walls of the {what} at {where}", "windows broken, {what} near {where}"),
        2: ("part of the roof fell, {what} {where}", "{what} at {where} has big cracks, people outside"),
        4: ("the {what} at {where} half collapsed", "walls are down at the {what}, {where}, not safe"),
        5: ("{what} at {where} is completely destroyed", "nothing left of the {what} near {where}"),
    },
    "fr": {
        1: ("fissures dans les murs, {what}, {where}", "vitres cassées, {what} près de {where}"),
        2: ("le toit est tombé en partie, {what} {where}", "grosses fissures, {what}, {where}"),
        4: ("{what} à moitié effondré, {where}", "les murs sont tombés, {what}, {where}"),
        5: ("{what} complètement détruit, {where}", "il ne reste rien, {what} près de {where}"),
    },
    "es": {
        1: ("grietas en las paredes, {what}, {where}", "ventanas rotas, {what} cerca de {where}"),
        2: ("cayó parte del techo, {what} {where}", "grietas grandes, {what}, {where}"),
        4: ("{what} medio derrumbado, {where}", "se cayeron los muros, {what}, {where}"),
        5: ("{what} totalmente destruido, {where}", "no queda nada, {what} cerca de {where}"),
    },
    "uk": {
        1: ("тріщини в стінах, {what}, {where}", "вибиті вікна, {what} біля {where}"),
        2: ("обвалилася частина даху, {what} {where}", "великі тріщини, {what}, {where}"),
        4: ("{what} наполовину зруйновано, {where}", "стіни впали, {what}, {where}"),
        5: ("{what} повністю знищено, {where}", "нічого не лишилося, {what} біля {where}"),
    },
    "ar": {
        1: ("تشققات في الجدران، {what}، {where}", "نوافذ مكسورة، {what} قرب {where}"),
        2: ("سقط جزء من السقف، {what} {where}", "تشققات كبيرة، {what}، {where}"),
        4: ("انهار نصف {what}، {where}", "سقطت الجدران، {what}، {where}"),
        5: ("{what} مدمر بالكامل، {where}", "لم يبق شيء، {what} قرب {where}"),
    },
    "tr": {
        1: ("duvarlarda çatlak var, {what}, {where}", "camlar kırık, {what}, {where} yakını"),
        2: ("çatının bir kısmı düştü, {what} {where}", "büyük çatlaklar, {what}, {where}"),
        4: ("{what} yarı yıkık, {where}", "duvarlar çöktü, {what}, {where}"),
        5: ("{what} tamamen yıkıldı, {where}", "hiçbir şey kalmadı, {what}, {where} yakını"),
    },
}
LANGUAGES = tuple(SAID)
SLIP_SHARE = 0.25


def describe(rng: random.Random, language: str, asset: str, damage: int, where: str) -> str:
    """Return one sentence about the damage (0 to 5) of an asset; `where` is a landmark as people name it."""
    spoken = language if language in SAID else "en"
    told = max(grade for grade in (1, 2, 4, 5) if grade <= max(1, damage))
    sentence = rng.choice(SAID[spoken][told]).format(what=NAMES[asset][spoken], where=where)
    return _slip(rng, sentence) if rng.random() < SLIP_SHARE else sentence


def _slip(rng: random.Random, sentence: str) -> str:
    """Swap two neighbouring letters, drop one, or shout: what a thumb does."""
    at = rng.randrange(1, max(2, len(sentence) - 2))
    kind = rng.randrange(3)
    if kind == 0:
        return sentence[:at] + sentence[at + 1] + sentence[at] + sentence[at + 2 :]
    if kind == 1:
        return sentence[:at] + sentence[at + 1 :]
    return sentence.upper() + "!!"
