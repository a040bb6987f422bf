"""The names that fields of a report go by in strangers' tables.

Collected from our contract, Ushahidi, KoboToolbox, ODK, HXL, and plain words in English, French, Spanish,
Portuguese, Ukrainian, Russian, Arabic and Turkish. All in the form that `plain_heading` gives.
"""

from __future__ import annotations

import re
import unicodedata

# field -> names, the plainest first
NAMES: dict[str, tuple[str, ...]] = {
    "source_id": ("source id", "uuid", "instanceid", "meta/instanceid", "key"),
    "id": ("id", "report id", "serial", "post id", "#", "event+id", "registro", "numero", "numéro", "fid", "objectid", "globalid", "submission id", "номер", "رقم", "معرف", "no", "nr", "sıra no"),
    "title": ("title", "incident title", "report title", "titre", "título", "titulo", "назва", "заголовок", "название", "عنوان", "başlık", "headline", "site name", "name", "nom", "nombre", "nome", "اسم", "ad"),
    "text": ("text", "description", "incident description", "report", "details", "detail", "message", "comment", "comments", "content", "body", "notes", "note", "remarks", "remark", "observations", "what happened", "summary", "desc", "cmt", "опис", "описание", "повідомлення", "коментар", "текст", "сообщение", "комментарий", "подія", "descripción", "descripcion", "comentario", "comentarios", "detalles", "mensaje", "descrição", "commentaire", "commentaires", "détails", "texte", "وصف", "نص", "محتوى", "تفاصيل", "ملاحظات", "منشور", "رسالة", "açıklama", "metin", "mesaj", "not"),
    "latitude": ("latitude", "lat", "y", "geo+lat", "point lat", "широта", "latitud", "خط عرض", "دائرة عرض", "عرض", "enlem", "latitude n"),
    "longitude": ("longitude", "lon", "lng", "long", "x", "geo+lon", "point long", "довгота", "долгота", "longitud", "خط طول", "طول", "boylam", "longitude e"),
    "position": ("position", "geopoint", "geolocation", "gps", "gps coordinates", "coordinates", "coords", "coordonnées", "coordonnees", "coordenadas", "координати", "координаты", "احداثيات", "موقع جغرافي", "koordinat", "koordinatlar", "latlon", "lat lon", "lat/lon", "latlng", "lat long", "lat/long", "geom", "geometry", "wkt", "point", "geo+coord"),
    "location_text": ("location text", "location", "place", "place name", "address", "where", "locality", "loc+name", "lieu", "adresse", "localité", "endroit", "lugar", "dirección", "direccion", "ubicación", "ubicacion", "localidad", "endereço", "місце", "населений пункт", "адреса", "локація", "місто", "місцезнаходження", "место", "населённый пункт", "населенный пункт", "адрес", "город", "موقع", "مكان", "عنوان تفصيلي", "مدينة", "بلدة", "قرية", "حي", "yer", "adres", "konum", "mahalle", "village", "town", "city", "ville", "commune", "municipality", "district", "neighbourhood", "neighborhood", "adm3", "adm2", "adm1", "country"),
    "observed_at": ("observed at", "incident date", "event date", "date of incident", "date observed", "date", "datetime", "date time", "timestamp", "occurred at", "happened at", "reported at", "date collected", "report date", "date+occurred", "date+reported", "date+start", "date de l'incident", "date et heure", "fecha", "fecha y hora", "fecha del incidente", "дата", "дата події", "дата і час", "дата та час", "дата и время", "час", "تاريخ", "تاريخ نشر", "تاريخ حدث", "وقت", "tarih", "tarih ve saat", "post date", "created", "created at", "submission time", "submissiondate", "start", "today"),
    "observed_until": ("observed until", "end date", "until", "date+end", "fecha final", "date de fin", "дата завершення"),
    "category": ("category", "categories", "incident category", "asset type", "asset", "type", "facility type", "building type", "infrastructure type", "kind", "sector", "class", "catégorie", "categorie", "catégories", "secteur", "type d'incident", "categoría", "categoria", "tipo", "категорія", "тип", "категория", "вид", "тип об'єкта", "فئة", "نوع", "تصنيف", "قطاع", "kategori", "tür", "type of area affected", "type of site", "loc+type", "impact+type", "cause", "folder"),
    "damage_grade": ("damage grade", "grade"),
    "damage_value": ("damage value", "damage", "damage level", "damage class", "damage state", "damage status", "damage gra", "main damage site class", "subtype", "severity", "severity+damage", "dégâts", "dégât", "niveau de dégâts", "daños", "daño", "nivel de daño", "пошкодження", "ступінь пошкодження", "повреждения", "ضرر", "اضرار", "مستوى ضرر", "hasar", "hasar durumu"),
    "damage_scale": ("damage scale",),
    "service_state": ("service state", "service status", "functionality", "functional", "operational status"),
    "needs": ("needs", "need", "besoins", "necesidades", "потреби", "нужды", "احتياجات", "ihtiyaçlar", "ihtiyaç"),
    "people_affected": ("people affected", "affected people", "affected population", "persons affected", "people", "affected", "affected+ind", "individuals", "population affected", "personnes touchées", "personnes affectées", "personnes", "personas afectadas", "personas", "afectados", "постраждалі", "кількість постраждалих", "пострадавшие", "متضررون", "متضررين", "عدد متضررين", "etkilenen kişi", "kişi sayısı"),
    "language": ("language", "lang", "langue", "idioma", "мова", "язык", "لغة", "dil"),
    "position_accuracy_m": ("position accuracy m", "accuracy", "gps precision", "location precision", "precision", "hdop", "geo+precision"),
    "source_url": ("source url", "url", "link", "source link", "lien", "enlace", "посилання", "ссылка", "رابط", "bağlantı", "meta+url"),
    "contact": ("contact", "phone", "telephone", "phone number", "mobile", "email", "e-mail", "reporter", "téléphone", "teléfono", "correo", "телефон", "контакт", "هاتف", "رقم هاتف", "telefon"),
    "channel": ("channel",),
    "consent": ("consent",),
}  # fmt: skip
FIELDS = tuple(NAMES)
# What people write on the left of --map.
FIELD_ALIASES = {"lat": "latitude", "lon": "longitude", "lng": "longitude", "geometry": "position", "description": "text", "date": "observed_at", "location": "location_text"}  # fmt: skip

