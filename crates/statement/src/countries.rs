//! The codes of states: three letters in seals, two in certificates.

/// Three letters and two of each state.
///
/// Source: ISO 3166-1.
const STATES: &str = "\
    ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ \
    BDIBI BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB \
    BRNBN BTNBT BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM \
    CPVCV CRICR CUBCU CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER \
    ESHEH ESPES ESTEE ETHET FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN \
    GLPGP GMBGM GNBGW GNQGQ GRCGR GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU \
    IDNID IMNIM INDIN IOTIO IRLIE IRNIR IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG \
    KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO \
    MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR \
    MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR \
    NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA \
    REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM \
    SRBRS SSDSS STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG THATH TJKTJ TKLTK \
    TKMTM TLSTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY USAUS UZBUZ VATVA VCTVC \
    VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS YEMYE ZAFZA ZMBZM ZWEZW";

/// Germany, the European Union and the United Nations, which travel documents name otherwise.
///
/// Source: ICAO Doc 9303, part 3, section 5.
const OF_TRAVEL_DOCUMENTS: [(&str, [u8; 2]); 3] = [("D", *b"DE"), ("EUE", *b"EU"), ("UNO", *b"UN")];

/// The two letters of the state that a travel document names by these letters.
pub(crate) fn of_travel_document(letters: &str) -> Option<[u8; 2]> {
    let special = OF_TRAVEL_DOCUMENTS.iter().find(|(own, _)| *own == letters).map(|(_, code)| *code);
    let mut states = STATES.split(' ').filter_map(|state| state.split_at_checked(3));
    special.or_else(|| states.find(|(own, _)| *own == letters)?.1.as_bytes().try_into().ok())
}

/// The two letters of a country that is written with these; a country has one code, and two have one in use beside it.
///
/// Source: the interinstitutional style guide of the EU, which writes Greece `EL` and the United Kingdom `UK`.
pub(crate) fn of_code(letters: &[u8]) -> Option<[u8; 2]> {
    let letters: [u8; 2] = letters.try_into().ok()?;
    let code = letters.map(|letter| letter.to_ascii_uppercase());
    letters.iter().all(u8::is_ascii_alphabetic).then_some(match &code {
        b"EL" => *b"GR",
        b"UK" => *b"GB",
        _ => code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_one_code() {
        for (letters, code) in [
            ("EL", Some(*b"GR")),
            ("GR", Some(*b"GR")),
            ("uk", Some(*b"GB")),
            ("GB", Some(*b"GB")),
            ("at", Some(*b"AT")),
            ("", None),
            ("A", None),
            ("A1", None),
            ("AUT", None),
            ("\u{fc}", None),
        ] {
            assert_eq!(of_code(letters.as_bytes()), code, "{letters}");
        }
    }

    #[test]
    fn states_have_three_letters_and_two() {
        for (letters, code) in [
            ("AUS", Some(*b"AU")),
            ("AUT", Some(*b"AT")),
            ("CHN", Some(*b"CN")),
            ("CHE", Some(*b"CH")),
            ("ABW", Some(*b"AW")),
            ("ZWE", Some(*b"ZW")),
            ("D", Some(*b"DE")),
            ("DEU", Some(*b"DE")),
            ("UTO", None),
            ("", None),
            ("AU", None),
            ("aus", None),
            ("AUSAU", None),
        ] {
            assert_eq!(of_travel_document(letters), code, "{letters}");
        }
        assert!(STATES.split(' ').all(|state| state.len() == 5 && state.bytes().all(|byte| byte.is_ascii_uppercase())));
        assert_eq!(STATES.split(' ').count(), 249);
    }
}
