//! Names in many scripts.

use super::dice::Dice;

/// The script that an artist writes names in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    English,
    Diacritics,
    Japanese,
    Korean,
    Cyrillic,
    Arabic,
    Hebrew,
    Hindi,
    Greek,
    Emoji,
}

/// Scripts and how many of a hundred artists write in them.
const SCRIPTS: [(Script, u64); 10] = [
    (Script::English, 54),
    (Script::Diacritics, 20),
    (Script::Japanese, 6),
    (Script::Korean, 4),
    (Script::Cyrillic, 4),
    (Script::Arabic, 3),
    (Script::Hebrew, 2),
    (Script::Hindi, 2),
    (Script::Greek, 2),
    (Script::Emoji, 3),
];

#[rustfmt::skip]
const GIVEN: [&str; 40] = [
    "Mara", "Jonah", "Ines", "Tyler", "Selah", "Otis", "Nadia", "Femi", "Clara", "Dexter", "Yuki", "Rosa", "Milo",
    "Aisha", "Leif", "Priya", "Cole", "Zadie", "Emil", "Noor", "Kendra", "Hugo", "Thea", "Marcus", "Lola", "Idris",
    "Wren", "Sasha", "Theo", "Bianca", "Kofi", "Juno", "Rafael", "Opal", "Desmond", "Frida", "Lil Ash", "DJ Orbit",
    "MC Vance", "Young Halo",
];

#[rustfmt::skip]
const FAMILY: [&str; 40] = [
    "Whitlock", "Okafor", "Reyes", "Lindqvist", "Marlowe", "Tanaka", "Castellan", "Byrne", "Adeyemi", "Novak",
    "Hartley", "Sorel", "Kingsley", "Duarte", "Vance", "Moreau", "Ashdown", "Petrov", "Calloway", "Rahman", "Stone",
    "Ferreira", "Bright", "Larkin", "Osei", "Winter", "Mendes", "Hale", "Quill", "Rossi", "Fontaine", "Blackwood",
    "Ito", "Sandoval", "Greer", "Amari", "Holloway", "Kane", "Voss", "Delgado",
];

#[rustfmt::skip]
const ENGLISH: [&str; 64] = [
    "Midnight", "Glass", "Neon", "Paper", "River", "Ghost", "Summer", "Golden", "Static", "Velvet", "Ocean", "Fever",
    "Mirror", "Shadow", "Satellite", "Honey", "Winter", "Echo", "Wild", "Silver", "Heart", "Lights", "Love", "City",
    "Dreams", "Fire", "Night", "Runaway", "Gravity", "Daylight", "Strangers", "Wolves", "Kids", "Garden", "Machine",
    "Holiday", "Avenue", "Thunder", "Parade", "Motel", "Signals", "Orchard", "Riot", "Lovers", "Cathedral", "Tides",
    "Arcade", "Bloom", "Canyon", "Diamond", "Engine", "Feather", "Horizon", "Island", "Jungle", "Kingdom", "Lantern",
    "Monsoon", "Nowhere", "Palace", "Rocket", "Saturn", "Tiger", "Voices",
];

#[rustfmt::skip]
const DIACRITICS: [&str; 40] = [
    "Corazón", "Niño", "Sueños", "Mañana", "Canción", "Été", "Naïve", "Forêt", "L'Étoile", "Déjà", "Über", "Mädchen",
    "Träume", "Größe", "Świt", "Łódź", "Gwiazda", "Żar", "Çiçek", "Gökyüzü", "Aşk", "Şehir", "Saudade", "Coração",
    "Manhã", "São", "Ngày", "Người", "Tình", "Señal", "Björk", "Sjö", "Ångström", "Fjörður", "Příběh", "Tři",
    "Őszi", "Žena", "Ștefan", "D'Amélie",
];

#[rustfmt::skip]
const JAPANESE: [&str; 28] = [
    "夜", "花火", "東京", "雨", "さくら", "海", "星空", "夢", "カゼ", "ひかり", "恋", "世界", "ドライブ", "月", "夏",
    "僕ら", "未来", "雪", "少女", "青", "ネオン", "ありがとう", "別れ", "朝焼け", "電車", "メロディー", "うた", "旅人",
];

#[rustfmt::skip]
const KOREAN: [&str; 20] = [
    "사랑", "밤", "별", "서울", "봄날", "하루", "너와", "바다", "꿈", "그대", "비", "여름", "노래", "소년", "달빛", "안녕",
    "기억", "거리", "눈물", "우리",
];

#[rustfmt::skip]
const CYRILLIC: [&str; 24] = [
    "Ночь", "Город", "Любовь", "Зима", "Дождь", "Звезда", "Море", "Сны", "Дорога", "Весна", "Огонь", "Тишина", "Ветер",
    "Лето", "Мечта", "Кіно", "Їжак", "Сонце", "Љубав", "Песня", "Дом", "Утро", "Снег", "Птицы",
];

#[rustfmt::skip]
const ARABIC: [&str; 20] = [
    "حبيبي", "ليل", "قلب", "قمر", "بحر", "يا", "نور", "شمس", "حب", "عيون", "روح", "مدينة", "ورد", "سلام", "صحراء", "غناء",
    "دنيا", "حلم", "وطن", "فرح",
];

