"""What people say of damage, in six languages: short, telegraphic, as one writes on a telephone.

`{what}` is the thing, `{where}` the place as people name it. Names are not inflected, so sentences name them
apart. `[a|b]` stands for the masculine and the feminine form that agrees with the thing.
"""

from __future__ import annotations

REPAIRED = 6  # beside the damage classes 0 to 5: it was put right

# kind -> language -> damage from which it is said (or REPAIRED) -> sentences
SAID: dict[str, dict[str, dict[int, tuple[str, ...]]]] = {
    "building": {
        "en": {
            0: ("{what} at {where} looks fine from outside", "no damage to see, {what}, {where}"),
            1: ("cracks in the walls of the {what} at {where}", "windows broken, {what} near {where}", "{what} {where}: plaster fell, nothing serious"),
            2: ("part of the roof fell, {what} {where}", "{what} at {where} has big cracks, people outside", "the {what} at {where} leans and its doors do not close"),
            4: ("the {what} at {where} half collapsed", "walls are down at the {what}, {where}, not safe", "one side of the {what} came down, {where}"),
            5: ("{what} at {where} is completely destroyed", "nothing left of the {what} near {where}", "the {what} at {where} is a pile of stones"),
            REPAIRED: ("the {what} at {where} is repaired", "they finished the repair today, {what}, {where}"),
        },
        "fr": {
            0: ("rien à voir de dehors, {what}, {where}", "{what} intact[|e], {where}"),
            1: ("fissures dans les murs, {what}, {where}", "vitres cassées, {what} près de {where}", "{what}, {where} : le plâtre est tombé, rien de grave"),
            2: ("le toit est tombé en partie, {what}, {where}", "grosses fissures, {what}, {where}, les gens sont dehors", "{what} qui penche, {where}, les portes ne ferment plus"),
            4: ("{what} à moitié effondré[|e], {where}", "les murs sont tombés, {what}, {where}", "un côté s'est écroulé, {what}, {where}, dangereux"),
            5: ("{what} complètement détruit[|e], {where}", "il ne reste rien, {what} près de {where}", "{what} en ruines, {where}"),
            REPAIRED: ("{what} réparé[|e], {where}", "travaux finis aujourd'hui, {what}, {where}"),
        },
        "es": {
            0: ("por fuera se ve bien, {what}, {where}", "{what} sin daños, {where}"),
            1: ("grietas en las paredes, {what}, {where}", "ventanas rotas, {what} cerca de {where}", "{what}, {where}: se cayó el revoque, nada grave"),
            2: ("cayó parte del techo, {what}, {where}", "grietas grandes, {what}, {where}, la gente está afuera", "{what} inclinad[o|a], {where}, no cierran las puertas"),
            4: ("{what} medio derrumbad[o|a], {where}", "se cayeron los muros, {what}, {where}", "se vino abajo un lado, {what}, {where}, es peligroso"),
            5: ("{what} totalmente destruid[o|a], {where}", "no queda nada, {what} cerca de {where}", "{what} en ruinas, {where}"),
            REPAIRED: ("{what} reparad[o|a], {where}", "hoy terminaron la reparación, {what}, {where}"),
        },
        "uk": {
            0: ("зовні все ціле, {what}, {where}", "{what} без пошкоджень, {where}"),
            1: ("тріщини в стінах, {what}, {where}", "вибиті вікна, {what}, район {where}", "{what}, {where}: осипалася штукатурка, нічого страшного"),
            2: ("обвалилася частина даху, {what}, {where}", "великі тріщини, {what}, {where}, люди на вулиці", "{what} [перекосився|перекосилася], {where}, двері не зачиняються"),
            4: ("{what} наполовину [зруйнований|зруйнована], {where}", "стіни впали, {what}, {where}, небезпечно", "обвалилася одна сторона, {what}, {where}"),
            5: ("{what} повністю [знищений|знищена], {where}", "нічого не лишилося, {what}, район {where}", "{what} у руїнах, {where}"),
            REPAIRED: ("{what} [відремонтований|відремонтована], {where}", "сьогодні закінчили ремонт, {what}, {where}"),
        },
        "ar": {
            0: ("[يبدو سليما|تبدو سليمة] من الخارج، {what}، {where}", "لا أضرار، {what}، {where}"),
            1: ("تشققات في الجدران، {what}، {where}", "نوافذ مكسورة، {what} قرب {where}", "{what}، {where}: سقط الطلاء فقط، لا شيء خطير"),
            2: ("سقط جزء من السقف، {what}، {where}", "تشققات كبيرة، {what}، {where}، الناس في الخارج", "{what} [مائل|مائلة]، {where}، الأبواب لا تغلق"),
            4: ("{what} [منهار|منهارة] جزئيا، {where}", "سقطت الجدران، {what}، {where}، المكان خطر", "انهار جانب كامل، {what}، {where}"),
            5: ("{what} [مدمر|مدمرة] بالكامل، {where}", "لم يبق شيء، {what} قرب {where}", "{what} [صار|صارت] ركاما، {where}"),
            REPAIRED: ("تم إصلاح {what}، {where}", "انتهى الترميم اليوم، {what}، {where}"),
        },
        "tr": {
            0: ("dışarıdan sağlam görünüyor, {what}, {where}", "{what} hasarsız, {where}"),
            1: ("duvarlarda çatlak var, {what}, {where}", "camlar kırık, {what}, {where} yakını", "{what}, {where}: sıva döküldü, ciddi bir şey yok"),
            2: ("çatının bir kısmı düştü, {what}, {where}", "büyük çatlaklar, {what}, {where}, herkes dışarıda", "{what} yana yatmış, {where}, kapılar kapanmıyor"),
            4: ("{what} yarı yıkık, {where}", "duvarlar çöktü, {what}, {where}, tehlikeli", "bir tarafı tamamen göçtü, {what}, {where}"),
            5: ("{what} tamamen yıkıldı, {where}", "hiçbir şey kalmadı, {what}, {where} yakını", "{what} enkaz oldu, {where}"),
            REPAIRED: ("{what} onarıldı, {where}", "onarım bugün bitti, {what}, {where}"),
        },
    },
    "way": {
        "en": {
            0: ("{what} at {where} is open, cars pass", "you can pass the {what}, {where}"),
            1: ("cracks across the {what} at {where}, cars still pass", "stones on the {what}, {where}"),
            2: ("one side of the {what} sank at {where}, only small cars", "{what} {where}: go slowly, holes"),
            4: ("{what} at {where} is blocked, no trucks", "half of the {what} is gone, {where}, nobody passes"),
            5: ("the {what} at {where} is gone", "{what} near {where} fell down, find another way"),
            REPAIRED: ("{what} at {where} is open again", "cars pass again since today, {what}, {where}"),
        },
        "fr": {
            0: ("on passe, {what}, {where}", "circulation normale, {what}, {where}"),
            1: ("fissures, {what}, {where}, on passe encore", "pierres tombées, {what}, {where}"),
            2: ("un côté s'est affaissé, {what}, {where}, petites voitures seulement", "{what}, {where} : roulez doucement, il y a des trous"),
            4: ("{what} bloqué[|e], {where}, pas de camions", "la moitié est partie, {what}, {where}"),
            5: ("{what} emporté[|e], {where}", "plus de passage, {what} près de {where}, prenez un autre chemin"),
            REPAIRED: ("{what} rouvert[|e], {where}", "on repasse depuis aujourd'hui, {what}, {where}"),
        },
        "es": {
            0: ("se puede pasar, {what}, {where}", "tráfico normal, {what}, {where}"),
            1: ("grietas, {what}, {where}, todavía se pasa", "piedras caídas, {what}, {where}"),
            2: ("un lado se hundió, {what}, {where}, solo autos chicos", "{what}, {where}: despacio, hay hoyos"),
            4: ("{what} cortad[o|a], {where}, no pasan camiones", "falta la mitad, {what}, {where}"),
            5: ("{what} arrasad[o|a], {where}", "ya no hay paso, {what} cerca de {where}, busquen otro camino"),
            REPAIRED: ("{what} abiert[o|a] otra vez, {where}", "desde hoy se puede pasar, {what}, {where}"),
        },
        "uk": {
            0: ("проїзд є, {what}, {where}", "рух як завжди, {what}, {where}"),
            1: ("тріщини, {what}, {where}, ще їздять", "каміння на проїзді, {what}, {where}"),
            2: ("один бік просів, {what}, {where}, тільки легкові", "{what}, {where}: їдьте повільно, ями"),
            4: ("проїзду немає, {what}, {where}", "половини немає, {what}, {where}, вантажівки не пройдуть"),
            5: ("{what} [знищений|знищена], {where}", "нічого не лишилося, {what}, район {where}, шукайте об'їзд"),
            REPAIRED: ("проїзд відновлено, {what}, {where}", "від сьогодні знову їздять, {what}, {where}"),
        },
        "ar": {
            0: ("يمكن المرور، {what}، {where}", "الحركة عادية، {what}، {where}"),
            1: ("تشققات، {what}، {where}، السيارات تمر", "حجارة متساقطة، {what}، {where}"),
            2: ("هبط أحد الجانبين، {what}، {where}، للسيارات الصغيرة فقط", "{what}، {where}: ببطء، توجد حفر"),
            4: ("{what} [مقطوع|مقطوعة]، {where}، لا تمر الشاحنات", "انهار النصف، {what}، {where}"),
            5: ("{what} [مدمر|مدمرة] تماما، {where}", "لا عبور، {what} قرب {where}، ابحثوا عن طريق آخر"),
            REPAIRED: ("أعيد فتح {what}، {where}", "عاد المرور اليوم، {what}، {where}"),
        },
        "tr": {
            0: ("geçilebiliyor, {what}, {where}", "trafik normal, {what}, {where}"),
            1: ("çatlaklar var, {what}, {where}, hâlâ geçiliyor", "taş düşmüş, {what}, {where}"),
            2: ("bir tarafı çöktü, {what}, {where}, sadece küçük arabalar", "{what}, {where}: yavaş gidin, çukur var"),
            4: ("{what} kapalı, {where}, kamyon geçemez", "yarısı gitti, {what}, {where}"),
            5: ("{what} yok oldu, {where}", "{what} çöktü, {where} yakını, başka yol bulun"),
            REPAIRED: ("{what} yeniden açıldı, {where}", "bugünden beri yine geçiliyor, {what}, {where}"),
        },
    },
    "work": {
        "en": {
            0: ("{what} at {where} runs as always", "no fault found, {what}, {where}"),
            1: ("small damage, {what}, {where}, still runs", "fence and door bent, {what} near {where}"),
            2: ("{what} at {where} comes and goes", "{what} {where}: a few hours a day, half of us have none"),
            4: ("{what} at {where} does not work", "{what} is broken near {where}, all streets without"),
            5: ("{what} at {where} is completely destroyed", "the {what} near {where} burnt, nothing left"),
            REPAIRED: ("{what} at {where} works again", "the {what} is back since today, {where}"),
        },
        "fr": {
            0: ("{what}, {where} : ça marche comme toujours", "aucune panne, {what}, {where}"),
            1: ("petits dégâts, {what}, {where}, ça marche", "porte et clôture tordues, {what} près de {where}"),
            2: ("par moments seulement, {what}, {where}", "{what}, {where} : quelques heures par jour, la moitié du quartier n'a rien"),
            4: ("{what} hors service, {where}", "{what} cassé[|e] près de {where}, tout le quartier sans"),
            5: ("{what} complètement détruit[|e], {where}", "tout a brûlé, {what} près de {where}, il ne reste rien"),
            REPAIRED: ("ça remarche, {what}, {where}", "{what} réparé[|e] depuis aujourd'hui, {where}"),
        },
        "es": {
            0: ("funciona como siempre, {what}, {where}", "sin fallas, {what}, {where}"),
            1: ("daños leves, {what}, {where}, funciona", "puerta y cerca dobladas, {what} cerca de {where}"),
            2: ("va y viene, {what}, {where}", "{what}, {where}: pocas horas al día, medio barrio sin servicio"),
            4: ("no funciona, {what}, {where}", "{what} rot[o|a] cerca de {where}, todo el barrio sin servicio"),
            5: ("{what} totalmente destruid[o|a], {where}", "se quemó todo, {what} cerca de {where}, no queda nada"),
            REPAIRED: ("ya funciona otra vez, {what}, {where}", "{what} reparad[o|a] desde hoy, {where}"),
        },
        "uk": {
            0: ("працює як завжди, {what}, {where}", "без збоїв, {what}, {where}"),
            1: ("невелика шкода, {what}, {where}, працює", "погнуті двері та паркан, {what}, район {where}"),
            2: ("то є, то нема, {what}, {where}", "{what}, {where}: кілька годин на день, пів вулиці без нічого"),
            4: ("не працює, {what}, {where}", "{what} [зламаний|зламана], район {where}, усі без"),
            5: ("{what} повністю [знищений|знищена], {where}", "усе згоріло, {what}, район {where}, нічого не лишилося"),
            REPAIRED: ("знову працює, {what}, {where}", "{what} [відремонтований|відремонтована] від сьогодні, {where}"),
        },
        "ar": {
            0: ("[يعمل|تعمل] كالمعتاد، {what}، {where}", "لا أعطال، {what}، {where}"),
            1: ("ضرر بسيط، {what}، {where}، ما [زال يعمل|زالت تعمل]", "باب وسياج ملتويان، {what} قرب {where}"),
            2: ("انقطاع متكرر، {what}، {where}", "{what}، {where}: ساعات قليلة في اليوم، نصف الحي بدون خدمة"),
            4: ("لا [يعمل|تعمل]، {what}، {where}", "{what} [معطل|معطلة] قرب {where}، الحي كله بدون خدمة"),
            5: ("{what} [مدمر|مدمرة] بالكامل، {where}", "احترق كل شيء، {what} قرب {where}، لم يبق شيء"),
            REPAIRED: ("[عاد|عادت] إلى العمل، {what}، {where}", "تم إصلاح {what} اليوم، {where}"),
        },
        "tr": {
            0: ("her zamanki gibi çalışıyor, {what}, {where}", "arıza yok, {what}, {where}"),
            1: ("az hasar, {what}, {where}, çalışıyor", "kapısı ve çiti eğilmiş, {what}, {where} yakını"),
            2: ("bir var bir yok, {what}, {where}", "{what}, {where}: günde birkaç saat, mahallenin yarısında yok"),
            4: ("çalışmıyor, {what}, {where}", "{what} bozuk, {where} yakını, bütün mahallede yok"),
            5: ("{what} tamamen yıkıldı, {where}", "her şey yandı, {what}, {where} yakını, hiçbir şey kalmadı"),
            REPAIRED: ("yine çalışıyor, {what}, {where}", "{what} bugün onarıldı, {where}"),
        },
    },
}  # fmt: skip
