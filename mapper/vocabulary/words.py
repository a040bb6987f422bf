"""The words people use: for assets, sectors, damage, service and needs, in the languages of past crises.

English, French, Haitian Creole, Spanish, Ukrainian, Russian, Arabic and Turkish; among them the categories
of the Ushahidi deployment for Haiti in 2010, of Bellingcat's civilian harm data and of xBD. Phrases stand
between commas and are written as `vocabulary.phrases` reads them.
"""

from __future__ import annotations

ASSET_WORDS: dict[str, str] = {
    "apartment_building": "apartment*, block of flats, flats, high rise, multistorey, multi storey, "
    "immeuble, багатоповерх*, багатоквартирн*, многоэтаж*, многоквартирн*, apartamento*, "
    "bloque de viviendas, apartman*, عمارة, عمارات, بناية سكنية, شقة, شقق",
    "dwelling": "house, home, dwelling*, residential, residence, maison, logement, habitation, kay, "
    "житл*, будинок, будинк*, хата, дом, дома, жилой, жилые, жилье, casa, vivienda, hogar, منزل, منازل, "
    "بيت, بيوت, مسكن, ev, evi, evler, konut*, mesken*",
    "shelter": "shelter, idp*, camp, tent, displacement site, collective cent*, refuge, abri, "
    "hebergement, притулок, укриття, убежище, albergue, refugio, ملجأ, مخيم, مخيمات, siginak, cadir*",
    "clinic": "clinic*, health post, health cent*, dispensar*, dispensaire, clinique, centre de sante, "
    "клінік*, поліклінік*, амбулатор*, фельдшер*, поликлиник*, centro de salud, puesto de salud, عيادة, "
    "عيادات, مستوصف, مركز صحي, klinik*, saglik ocagi, aile sagligi",
    "hospital": "hospital*, healthcare, health care facility, health facilit*, maternity, hopital, "
    "hopitaux, лікарн*, шпитал*, госпітал*, пологов*, больниц*, госпитал*, роддом*, مستشفى, مستشفيات, "
    "hastane*",
    "university": "universit*, college, університет*, інститут*, университет*, институт*, universidad*, "
    "جامعة, جامعات, universite*",
    "school": "school*, childcare, kindergarten*, nursery, ecole, lycee, creche, jardin d enfants, lekol, "
    "школ*, ліце*, гімназі*, садок, дитячий сад*, дитсад*, детский сад*, детсад*, лице*, гимнази*, "
    "escuela*, colegio*, guarderia*, مدرسة, مدارس, روضة, okul*, ilkokul*, lise, anaokul*",
    "sewer": "sewer*, sewage, wastewater, waste water, septic, latrine*, toilet*, egout, каналізац*, "
    "канализац*, alcantarillado, aguas residuales, cloaca*, kanalizasyon*, مجاري, صرف صحي",
    "water_supply": "water supply, waterworks, water works, water main, water pipe*, water tower, "
    "water tank, water treatment, pump station, pumping station, well, borehole*, hand pump, handpump, "
    "reservoir, reseau d eau, chateau d eau, aqueduc, puits, forage, водопостачан*, водопров*, водогін*, "
    "водогон*, водоканал*, водонапірн*, насосн* станц*, свердловин*, колодяз*, водоснабжен*, скважин*, "
    "acueducto, red de agua, pozo, su sebekesi, su deposu, kuyu, شبكة المياه, خزان المياه, بئر, آبار",
    "substation": "substation*, transformer*, poste electrique, sous station, transformateur*, підстанц*, "
    "трансформатор*, подстанц*, subestacion*, transformador*, trafo*, محطة تحويل, محول كهرباء, محولات",
    "power_plant": "power plant, power station, solar plant, solar farm, wind farm, centrale, "
    "centrale electrique, електростанц*, электростанц*, тец, тес, гес, аес, аэс, гэс, central electrica, "
    "planta electrica, santral*, elektrik santral*, محطة كهرباء, محطة توليد",
    "power_line": "power line, powerline*, electric* line, transmission line, pylon*, power pole, "
    "utility pole, ligne electrique, ligne haute tension, лінія електро*, лінії електро*, леп, лэп, "
    "линия электро*, линии электро*, linea electrica, tendido electrico, elektrik hat*, elektrik direg*, "
    "خط كهرباء, خطوط كهرباء, عمود كهرباء",
    "heating": "heating, boiler, boiler house, chauffage, chaufferie, котельн*, опален*, тепломереж*, "
    "отоплен*, теплосет*, calefaccion, kalorifer*, isitma, تدفئة",
    "telecom_site": "telecom*, communication line, cell tower, cell site, mobile tower, mobile network, "
    "phone tower, phone line, tv tower, radio tower, antenna*, antenne*, antena*, вишка*, вежа зв'язку, "
    "телевеж*, телевишк*, зв'язок, вышка*, телебашн*, torre de comunica*, torre celular, telekom*, "
    "baz istasyon*, برج اتصالات, اتصالات",
    "bridge": "bridge*, viaduct*, overpass, pont, міст, моста, мосту, мости, мостів, мост, мосты, "
    "puente*, جسر, جسور, kopru*",
    "rail": "rail*, train, train station, gare, chemin de fer, voie ferree, залізниц*, залізничн*, "
    "вокзал*, железн* дорог*, железнодорож*, ferrocarril*, tren, سكة حديد, سكك حديد, محطة قطار, "
    "demiryol*, tren istasyon*",
    "port": "port, seaport, harbour, harbor, dock, quay, pier, quai, порт, порту, порти, порты, причал*, "
    "puerto, muelle, ميناء, موانئ, liman*",
    "airport": "airport*, airfield*, airstrip, aerodrome, aeroport*, аеропорт*, аеродром*, аэропорт*, "
    "аэродром*, aeropuerto*, مطار, مطارات, havaalan*, havaliman*",
    "road": "road*, street, highway*, route, rue, tunnel, wout, дорог*, шосе, трас*, вулиц*, улиц*, "
    "шоссе, carretera*, calle, camino, autopista, طريق, طرق, شارع, شوارع, yol, yolu, yollar*, otoyol*, "
    "cadde*",
    "warehouse": "warehouse*, entrepot, depot, склад, склади, складу, склады, складськ*, складск*, "
    "almacen*, bodega, deposito, مستودع, مستودعات, مخزن, depo, depolar*, deposu, ambar*",
    "factory": "factory, factories, industr*, plant, mill, usine, завод*, фабрик*, промислов*, "
    "промышлен*, fabrica*, مصنع, مصانع, fabrika*, sanayi*",
    "market": "market, marketplace*, bazaar, marche, mache, ринок, ринк*, базар*, рынок, рынк*, mercado*, "
    "سوق, أسواق, pazar*, carsi*",
    "shop": "shop*, store, supermarket*, mall, commercial, commerce, business*, office, hotel*, "
    "restaurant*, cafe, bank, magasin, boutique, banque, магазин*, супермаркет*, торгов*, офіс*, готел*, "
    "ресторан*, кафе, банк, банку, офис*, гостиниц*, tienda*, comerci*, oficina*, متجر, متاجر, محل تجاري, "
    "فندق, بنك, مطعم, dukkan*, magaza*, isyer*, otel*, banka*",
    "religious_site": "religio*, church*, mosque*, temple*, monaster*, synagogue*, cathedral*, chapel, "
    "place of worship, eglise, mosquee, cathedrale, legliz, церкв*, церков*, храм*, собор*, монастир*, "
    "монастыр*, мечет*, синагог*, iglesia*, mezquita*, templo, catedral, مسجد, مساجد, جامع, كنيسة, كنائس, "
    "cami, camii, kilise*",
    "museum": "museum*, heritage, cultur*, theatre*, theater*, library, libraries, monument*, "
    "archaeolog*, house of culture, musee, patrimoine, bibliotheque, музе*, театр*, бібліотек*, пам'ятк*, "
    "пам'ятник*, культур*, будинок культури, палац культури, библиотек*, памятник*, дом культуры, museo*, "
    "biblioteca*, patrimonio, متحف, آثار, مكتبة, مسرح, muze, muzes*, kutuphane*, tiyatro*, kultur*",
    "farm": "farm, farmland, agricult*, greenhouse*, livestock, crop, ferme, ферм, ферма, ферми, фермер*, "
    "сільськогоспод*, теплиц*, фермы, сельскохоз*, granja*, finca, agricol*, مزرعة, مزارع, زراعية, "
    "ciftlik*, tarim*, sera",
    "food_storage": "silo, grain*, granar*, food storage, food warehouse, елеватор*, зерно*, элеватор*, "
    "grenier, granero, صومعة, صوامع, tahil*",
    "government_building": "administrat*, government*, town hall, city hall, municipal*, ministry, "
    "ministries, police*, fire station, court, courthouse, prison*, embassy, public building, "
    "post office, mairie, ministere, prefecture, адміністрат*, адміністрац*, міністерств*, мерія, ратуш*, "
    "поліці*, в'язниц*, пожежн* частин*, администрат*, администрац*, министерств*, полици*, ayuntamiento, "
    "alcaldia*, gobierno, ministerio, policia, بلدية, وزارة, شرطة, محكمة, حكومي, belediye*, bakanlik*, "
    "valilik*, kaymakamlik*, karakol*, itfaiye*",
    "ordnance": "unexploded, ordnance, uxo, erw, minefield*, mine field, landmine*, land mine, "
    "cluster munition, engin explosif, mines antipersonnel, нерозірван*, невибух*, замінован*, "
    "мінне поле, вибухонебезпечн*, неразорв*, заминирован*, взрывоопасн*, sin explotar, "
    "minas antipersona, لغم, ألغام, الألغام, غير منفجرة, mayin*, patlamamis*",
}

