"""How people say what they saw: sentences in several languages, with the slips of people in a hurry."""

from __future__ import annotations

import random

# asset -> language -> what people call it
NAMES: dict[str, dict[str, str]] = {
    "dwelling": {"en": "house", "fr": "maison", "es": "casa", "uk": "будинок", "ar": "منزل", "tr": "ev"},
    "apartment_building": {
        "en": "apartment block",
        "fr": "immeuble",
        "es": "bloque de apartamentos",
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
# Sentences fit the kind of thing: walls and roofs, ways that carry traffic, works that serve.
WAYS = {"road", "bridge"}
WORKS = {"water_supply", "substation", "telecom_site"}
# kind -> language -> damage from which it is said -> sentences
SAID: dict[str, dict[str, dict[int, tuple[str, ...]]]] = {
    "building": {
        "en": {
            0: ("{what} at {where} looks fine from outside", "no damage to see, {what}, {where}"),
            1: ("cracks in the walls of the {what} at {where}", "windows broken, {what} near {where}"),
            2: ("part of the roof fell, {what} {where}", "{what} at {where} has big cracks, people outside"),
            4: ("the {what} at {where} half collapsed", "walls are down at the {what}, {where}, not safe"),
            5: ("{what} at {where} is completely destroyed", "nothing left of the {what} near {where}"),
        },
        "fr": {
            0: ("rien à voir de dehors, {what}, {where}",),
            1: ("fissures dans les murs, {what}, {where}", "vitres cassées, {what} près de {where}"),
            2: ("le toit est tombé en partie, {what} {where}", "grosses fissures, {what}, {where}"),
            4: ("{what} à moitié effondré, {where}", "les murs sont tombés, {what}, {where}"),
            5: ("{what} complètement détruit, {where}", "il ne reste rien, {what} près de {where}"),
        },
        "es": {
            0: ("por fuera se ve bien, {what}, {where}",),
            1: ("grietas en las paredes, {what}, {where}", "ventanas rotas, {what} cerca de {where}"),
            2: ("cayó parte del techo, {what} {where}", "grietas grandes, {what}, {where}"),
            4: ("{what} medio derrumbado, {where}", "se cayeron los muros, {what}, {where}"),
            5: ("{what} totalmente destruido, {where}", "no queda nada, {what} cerca de {where}"),
        },
        "uk": {
            0: ("зовні все ціле, {what}, {where}",),
            1: ("тріщини в стінах, {what}, {where}", "вибиті вікна, {what} біля {where}"),
            2: ("обвалилася частина даху, {what} {where}", "великі тріщини, {what}, {where}"),
            4: ("{what} наполовину зруйновано, {where}", "стіни впали, {what}, {where}"),
            5: ("{what} повністю знищено, {where}", "нічого не лишилося, {what} біля {where}"),
        },
        "ar": {
            0: ("يبدو سليما من الخارج، {what}، {where}",),
            1: ("تشققات في الجدران، {what}، {where}", "نوافذ مكسورة، {what} قرب {where}"),
            2: ("سقط جزء من السقف، {what} {where}", "تشققات كبيرة، {what}، {where}"),
            4: ("انهار نصف {what}، {where}", "سقطت الجدران، {what}، {where}"),
            5: ("{what} مدمر بالكامل، {where}", "لم يبق شيء، {what} قرب {where}"),
        },
        "tr": {
            0: ("dışarıdan sağlam görünüyor, {what}, {where}",),
            1: ("duvarlarda çatlak var, {what}, {where}", "camlar kırık, {what}, {where} yakını"),
            2: ("çatının bir kısmı düştü, {what} {where}", "büyük çatlaklar, {what}, {where}"),
            4: ("{what} yarı yıkık, {where}", "duvarlar çöktü, {what}, {where}"),
            5: ("{what} tamamen yıkıldı, {where}", "hiçbir şey kalmadı, {what}, {where} yakını"),
        },
    },
    "way": {
        "en": {
            0: ("{what} at {where} is open, cars pass", "you can pass the {what}, {where}"),
            1: ("cracks across the {what} at {where}, cars still pass", "stones on the {what}, {where}"),
            2: (
                "one side of the {what} sank at {where}, only small cars",
                "{what} {where}: go slowly, holes",
            ),
            4: (
                "{what} at {where} is blocked, no trucks",
                "half of the {what} is gone, {where}, nobody passes",
            ),
            5: ("the {what} at {where} is gone", "{what} near {where} fell down, find another way"),
        },
        "fr": {
            0: ("on passe, {what}, {where}",),
            1: ("fissures sur {what}, {where}, on passe encore", "pierres sur {what}, {where}"),
            2: ("un côté s'est affaissé, {what}, {where}", "{what} {where} : roulez doucement, trous"),
            4: ("{what} bloqué, {where}, pas de camions", "la moitié est partie, {what}, {where}"),
            5: ("{what} emporté, {where}", "plus de passage, {what} près de {where}"),
        },
        "es": {
            0: ("se puede pasar, {what}, {where}",),
            1: ("grietas en {what}, {where}, todavía se pasa", "piedras en {what}, {where}"),
            2: ("un lado se hundió, {what}, {where}", "{what} {where}: despacio, hay hoyos"),
            4: ("{what} cortado, {where}, no pasan camiones", "falta la mitad, {what}, {where}"),
            5: ("{what} desapareció, {where}", "se cayó {what} cerca de {where}, no hay paso"),
        },
        "uk": {
            0: ("проїзд є, {what}, {where}",),
            1: ("тріщини, {what}, {where}, ще їздять", "каміння, {what}, {where}"),
            2: ("один бік просів, {what}, {where}", "{what} {where}: їдьте повільно, ями"),
            4: ("проїзду немає, {what}, {where}", "половини немає, {what}, {where}, вантажівки не пройдуть"),
            5: ("{what} зник, {where}", "{what} упав біля {where}, шукайте об'їзд"),
        },
        "ar": {
            0: ("يمكن المرور، {what}، {where}",),
            1: ("تشققات في {what}، {where}، السيارات تمر", "حجارة على {what}، {where}"),
            2: ("هبط جانب من {what}، {where}", "{what} {where}: ببطء، توجد حفر"),
            4: ("{what} مقطوع، {where}، لا تمر الشاحنات", "نصف {what} ذهب، {where}"),
            5: ("{what} لم يعد موجودا، {where}", "سقط {what} قرب {where}، ابحثوا عن طريق آخر"),
        },
        "tr": {
            0: ("geçilebiliyor, {what}, {where}",),
            1: ("çatlaklar var, {what}, {where}, hâlâ geçiliyor", "taş düştü, {what}, {where}"),
            2: ("bir tarafı çöktü, {what}, {where}", "{what} {where}: yavaş gidin, çukur var"),
            4: ("{what} kapalı, {where}, kamyon geçemez", "yarısı gitti, {what}, {where}"),
            5: ("{what} yok oldu, {where}", "{what} çöktü, {where} yakını, başka yol bulun"),
        },
    },
    "work": {
        "en": {
            0: ("{what} at {where} runs as always",),
            1: ("small damage, {what}, {where}, still runs", "fence and door bent, {what} near {where}"),
            2: (
                "{what} at {where} comes and goes",
                "{what} {where}: it leaks and hums, half of us have none",
            ),
            4: ("{what} at {where} does not work", "{what} is broken near {where}, all streets without"),
            5: ("{what} at {where} is completely destroyed", "the {what} near {where} burnt, nothing left"),
        },
        "fr": {
            0: ("{what} marche comme toujours, {where}",),
            1: ("petits dégâts, {what}, {where}, ça marche", "porte tordue, {what} près de {where}"),
            2: (
                "{what} par moments seulement, {where}",
                "{what} {where} : fuites, la moitié du quartier n'a rien",
            ),
            4: ("{what} ne marche plus, {where}", "{what} cassé près de {where}, tout le quartier sans"),
            5: ("{what} complètement détruit, {where}", "{what} a brûlé près de {where}, il ne reste rien"),
        },
        "es": {
            0: ("{what} funciona como siempre, {where}",),
            1: ("daños leves, {what}, {where}, funciona", "puerta doblada, {what} cerca de {where}"),
            2: ("{what} va y viene, {where}", "{what} {where}: hay fugas, media calle sin servicio"),
            4: ("{what} no funciona, {where}", "{what} roto cerca de {where}, todo el barrio sin"),
            5: ("{what} totalmente destruido, {where}", "se quemó {what} cerca de {where}, no queda nada"),
        },
        "uk": {
            0: ("{what} працює як завжди, {where}",),
            1: ("невелика шкода, {what}, {where}, працює", "погнуті двері, {what} біля {where}"),
            2: ("{what} то є, то нема, {where}", "{what} {where}: тече, пів вулиці без нічого"),
            4: ("{what} не працює, {where}", "{what} зламано біля {where}, весь район без"),
            5: ("{what} повністю знищено, {where}", "{what} згоріло біля {where}, нічого не лишилося"),
        },
        "ar": {
            0: ("{what} تعمل كالمعتاد، {where}",),
            1: ("ضرر بسيط، {what}، {where}، ما زالت تعمل", "باب ملتو، {what} قرب {where}"),
            2: ("{what} تأتي وتذهب، {where}", "{what} {where}: تسرب، نصف الحي بدون"),
            4: ("{what} لا تعمل، {where}", "{what} معطلة قرب {where}، الحي كله بدون"),
            5: ("{what} مدمرة بالكامل، {where}", "احترقت {what} قرب {where}، لم يبق شيء"),
        },
        "tr": {
            0: ("{what} her zamanki gibi çalışıyor, {where}",),
            1: ("az hasar, {what}, {where}, çalışıyor", "kapısı eğilmiş, {what}, {where} yakını"),
            2: ("{what} bir var bir yok, {where}", "{what} {where}: kaçak var, mahallenin yarısında yok"),
            4: ("{what} çalışmıyor, {where}", "{what} bozuk, {where} yakını, bütün mahallede yok"),
            5: ("{what} tamamen yıkıldı, {where}", "{what} yandı, {where} yakını, hiçbir şey kalmadı"),
        },
    },
}
LANGUAGES = tuple(SAID["building"])
SLIP_SHARE = 0.25


def describe(rng: random.Random, language: str, asset: str, damage: int, where: str) -> str:
    """Return one sentence about the damage (0 to 5) of an asset; `where` is a landmark as people name it.

    `language` is one of LANGUAGES, `asset` a key of NAMES.
    """
    kind = "way" if asset in WAYS else "work" if asset in WORKS else "building"
    sentences = SAID[kind][language]
    told = max(grade for grade in sentences if grade <= damage)
    sentence = rng.choice(sentences[told]).format(what=NAMES[asset][language], where=where)
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
