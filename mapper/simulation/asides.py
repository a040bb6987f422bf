"""What stands around a sentence: greetings, what people ask for, marks of forwarding; and spam."""

from __future__ import annotations

# The need that an added sentence asks for, in the order of TAILS after the first; "" asks for nothing.
TAIL_NEEDS = ("", "water", "shelter", "medical", "power", "food", "", "", "", "")
TAILS: dict[str, tuple[str, ...]] = {
    "en": (
        "", "we need drinking water", "people sleep outside, we need tents", "please send a doctor",
        "no electricity in the whole street", "the children have not eaten", "nobody is hurt",
        "my sister saw it this morning", "it was worse an hour ago", "cannot get any closer",
    ),
    "fr": (
        "", "il nous faut de l'eau potable", "les gens dorment dehors, il faut des tentes",
        "envoyez un médecin s'il vous plaît", "pas d'électricité dans toute la rue",
        "les enfants n'ont pas mangé", "personne n'est blessé", "ma sœur l'a vu ce matin",
        "c'était pire il y a une heure", "impossible d'approcher",
    ),
    "uk": (
        "", "потрібна питна вода", "люди сплять надворі, потрібні намети", "пришліть лікаря, будь ласка",
        "на всій вулиці немає світла", "діти нічого не їли", "ніхто не постраждав", "сестра бачила зранку",
        "годину тому було гірше", "ближче не підійти",
    ),
    "ar": (
        "", "نحتاج إلى ماء للشرب", "الناس ينامون في العراء، نحتاج إلى خيام", "أرسلوا طبيبا من فضلكم",
        "لا كهرباء في الشارع كله", "الأطفال لم يأكلوا", "لم يصب أحد", "رأته أختي هذا الصباح",
        "كان الوضع أسوأ قبل ساعة", "لا يمكن الاقتراب أكثر",
    ),
    "es": (
        "", "necesitamos agua potable", "la gente duerme afuera, hacen falta carpas",
        "manden un médico por favor", "toda la calle está sin luz", "los niños no han comido",
        "no hay heridos", "mi hermana lo vio esta mañana", "hace una hora estaba peor",
        "no se puede llegar más cerca",
    ),
    "tr": (
        "", "içme suyuna ihtiyacımız var", "insanlar dışarıda yatıyor, çadır lazım", "lütfen doktor gönderin",
        "bütün sokakta elektrik yok", "çocuklar bir şey yemedi", "yaralı yok", "ablam bu sabah gördü",
        "bir saat önce daha kötüydü", "daha yakına gidilemiyor",
    ),
}  # fmt: skip
OPENERS: dict[str, tuple[str, ...]] = {
    "en": ("", "Hello, ", "URGENT: ", "please help! "),
    "fr": ("", "Bonjour, ", "URGENT : ", "à l'aide ! "),
    "uk": ("", "Добрий день, ", "ТЕРМІНОВО: ", "допоможіть! "),
    "ar": ("", "السلام عليكم، ", "عاجل: ", "ساعدونا! "),
    "es": ("", "Hola, ", "URGENTE: ", "¡ayuda! "),
    "tr": ("", "Merhaba, ", "ACİL: ", "yardım edin! "),
}
FORWARDED = {
    "en": "Fwd: ",
    "fr": "Transféré : ",
    "uk": "Переслано: ",
    "ar": "منقول: ",
    "es": "Reenviado: ",
    "tr": "İletildi: ",
}
ADVERTS: dict[str, tuple[str, ...]] = {
    "en": (
        "Generators and tents in stock, delivery today",
        "Loans in ten minutes without papers, write to us",
        "Win a telephone: answer one question",
    ),
    "fr": (
        "Groupes électrogènes et tentes en stock, livraison aujourd'hui",
        "Crédit en dix minutes sans papiers, écrivez-nous",
        "Gagnez un téléphone : répondez à une question",
    ),
    "uk": (
        "Генератори та намети в наявності, доставка сьогодні",
        "Кредит за десять хвилин без довідок, пишіть",
        "Виграйте телефон: дайте відповідь на одне запитання",
    ),
    "ar": (
        "مولدات وخيام متوفرة والتوصيل اليوم",
        "قرض خلال عشر دقائق بلا أوراق، راسلونا",
        "اربح هاتفا: أجب عن سؤال واحد",
    ),
    "es": (
        "Generadores y carpas en venta, entrega hoy",
        "Préstamos en diez minutos sin papeles, escríbanos",
        "Gane un teléfono: responda una pregunta",
    ),
    "tr": (
        "Jeneratör ve çadır stokta, bugün teslim",
        "Evraksız on dakikada kredi, bize yazın",
        "Telefon kazanın: bir soruyu cevaplayın",
    ),
}
