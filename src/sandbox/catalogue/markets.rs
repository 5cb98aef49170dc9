//! The sets of markets that albums and tracks are available in, rendered once.

use serde_json::value::RawValue;

/// All markets, as full worldwide releases list them.
const ALL: &str = "AR AU AT BE BO BR BG CA CL CO CR CY CZ DK DO DE EC EE SV FI FR GR GT HN HK HU IS IE IT LV LT LU \
    MY MT MX NL NZ NI NO PA PY PE PH PL PT SG SK ES SE CH TW TR UY US GB AD LI MC ID JP TH VN RO IL ZA SA AE BH QA \
    OM KW EG MA DZ TN LB JO PS IN BY KZ MD UA AL BA HR ME MK RS SI KR BD PK LK GH KE NG TZ UG AG AM BS BB BZ BT BW \
    BF CV CW DM FJ GM GE GD GW GY HT JM KI LS LR MW MV ML MH FM NA NR NE PW PG PR WS SM ST SN SC SL SB KN LC VC SR \
    TL TO TT TV VU AZ BN BI KH CM TD KM GQ SZ GA GN KG LA MO MR MN NP RW TG UZ ZW BJ MG MU MZ AO CI DJ ZM CD CG IQ \
    LY TJ VE ET XK";

/// What the other sets leave out of `ALL` (`-`) or consist of (`=`).
const OTHERS: [&str; 13] = [
    "-BY",
    "-US PR",
    "-US CA PR",
    "-JP",
    "-IN BD LK NP PK BT MV",
    "-CU KR JP TW HK MO",
    "-DE AT CH LI",
    "=AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK SM AD",
    "=US CA",
    "=JP",
    "=AR BO BR CL CO CR DO EC SV GT HN MX NI PA PY PE UY VE PR US",
    "=AE BH DZ EG IQ JO KW LB LY MA OM PS QA SA TN",
    "=KR JP TW HK MO SG MY TH ID PH VN",
];

/// The distinct sets, each as the JSON text of its array.
#[derive(Debug)]
pub(crate) struct MarketSets {
    sets: Vec<(Vec<&'static str>, Box<RawValue>)>,
    none: Box<RawValue>,
}

impl MarketSets {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let mut sets = vec![rendered(ALL.split_whitespace().collect())?];
        for set in OTHERS {
            let codes: Vec<&str> = set.trim_start_matches(['-', '=']).split_whitespace().collect();
            sets.push(match set.starts_with('=') {
                true => rendered(codes)?,
                false => rendered(
                    ALL.split_whitespace()
                        .filter(|code| !codes.contains(code))
                        .collect(),
                )?,
            });
        }
        Ok(Self {
            sets,
            none: RawValue::from_string("[]".to_owned())?,
        })
    }

    /// Worldwide for most numbers, else one of the other sets.
    pub(crate) fn choose(number: u64) -> usize {
        match number % 100 {
            0..60 => 0,
            other => 1 + other as usize % OTHERS.len(),
        }
    }

    pub(crate) fn json(&self, set: usize) -> &RawValue {
        self.sets.get(set).map_or(&self.none, |(_, json)| json)
    }

    pub(crate) fn contains(&self, set: usize, market: &str) -> bool {
        self.sets
            .get(set)
            .is_some_and(|(codes, _)| codes.contains(&market))
    }

    /// Whether Spotify has launched there.
    pub(crate) fn knows(&self, market: &str) -> bool {
        self.contains(0, market)
    }
}

fn rendered(mut codes: Vec<&'static str>) -> anyhow::Result<(Vec<&'static str>, Box<RawValue>)> {
    codes.sort_unstable();
    let json = serde_json::value::to_raw_value(&codes)?;
    Ok((codes, json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worldwide_release_has_about_185_distinct_markets() {
        let sets = MarketSets::new().unwrap();
        let mut codes: Vec<String> = serde_json::from_str(sets.json(0).get()).unwrap();
        let listed = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), listed);
        assert!((183..=185).contains(&listed), "{listed} markets");
        assert!(!sets.contains(1, "BY") && sets.contains(1, "DE"));
    }
}
