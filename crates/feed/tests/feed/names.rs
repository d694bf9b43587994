//! How the feed names places: municipalities three ways, zones, the Corps, carve-outs, and spellings that change.

#[cfg(test)]
mod test {
    use yima_feed::atlas::{Atlas, Fit};
    use yima_feed::text::plain;
    use yima_model::DivisionTree;

    use super::super::support::test::{named, reader};

    #[test]
    fn a_place_is_found_below_the_nearest_listed_area() {
        let atlas = Atlas::of(&DivisionTree::built_in());
        let check = |text: &str, area: &str, fit: Fit, rest: &str| {
            let named = named(text);
            let location = atlas.locate(&named, &plain(&named.place)).unwrap();
            assert_eq!(
                (location.area.to_string().as_str(), location.fit, location.rest.as_str()),
                (area, fit, rest),
                "{text}"
            );
        };
        // Beijing names a district in the place of the city, and a street in that of the county.
        check("北京市 朝阳区 酒仙桥街道 二街坊", "110105011", Fit::County, "二街坊");
        check("北京市 朝阳区 十八里店（地区）乡 吕家营村", "110105028", Fit::County, "吕家营村");
        check("北京市 经济开发区 亦庄（地区）镇 林肯公园", "110115004", Fit::County, "林肯公园");
        // Shanghai and Chongqing name themselves twice, Tianjin too, and shortens its streets.
        check("上海市 上海市 静安区 共和新路街道柳营路588弄", "310106018", Fit::County, "柳营路588弄");
        check("天津市 天津市 东丽区 万新街蔚秀花园9号楼", "120110003", Fit::County, "蔚秀花园9号楼");
        check("重庆市 重庆市 秀山土家族苗族自治县 中和街道", "500241001", Fit::County, "");
        check("重庆市 市辖区 渝中区 大坪街道全域", "500103012", Fit::County, "");
        // Counties without a city above them, and cities without counties.
        check("海南省 省直辖县级行政单位 万宁市 后安镇", "469006103", Fit::County, "");
        check("广东省 东莞市 东坑镇 角社村", "441900109", Fit::County, "角社村");
        // Zones by their short names, where the tree has them under the long ones.
        check("河南省 郑州市 航空港区 锦绣枣园小区", "410173", Fit::County, "锦绣枣园小区");
        check("吉林省 长春市 净月区 中信城", "220172", Fit::County, "中信城");
        check("吉林省 长春市 汽车经济技术开发区 一号院", "220174", Fit::County, "一号院");
        check("湖北省 武汉市 经开区（汉南区） 金色港湾", "420113", Fit::County, "金色港湾");
        // Zones that it has not: by the only town of that name in the city, or as places below the city.
        check("四川省 成都市 天府新区 万安街道麓镇", "510116018", Fit::County, "麓镇");
        check("陕西省 西安市 曲江新区 中海观园", "6101", Fit::City, "曲江新区中海观园");
        check("重庆市 重庆市 两江新区 天山大道西段8号", "50", Fit::City, "两江新区天山大道西段8号");
        check("新疆生产建设兵团 新疆生产建设兵团 新疆生产建设兵团 第六师芳草湖农场", "6606", Fit::City, "芳草湖农场");
        check("吉林省 长白山保护开发区 池北区 二道白河", "22", Fit::Province, "长白山保护开发区池北区二道白河");
        // The names above are often repeated in the place.
        check("河北省 石家庄市 桥西区 石家庄市桥西区", "130104", Fit::County, "");
        check("辽宁省 沈阳市 辽中区 茨榆坨街道", "210115003", Fit::County, "");
        // An address in a street is not the town that has its name.
        check("天津市 天津市 和平区 劝业场街12号", "120101", Fit::County, "劝业场街12号");
        assert_eq!(atlas.locate(&named("乌有省 乌有市 乌有县 小区"), "小区"), None);
    }

    #[test]
    fn other_spellings_of_a_place_are_the_same_area() {
        let mut reader = reader();
        let mut areas = |text: &str| reader.read(&named(text)).set.unwrap();
        let mut check = |one: &str, other: &str| assert_eq!(areas(one), areas(other), "{one}\n{other}");
        check(
            "上海市 上海市 静安区 共和新路街道柳营路（北侧）1059号—1069号",
            "上海市 上海市 静安区 共和新路街道柳营路(北侧)1059号-1069号",
        );
        check("山东省 济南市 历下区 文东街道 A小区３＃楼", "山东省 济南市 历下区 文东街道A小区3号楼。");
        check("天津市 天津市 东丽区 万新街蔚秀花园9号楼", "天津市 天津市 东丽区 天津市东丽区万新街道蔚秀花园9号楼");
        check("江西省 南昌市 西湖区 小区（除6号楼）", "江西省 南昌市 西湖区 小区（不含6号楼）");
        check("海南省 儋州市 市辖区 那大镇：静园小区", "海南省 儋州市 市辖区 那大镇静园小区");
    }

    #[test]
    fn a_carve_out_is_an_include_set_minus_an_exclude_set() {
        let mut reader = reader();
        let building = reader.read(&named("江西省 南昌市 西湖区 嘉园6号楼")).set.unwrap();
        let building = reader.areas(building).unwrap().clone();
        let compound = reader.read(&named("江西省 南昌市 西湖区 嘉园（除6号楼、8号楼外）")).set.unwrap();
        let compound = reader.areas(compound).unwrap().clone();
        let whole = reader.read(&named("江西省 南昌市 西湖区 嘉园")).set.unwrap();
        assert_eq!(compound.include, reader.areas(whole).unwrap().include);
        assert_eq!(compound.exclude.len(), 2);
        assert!(compound.exclude.contains(&building.include[0]), "the building is the same area listed or left out");
        assert!(compound.contains(compound.include[0]) && !compound.contains(building.include[0]));
    }
}
