"""Senders' own words, from real deployments and in the languages of past crises."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.vocabulary.assets import ASSETS, CategoryHint, hints_of, match_category
from mapper.vocabulary.needs import NEEDS
from mapper.vocabulary.phrases import fold
from mapper.vocabulary.sectors import SECTORS
from mapper.vocabulary.services import SERVICE_STATES
from mapper.vocabulary.words import ASSET_WORDS, DAMAGE_WORDS, NEED_WORDS, SECTOR_WORDS, SERVICE_WORDS


@pytest.mark.parametrize(
    ("asset", "words"),
    [
        (
            "hospital",
            "Hospital,HOSPITALS,hôpital,Hôpitaux,лікарня №5,больница,المستشفى,مستشفيات,Hastanesi,hospital",
        ),
        ("school", "school,École,escuela primaria,школи,المدرسة الابتدائية,İlkokul,okulu,Lekòl"),
        ("bridge", "Bridges,le pont,el puente,міст,мосту,الجسر,köprü"),
        ("dwelling", "houses,Maison,casas,будинок,дом,المنزل,evler,Residential,kay"),
        ("road", "road,Route,carretera,camino,дорога,الطريق,yol"),
        ("water_supply", "water main,Réseau d'eau,водопровід,acueducto,شبكة المياه,su şebekesi"),
        ("substation", "Substation,poste électrique,підстанція,subestación,محطة تحويل,trafo merkezi"),
        ("heating", "boiler house,chaufferie,котельня,calefacción"),
        ("religious_site", "church,mosquée,церква,iglesia,المسجد,Camii"),
        ("telecom_site", "cell tower,зв’язок,antenne relais,برج اتصالات,baz istasyonu"),
        ("ordnance", "unexploded bomb,landmines,замінована ділянка,ألغام,الألغام,mayın tarlası"),
        ("rail", "train station,gare,вокзал,سكة حديد,demiryolu"),
        ("government_building", "police station,міністерство,mairie,ayuntamiento,بلدية,Belediye binası"),
    ],
)
def test_words_of_many_languages_find_the_asset(asset, words):
    for word in words.split(","):
        assert match_category(word) == (asset, ASSETS[asset].sector), word


@pytest.mark.parametrize(
    "word",
    ["місто", "machete", "kaynak", "casado", "sport", "storey", "portal", "homeless", "tempo", "building"],
)
def test_words_that_only_look_alike_find_nothing(word):
    assert match_category(word)[0] is None


def test_the_longest_phrase_says_what_it_is():
    assert match_category("boiler house")[0] == "heating"
    assert match_category("power plant")[0] == "power_plant"
    assert match_category("plant")[0] == "factory"
    assert match_category("будинок культури")[0] == "museum"
    assert match_category("farmacia") == (None, "health")


@pytest.mark.parametrize(
    ("category", "hint"),
    [
        ("2f. Sans courant | Power Outage", CategoryHint("power", service_state="out", needs=("power",))),
        ("2b. Penurie d'eau | Water shortage", CategoryHint("water", needs=("water",))),
        ("2d. Refuge | Shelter needed", CategoryHint("housing", needs=("shelter",))),
        ("5a. Structure effondres | Collapsed structure", CategoryHint("unknown", None, 4, 5)),
        ("5b. Structures a risque | Unstable Structure", CategoryHint("unknown", None, 2, 4)),
        ("5c. Route barree | Road blocked", CategoryHint("transport", "road", service_state="out")),
        ("5d. Compromised bridge", CategoryHint("transport", "bridge", 1, 5)),
        ("5e. Communication lines down", CategoryHint("telecom", "telecom_site", service_state="out")),
        (
            "7d. Services de sante | Hospital/Clinics Operating",
            CategoryHint("health", service_state="working"),
        ),
        ("1c. Personnes prises au piege | People trapped", CategoryHint("unknown", needs=("rescue",))),
        ("8e. Nouvelles de Personnes | Persons News", CategoryHint()),
        ("minor-damage", CategoryHint("unknown", None, 1, 2)),
        ("no-damage", CategoryHint("unknown", None, 0, 1)),
        ("un-classified", CategoryHint()),
        ("Hastane yıkıldı", CategoryHint("health", "hospital", 4, 5)),
        ("частково зруйнована школа", CategoryHint("education", "school", 3, 4)),
        ("water treatment works not working", CategoryHint("water", "water_supply", service_state="out")),
    ],
)
def test_labels_tell_damage_service_and_needs_and_no_more(category, hint):
    assert hints_of(category) == hint


def test_damage_in_one_category_is_not_laid_on_what_another_asks_for():
    hint = hints_of("2a. Penurie d'aliments | Food Shortage, 5a. | Collapsed structure, ")
    assert hint == CategoryHint("unknown", None, 4, 5, needs=("food",))


@given(st.text(max_size=60))
def test_any_text_gives_a_sound_hint(text):
    hint = hints_of(text)
    assert hint.sector in SECTORS and (hint.asset is None or hint.asset in ASSETS)
    assert (hint.damage_low is None) == (hint.damage_high is None)
    assert set(hint.needs) <= set(NEEDS)


def test_tables_use_known_codes_and_phrases_find_themselves():
    assert set(ASSET_WORDS) == set(ASSETS) - {"other"}
    assert set(SECTOR_WORDS) <= set(SECTORS) and set(SERVICE_WORDS) == set(SERVICE_STATES)
    assert set(NEED_WORDS) <= set(NEEDS)
    assert all(need.sector in SECTORS for need in NEEDS.values())
    for code, words in ASSET_WORDS.items():
        for word in words.split(","):
            plain = word.replace("*", "").strip()
            assert match_category(plain)[0] == code or plain in SECTORS, word
    for interval, words in DAMAGE_WORDS.items():
        for word in words.split(","):
            hint = hints_of(word.replace("*", ""))
            assert (hint.damage_low, hint.damage_high) == interval, word


def test_folding_drops_case_accents_and_the_arabic_article():
    assert fold("L'HÔPITAL  Général") == ["l", "hopital", "general"]
    assert fold("İstasyon yıkıldı") == ["istasyon", "yikildi"]
    assert fold("المدرسة") == fold("مدرسه") == ["مدرسه"]


@pytest.mark.shared
def test_real_categories_of_two_deployments_are_understood(shared):
    with (shared / "haiti-2010-ushahidi/haiti_ushahidi_redacted.csv").open(encoding="utf-8-sig") as file:
        haiti = [row["CATEGORY"] for row in csv.DictReader(file)]
    told = sum(hints_of(category) != CategoryHint() for category in haiti)
    assert told / len(haiti) > 0.75  # the rest: news, messages, "other", emergency without a word what
    with (shared / "fusion-benchmark-ukraine-dev/reports.csv").open(encoding="utf-8") as file:
        ukraine = {row["category"] for row in csv.DictReader(file)}
    silent = {category for category in ukraine if hints_of(category) == CategoryHint()}
    assert silent == {"", "Undefined", "Military", "Humanitarian"}