# Words of a sector that name no asset.
SECTOR_WORDS: dict[str, str] = {
    "housing": "housing, non food, vivienda y alojamiento, barinma",
    "health": "health*, medical*, medicine, ambulance, pharmac*, psychiatr*, obgyn, chronic care, "
    "disease*, sante, medicaments, salud, farmacia, здоров*, медичн*, медицин*, аптек*, صحة, صحي, طبي, "
    "طبية, صيدلية, saglik*, eczane*, tibbi",
    "education": "education*, enseignement, освіт*, образован*, educacion, تعليم, egitim*",
    "water": "water, wash, sanitation, hygiene, assainissement, dam, dike, levee, eau, barrage, dlo, "
    "вода, води, води*, воды, гребл*, дамб*, плотин*, agua, presa, مياه, ماء, سد, su, baraj*",
    "power": "power, electric*, energy, gas, gas pipe*, fuel, energie, courant, carburant, gaz, енерг*, "
    "електр*, газ, газопров*, энерг*, электр*, energia, luz, combustible, طاقة, كهرباء, غاز, وقود, "
    "enerji*, elektrik*, dogalgaz*",
    "telecom": "communication, internet, telephone, phone, ict, communications, зв'язку, інтернет*, "
    "связь, интернет*, comunicaciones, انترنت, هاتف, iletisim*, haberlesme*",
    "transport": "transport*, logistic*, traffic, bus station, транспорт*, логист*, логіст*, نقل, ulasim*",
    "commerce": "trade, livelihood*, gas station, petrol station, fuel station, station service, азс, "
    "gasolinera, comercio, تجارة, ticaret*",
    "food": "food*, nutrition, aliment*, nourriture, manje, їжа, їжі, продовольств*, харч*, продукт*, "
    "еда, питани*, comida, غذاء, غذائية, طعام, gida*, yiyecek*",
    "explosive_hazard": "explosive*, mine action, demining, explosif*, вибухівк*, розмінуван*, взрывчат*, "
    "explosivo*, متفجرات, patlayici*",
    "public_service": "public service, social facilit*, waste management, garbage, rubbish",
}