# How headings of groups and questions end, and the beginnings of words in them.
TAILS: dict[str, tuple[str, ...]] = {
    "latitude": (" latitude", " lat", "широта", "خط عرض"),
    "longitude": (" longitude", " lon", " lng", " long", "довгота", "долгота", "خط طول"),
    "position_accuracy_m": (" precision", " accuracy"),
}
WORDS: dict[str, tuple[str, ...]] = {
    "text": ("descri", "comment", "remark", "messag", "опис", "коментар", "وصف", "açıklama"),
    "location_text": (
        "location",
        "address",
        "adresse",
        "dirección",
        "адрес",
        "місце",
        "عنوان",
        "مكان",
        "adres",
    ),
    "observed_at": ("date", "fecha", "дата", "تاريخ", "tarih"),
    "category": ("category", "catégorie", "categoría", "категорі", "type", "tipo", "тип", "نوع"),
    "people_affected": ("affected", "постраждал", "متضرر"),
}

ARABIC_SIGNS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "\u0640": None})
ARABIC_ARTICLE = re.compile(r"\bال(?=\w{2})")
HIDDEN = {"Mn", "Cf"}  # marks of vowels, and characters without a shape
GROUPS = re.compile(r"[/.:>]")


def plain_heading(heading: str) -> str:
    """Return a heading as names are compared: lower case, single blanks for `_`, no Arabic article or vowels."""
    text = unicodedata.normalize("NFKC", heading).casefold().replace("_", " ").translate(ARABIC_SIGNS)
    arabic = any("\u0600" <= sign <= "\u06ff" for sign in text)
    if arabic:
        text = "".join(sign for sign in text if unicodedata.category(sign) not in HIDDEN)
        text = ARABIC_ARTICLE.sub("", text)
    return " ".join(text.strip("*?:;,\"' ").split())


def last_part(heading: str) -> str:
    """Return a heading without what stands in brackets and without the groups before it (`group/question`)."""
    bare = re.sub(r"\([^)]*\)|\[[^]]*\]", " ", plain_heading(heading))
    return " ".join(GROUPS.split(bare)[-1].split())


def aliases_of(heading: str) -> list[str]:
    """Return the forms of a heading in which names are looked up, the whole one first."""
    last = last_part(heading)
    forms = [plain_heading(heading), last, last.split("-")[-1].strip()]
    return list(dict.fromkeys(form for form in forms if form))
