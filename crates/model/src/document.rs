//! Identity documents.

/// 证件类型, with the codes of the national health code family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// 10 居民身份证, and the residence permits that share its number scheme.
    ResidentId,
    /// 14 港澳居民来往内地通行证.
    HongKongMacauPermit,
    /// 15 台湾居民来往大陆通行证.
    TaiwanPermit,
    /// 16 一次性台湾居民来往大陆通行证.
    TaiwanSingleTripPermit,
    /// 20 护照.
    Passport,
    /// 34 外国人永久居留证.
    PermanentResidentCard,
    /// 99 其他.
    Other,
}