# Damage as an interval on our scale. What the word leaves open stays open: "damaged" is 1 to 5.
DAMAGE_WORDS: dict[tuple[int, int], str] = {
    (0, 1): "no damage, not damaged, undamaged, no visible damage, not affected, intact, aucun degat, "
    "не пошкоджен*, неушкоджен*, не поврежд*, sin danos, hasarsiz, hasar yok, لا أضرار, غير متضرر",
    (0, 5): "possibly damaged, possible damage, may be damaged",
    (1, 2): "minor damage, slight damage, slightly damaged, light damage, degats mineurs, "
    "легкі пошкоджен*, незначн* пошкоджен*, danos leves, az hasar*, hafif hasar*, أضرار طفيفة",
    (1, 4): "partially damaged, partly damaged, partial damage, частково пошкоджен*, частично поврежд*, "
    "parcialmente danad*",
    (2, 3): "moderate damage, moderately damaged, orta hasar*",
    (2, 4): "unstable structure, unstable building, structures a risque, structure a risque",
    (3, 4): "major damage, heavy damage, heavily damaged, severe damage, severely damaged, badly damaged, "
    "partially collapsed, partially destroyed, partly destroyed, half collapsed, degats majeurs, "
    "частково зруйнован*, частично разруш*, danos graves, agir hasar*, أضرار جسيمة, أضرار كبيرة",
    (4, 5): "destroyed, destruction, collapse*, totally damaged, completely damaged, effondr*, detruit*, "
    "зруйнован*, знищен*, разруш*, уничтож*, destruid*, derrumb*, colaps*, مدمر, مدمرة, انهيار, منهار, "
    "yikil*, yikik*",
    (1, 5): "damage*, damaging, compromised bridge, endommag*, degat*, пошкоджен*, поврежд*, danad*, "
    "dano, متضرر, متضررة, أضرار, hasar*",
}

