"""What people call the things that are damaged, in the languages of the stories."""

from __future__ import annotations

LANGUAGES = ("en", "fr", "uk", "ar", "es", "tr")

# Kind of thing -> assets: walls and roofs, ways that carry traffic, works that serve.
WAYS = ("road", "bridge")
WORKS = ("water_supply", "sewer", "power_plant", "substation", "power_line", "telecom_site")

# Asset -> language -> what people call it, and its grammatical gender where sentences must agree with it.
NOUNS: dict[str, dict[str, tuple[str, str]]] = {
    "dwelling": {
        "en": ("house", ""),
        "fr": ("maison", "f"),
        "uk": ("будинок", "m"),
        "ar": ("منزل", "m"),
        "es": ("casa", "f"),
        "tr": ("ev", ""),
    },
    "apartment_building": {
        "en": ("apartment block", ""),
        "fr": ("immeuble", "m"),
        "uk": ("багатоповерхівка", "f"),
        "ar": ("عمارة", "f"),
        "es": ("bloque de apartamentos", "m"),
        "tr": ("apartman", ""),
    },
    "school": {
        "en": ("school", ""),
        "fr": ("école", "f"),
        "uk": ("школа", "f"),
        "ar": ("مدرسة", "f"),
        "es": ("escuela", "f"),
        "tr": ("okul", ""),
    },
    "university": {
        "en": ("university", ""),
        "fr": ("université", "f"),
        "uk": ("університет", "m"),
        "ar": ("جامعة", "f"),
        "es": ("universidad", "f"),
        "tr": ("üniversite", ""),
    },
    "hospital": {
        "en": ("hospital", ""),
        "fr": ("hôpital", "m"),
        "uk": ("лікарня", "f"),
        "ar": ("مستشفى", "m"),
        "es": ("hospital", "m"),
        "tr": ("hastane", ""),
    },
    "clinic": {
        "en": ("clinic", ""),
        "fr": ("clinique", "f"),
        "uk": ("поліклініка", "f"),
        "ar": ("عيادة", "f"),
        "es": ("clínica", "f"),
        "tr": ("klinik", ""),
    },
    "bridge": {
        "en": ("bridge", ""),
        "fr": ("pont", "m"),
        "uk": ("міст", "m"),
        "ar": ("جسر", "m"),
        "es": ("puente", "m"),
        "tr": ("köprü", ""),
    },
    "road": {
        "en": ("road", ""),
        "fr": ("route", "f"),
        "uk": ("дорога", "f"),
        "ar": ("طريق", "m"),
        "es": ("carretera", "f"),
        "tr": ("yol", ""),
    },
    "water_supply": {
        "en": ("water main", ""),
        "fr": ("réseau d'eau", "m"),
        "uk": ("водопровід", "m"),
        "ar": ("شبكة المياه", "f"),
        "es": ("acueducto", "m"),
        "tr": ("su şebekesi", ""),
    },
    "sewer": {
        "en": ("sewer", ""),
        "fr": ("égout", "m"),
        "uk": ("каналізація", "f"),
        "ar": ("شبكة صرف صحي", "f"),
        "es": ("alcantarillado", "m"),
        "tr": ("kanalizasyon", ""),
    },
    "power_plant": {
        "en": ("power plant", ""),
        "fr": ("centrale électrique", "f"),
        "uk": ("електростанція", "f"),
        "ar": ("محطة توليد", "f"),
        "es": ("central eléctrica", "f"),
        "tr": ("elektrik santrali", ""),
    },
    "substation": {
        "en": ("substation", ""),
        "fr": ("poste électrique", "m"),
        "uk": ("підстанція", "f"),
        "ar": ("محطة تحويل", "f"),
        "es": ("subestación", "f"),
        "tr": ("trafo", ""),
    },
    "power_line": {
        "en": ("power line", ""),
        "fr": ("ligne électrique", "f"),
        "uk": ("лінія електропередачі", "f"),
        "ar": ("خط كهرباء", "m"),
        "es": ("línea eléctrica", "f"),
        "tr": ("elektrik hattı", ""),
    },
    "telecom_site": {
        "en": ("cell tower", ""),
        "fr": ("antenne relais", "f"),
        "uk": ("вишка зв'язку", "f"),
        "ar": ("برج اتصالات", "m"),
        "es": ("torre de comunicaciones", "f"),
        "tr": ("baz istasyonu", ""),
    },
    "market": {
        "en": ("market", ""),
        "fr": ("marché", "m"),
        "uk": ("ринок", "m"),
        "ar": ("سوق", "m"),
        "es": ("mercado", "m"),
        "tr": ("pazar", ""),
    },
    "shop": {
        "en": ("shop", ""),
        "fr": ("magasin", "m"),
        "uk": ("магазин", "m"),
        "ar": ("متجر", "m"),
        "es": ("tienda", "f"),
        "tr": ("dükkan", ""),
    },
    "warehouse": {
        "en": ("warehouse", ""),
        "fr": ("entrepôt", "m"),
        "uk": ("склад", "m"),
        "ar": ("مستودع", "m"),
        "es": ("almacén", "m"),
        "tr": ("depo", ""),
    },
    "factory": {
        "en": ("factory", ""),
        "fr": ("usine", "f"),
        "uk": ("завод", "m"),
        "ar": ("مصنع", "m"),
        "es": ("fábrica", "f"),
        "tr": ("fabrika", ""),
    },
    "farm": {
        "en": ("farm", ""),
        "fr": ("ferme", "f"),
        "uk": ("ферма", "f"),
        "ar": ("مزرعة", "f"),
        "es": ("granja", "f"),
        "tr": ("çiftlik", ""),
    },
    "religious_site": {
        "en": ("church", ""),
        "fr": ("église", "f"),
        "uk": ("церква", "f"),
        "ar": ("مسجد", "m"),
        "es": ("iglesia", "f"),
        "tr": ("cami", ""),
    },
    "government_building": {
        "en": ("town hall", ""),
        "fr": ("mairie", "f"),
        "uk": ("адміністрація", "f"),
        "ar": ("بلدية", "f"),
        "es": ("ayuntamiento", "m"),
        "tr": ("belediye", ""),
    },
}
ASSETS = tuple(NOUNS)


def kind_of(asset: str) -> str:
    """Return which sentences fit an asset: those of a `building`, a `way` or a `work`."""
    return "way" if asset in WAYS else "work" if asset in WORKS else "building"