#[rustfmt::skip]
const HEBREW: [&str; 18] = [
    "לילה", "אהבה", "ים", "לב", "שמש", "ירושלים", "חלום", "אור", "שיר", "בית", "רוח", "כוכב", "גשם", "דרך", "מדבר", "אתה",
    "שלום", "בוקר",
];

#[rustfmt::skip]
const HINDI: [&str; 16] = [
    "प्यार", "दिल", "रात", "चाँद", "सपना", "बारिश", "ज़िंदगी", "आसमान", "तेरा", "गीत", "नैना", "सागर", "धूप", "यादें", "मन", "रंग",
];

#[rustfmt::skip]
const GREEK: [&str; 16] = [
    "Νύχτα", "Αγάπη", "Θάλασσα", "Ήλιος", "Καρδιά", "Φεγγάρι", "Όνειρο", "Δρόμος", "Βροχή", "Καλοκαίρι", "Ψυχή",
    "Τραγούδι", "Φως", "Άνεμος", "Σπίτι", "Αστέρι",
];

#[rustfmt::skip]
const EMOJI: [&str; 16] = [
    "🔥", "💔", "🌙", "✨", "🖤", "👻", "🌊", "🦋", "👩‍🚀", "🌈", "🍒", "⚡️", "🥀", "🏝️", "🇧🇷", "🫶🏽",
];

#[rustfmt::skip]
const HOUSES: [&str; 48] = [
    "Universal Harbor", "Sonar Music", "Wharton Records", "Atlantis", "Republic of Sound", "Columbine", "Interline",
    "Polyphon", "Epicentre", "Ninja Tone", "Sub Popular", "Domino Effect", "Warpfield", "Partisan Press", "4AM",
    "Secretly Nordic", "Matadora", "XO Tapes", "Rough Cut", "Mad Delight", "Brainfood", "Ghostly Intl.", "Anjuna Deep",
    "Monstercall", "Spinner Records", "Armadillo", "Toolbox", "Defected Parts", "Kompass", "Ostgut Nord", "Giegling",
    "Avex Hikari", "Lantis Blue", "Hangang Labels", "Rimas del Sur", "Discos Brava", "Som Maré", "Tarang Séries",
    "Geet Ghar", "Мелодия Плюс", "Layali Records", "הד צפון", "Edition Elbklang", "Harmonia Nova", "Fjord Editions",
    "Blue Notebook", "Nuclear Fallout", "Century Metal",
];

impl Script {
    pub(crate) fn of_artist(dice: &mut Dice) -> Self {
        let mut left = dice.below(100);
        for (script, share) in SCRIPTS {
            match left.checked_sub(share) {
                Some(rest) => left = rest,
                None => return script,
            }
        }
        Script::English
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Script::English | Script::Emoji => &ENGLISH,
            Script::Diacritics => &DIACRITICS,
            Script::Japanese => &JAPANESE,
            Script::Korean => &KOREAN,
            Script::Cyrillic => &CYRILLIC,
            Script::Arabic => &ARABIC,
            Script::Hebrew => &HEBREW,
            Script::Hindi => &HINDI,
            Script::Greek => &GREEK,
        }
    }
}

/// The name of an artist.
pub(crate) fn artist(script: Script, dice: &mut Dice) -> String {
    match (script, dice.below(10)) {
        (Script::English | Script::Diacritics, 0..5) => {
            format!("{} {}", dice.pick(&GIVEN), dice.pick(&FAMILY))
        }
        (Script::English, 5..7) => format!("The {} {}", dice.pick(&ENGLISH), dice.pick(&ENGLISH)),
        (Script::English, 7) => dice.pick(&ENGLISH).to_uppercase(),
        (Script::Emoji, _) => format!("{} {}", dice.pick(&ENGLISH), dice.pick(&EMOJI)),
        (script, _) => words(script, dice),
    }
}

/// The title of an album or track.
pub(crate) fn title(script: Script, dice: &mut Dice) -> String {
    // Artists of every script give some titles in English.
    let script = if dice.chance(0.2) { Script::English } else { script };
    let title = match dice.below(10) {
        0..4 => dice.pick(script.words()).to_owned(),
        _ => words(script, dice),
    };
    match (script, dice.below(24)) {
        (Script::Emoji, 0..12) => format!("{title} {}", dice.pick(&EMOJI)),
        (_, 12) => format!("{title} (Remix)"),
        (_, 13) => format!("{title} - Live"),
        (_, 14) => format!("{title}?"),
        (_, 15) => format!("\"{title}\""),
        _ => title,
    }
}

/// The name of a record label, heavy-tailed.
pub(crate) fn label(dice: &mut Dice) -> String {
    HOUSES
        .get(dice.rank(HOUSES.len() as u64, 1.5) as usize)
        .copied()
        .unwrap_or("Independent")
        .to_owned()
}

fn words(script: Script, dice: &mut Dice) -> String {
    let joint = if script == Script::Japanese { "" } else { " " };
    format!(
        "{}{joint}{}",
        dice.pick(script.words()),
        dice.pick(script.words())
    )
}
