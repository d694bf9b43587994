//! Every data element: its name, its form, and what becomes of it here.

use yima_model::fact::Answer;
use yima_model::{DocumentKind, Level};

use crate::code::{CodeList, Coded as _, HighRiskStay, Indicator, Origin, Sex, SymptomCode};

/// What may stand in an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text on one line of so many characters at most.
    Text(usize),
    /// One code of a list.
    Code(CodeList),
    /// A list of codes.
    Codes(CodeList),
    /// A grade, also one that the list does not have.
    Grade,
    /// A code of GB/T 2260, or one below it.
    Area,
    /// A list of such codes.
    Areas,
    /// Three letters of GB/T 2659.
    State,
    /// `2020-12-14 08:00:00`.
    Moment,
    /// `2020-12-14`.
    Day,
    /// `true` or `false`.
    Flag,
    /// A number with one decimal at most.
    Temperature,
    /// 32 hexadecimal digits.
    Id,
    /// A list of such ids.
    Ids,
    /// A list of names of elements.
    Elements,
    /// What no message carries has no form here.
    None,
}

impl Form {
    /// As docs/GBT.md writes it.
    pub fn describe(self) -> String {
        match self {
            Self::Text(max) => format!("text {max}"),
            Self::Code(list) => format!("code {}", list.name),
            Self::Codes(list) => format!("codes {}", list.name),
            Self::Grade => "grade".to_owned(),
            Self::Area => "area".to_owned(),
            Self::Areas => "areas".to_owned(),
            Self::State => "state".to_owned(),
            Self::Moment => "instant".to_owned(),
            Self::Day => "day".to_owned(),
            Self::Flag => "flag".to_owned(),
            Self::Temperature => "temperature".to_owned(),
            Self::Id => "id".to_owned(),
            Self::Ids => "ids".to_owned(),
            Self::Elements => "elements".to_owned(),
            Self::None => "–".to_owned(),
        }
    }
}

/// What becomes of an element that comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intake {
    /// It becomes part of a fact.
    Kept,
    /// It finds or compares, and is kept nowhere.
    Used,
    /// It is read, held to its form, and not kept; the answer names it.
    Unkept,
    /// No interface takes it.
    Refused,
}

impl Intake {
    /// As docs/GBT.md writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Used => "used",
            Self::Unkept => "unkept",
            Self::Refused => "refused",
        }
    }
}

/// Whether an answer gives an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Some answer does.
    Given,
    /// None does.
    Withheld,
}

impl Output {
    /// As docs/GBT.md writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Withheld => "withheld",
        }
    }
}

macro_rules! elements {
    ($($variant:ident = $name:literal, $chinese:literal, $form:expr, $intake:ident, $output:ident;)+) => {
        /// A data element.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Element {
            $(#[doc = concat!($chinese, ", `", $name, "`.")] $variant,)+
        }

        impl Element {
            /// Every element, in the order of docs/GBT.md.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The name in the standard's family of interfaces.
            pub const fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $chinese,)+ }
            }

            /// What may stand in it.
            pub const fn form(self) -> Form {
                match self { $(Self::$variant => $form,)+ }
            }

            /// What becomes of it when it comes in.
            pub const fn intake(self) -> Intake {
                match self { $(Self::$variant => Intake::$intake,)+ }
            }

            /// Whether it goes out.
            pub const fn output(self) -> Output {
                match self { $(Self::$variant => Output::$output,)+ }
            }
        }
    };
}