SERVICE_WORDS: dict[str, str] = {
    "working": "operating, operational, functional, functioning, working, in service, open, en service, "
    "працює, работает, funciona*, en servicio, يعمل, تعمل, calisiyor, acik",
    "partial": "partially functional, partially functioning, partly functioning, partially working, "
    "partly working, partially operational, partially open, restricted, частково працює, "
    "частично работает, parcialmente funciona*, kismen calisiyor",
    "out": "out of service, out of order, outage*, blackout, not working, not functioning, "
    "not functional, non functional, closed, road blocked, blocked road, blocked, impassable, lines down, "
    "line down, power cut, no power, no electricity, hors service, en panne, panne*, coupure, "
    "sans courant, sans electricite, barree, bloque*, не працює, відключен*, знеструмлен*, без світла, "
    "без електр*, перекрит*, заблокован*, не работает, отключен*, обесточ*, перекрыт*, fuera de servicio, "
    "sin luz, sin electricidad, sin servicio, corte de luz, apagon*, bloquead*, cerrad*, "
    "elektrik kesinti*, kesinti*, calismiyor, kapali, خارج الخدمة, انقطاع, لا يعمل, لا تعمل, مغلق, مغلقة, "
    "مقطوع",
}

NEED_WORDS: dict[str, str] = {
    "water": "water shortage, need water, needs water, water needed, no water, contaminated water, "
    "penurie d eau, bezwen dlo, без води, без воды, sin agua, نقص المياه, su yok, susuz",
    "food": "food shortage, need food, needs food, food needed, no food, hungry, starving, "
    "penurie d aliments, bezwen manje, без їжі, без еды, sin comida, نقص الغذاء, yiyecek yok",
    "shelter": "shelter needed, need shelter, needs shelter, homeless, sans abri, без житла, без жилья, "
    "sin techo, بلا مأوى, evsiz",
    "medical": "medical emergency, medical equipment, medical need, medical supply needs, "
    "urgence medicale, need medical, infectious human disease, psychiatric need, chronic care needs, "
    "emergencia medica, потрібні ліки, нужны лекарства, حالة طبية طارئة",
    "rescue": "people trapped, trapped, search and rescue, under rubble, under the rubble, "
    "prises au piege, під завалами, під завалом, под завалами, atrapad*, تحت الأنقاض, enkaz altinda",
    "power": "power outage, no power, no electricity, blackout, sans courant, sans electricite, "
    "без світла, без електр*, знеструмлен*, без электр*, sin luz, sin electricidad, apagon*, "
    "elektrik kesinti*, انقطاع الكهرباء",
    "fuel": "fuel shortage, no fuel, need fuel, penurie de carburant, sin combustible, نقص الوقود",
    "hygiene": "hygiene, sanitation, assainissement",
    "protection": "security threat, security concern, looting, violence, pillage, probleme de securite",
}

# Labels whose words would mislead: asset (or none) and sector they stand for.
LABELS: dict[tuple[str | None, str], str] = {
    (None, "food"): "food distribution*, distribution d aliments, food aid",
    (None, "water"): "water distribution*, distribution d eau",
    (None, "housing"): "shelter nfi, shelter needed, need shelter, shelter and non food, non food aid*, "
    "denrees non aliment*",
    (None, "health"): "clinics operating",
    ("road", "transport"): "road blocked, route barree",
    (None, "power"): "power outage, fuel shortage, penurie de carburant",
    ("telecom_site", "telecom"): "communication lines down",
}