elements! {
    Name = "name", "姓名", Form::Text(50), Used, Withheld;
    Gender = "gender", "性别", Form::Code(Sex::LIST), Unkept, Withheld;
    Nationality = "nationality", "国籍/地区", Form::State, Used, Withheld;
    DocumentType = "cid_type", "证件类型", Form::Code(DocumentKind::LIST), Used, Withheld;
    DocumentNumber = "cid", "证件号码", Form::Text(60), Used, Withheld;
    Household = "household_code", "户籍区划", Form::Area, Unkept, Withheld;
    LivingProvince = "living_province_code", "居住地（省）", Form::Area, Unkept, Withheld;
    LivingCity = "living_city_code", "居住地（市）", Form::Area, Unkept, Withheld;
    LivingCounty = "living_county_code", "居住地（县）", Form::Area, Unkept, Withheld;
    LivingDetail = "living_detail_address", "居住地（详址）", Form::Text(200), Unkept, Withheld;
    LivingRisk = "living_risk_level", "居住地风险等级", Form::Code(Level::LIST), Unkept, Withheld;
    Housing = "housing_type", "住所类型", Form::Text(8), Unkept, Withheld;
    Phone = "phone", "联系电话", Form::Text(20), Unkept, Withheld;
    History = "medical_history", "基础病史", Form::Text(200), Unkept, Withheld;
    Temperature = "temperature", "体温", Form::Temperature, Kept, Withheld;
    Symptoms = "current_symptom", "当前症状", Form::Codes(SymptomCode::LIST), Kept, Withheld;
    Status = "current_status", "当前状态", Form::Text(8), Unkept, Withheld;
    HighRiskStay = "is_epidemic_area_risk", "高风险地区旅居（是否）", Form::Code(HighRiskStay::LIST), Unkept, Withheld;
    HighRiskAreas = "high_risk_area", "高风险地区旅居", Form::Areas, Unkept, Withheld;
    HighestRisk = "highest_risk_level", "最高风险等级", Form::Code(Level::LIST), Unkept, Withheld;
    Overseas = "is_visited_overseas", "境外旅居", Form::Code(Indicator::LIST), Unkept, Withheld;
    Contact = "is_contact_patient", "接触史", Form::Code(Answer::LIST), Kept, Withheld;
    Isolation = "is_isolation", "隔离状态", Form::Code(Indicator::LIST), Unkept, Withheld;
    ProxyDocumentType = "apply_cid_type", "代申报人证件类型", Form::Code(DocumentKind::LIST), Unkept, Withheld;
    ProxyDocumentNumber = "apply_cid", "代申报人证件号码", Form::Text(60), Unkept, Withheld;
    ReportDate = "report_date", "申报时间", Form::Moment, Unkept, Given;
    ReportValidDate = "report_valid_date", "申报有效期", Form::Moment, Refused, Given;
    ReportExpired = "report_expired", "申报过期", Form::Flag, Refused, Given;
    ReportedIn24Hours = "is_reported_in_24hours", "24 h 内已打卡", Form::Flag, Refused, Given;
    Grade = "risk_assessment_grade", "健康码风险等级", Form::Grade, Unkept, Given;
    Reason = "reason", "等级原因", Form::Text(500), Refused, Given;
    Guide = "guide", "引导建议", Form::Text(500), Refused, Given;
    RuleNumber = "rule_number", "规则编号", Form::Text(64), Refused, Given;
    CodeContent = "code_content", "码串", Form::Text(600), Used, Given;
    CodeExpireTime = "code_expire_time", "码失效时间", Form::Moment, Refused, Given;
    CodeExpired = "qrcode_expired", "码过期", Form::Flag, Refused, Given;
    CertificateToken = "certificate_token", "凭证令牌", Form::None, Refused, Withheld;
    DataSource = "data_source", "数据来源", Form::Code(Origin::LIST), Unkept, Given;
    AuthField = "auth_field", "授权字段", Form::Elements, Refused, Given;
    SamplingTime = "hscysj", "核酸采样时间", Form::Moment, Unkept, Withheld;
    TestTime = "hsjcsj", "核酸检测时间", Form::Moment, Unkept, Withheld;
    TestResult = "hsjcjg", "核酸检测结果", Form::Text(8), Unkept, Withheld;
    TestSite = "hsjcjgmc", "核酸检测机构", Form::Text(100), Unkept, Withheld;
    Antibody = "ktjcjg", "抗体", Form::Text(8), Unkept, Withheld;
    Doses = "infoxq_num", "疫苗", Form::Text(8), Unkept, Withheld;
    Entry = "isrjry", "入境记录", Form::Code(Indicator::LIST), Unkept, Withheld;
    Track = "xcgj_all_list", "行程轨迹", Form::None, Refused, Withheld;
    Warning = "has_warm", "异常提示", Form::None, Refused, Withheld;
    ProvincialReports = "healthy_report", "省级报告列表", Form::None, Refused, Withheld;
    Place = "place_name", "场所", Form::None, Refused, Withheld;
    Consent = "consent", "本人同意", Form::Flag, Used, Withheld;
    TripArea = "area_code", "行程地区", Form::Area, Kept, Withheld;
    TripFirstDay = "first_day", "行程首日", Form::Day, Kept, Withheld;
    TripLastDay = "last_day", "行程末日", Form::Day, Kept, Withheld;
    Serial = "biz_serial", "业务流水号", Form::Id, Used, Given;
    SerialExpireTime = "biz_expire_time", "流水号失效时间", Form::Moment, Refused, Given;
    Record = "record_id", "纠错记录", Form::Id, Kept, Given;
    Records = "record_ids", "可纠错记录", Form::Ids, Refused, Given;
    Deadline = "deadline", "答复时限", Form::Moment, Refused, Given;
    Unkept = "not_kept", "未采用字段", Form::Elements, Refused, Given;
    Recognised = "recognised", "互认结果", Form::Text(8), Refused, Given;
}

impl Element {
    /// The element of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|element| element.name() == name)
    }
}
