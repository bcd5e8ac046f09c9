"""What measures of tables and of exports are, in words: which definition made a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

__all__ = ["BUILDERS", "BUILT", "MEASURES", "PARAMETERS", "VALUES"]

Pair: TypeAlias = tuple[str, str]
"""English, Chinese."""

_WWYZ_A = ("Wang, Wei, Yu and Zhu 2017a", "Wang等，2017a")
_WWYZ_B = ("Wang, Wei, Yu and Zhu 2017b", "Wang等，2017b")

#: measure, or measure:word of the parameter ``definition`` → what it is
MEASURES: Mapping[str, Pair] = {
    "accounts": ("accounts of the table", "投入产出表核算项"),
    "production": (f"participation based on production ({_WWYZ_A[0]})",
                   f"基于生产分解的参与度（{_WWYZ_A[1]}）"),
    "lengths": (f"production length ({_WWYZ_B[0]})", f"生产长度（{_WWYZ_B[1]}）"),
    "position:wwyz": (
        "position by Wang, Wei, Yu and Zhu (2017b), forward over backward length of GVC production",
        "Wang等（2017b）的地位指数，GVC生产的前向长度与后向长度之比"),
    "position:koopman": (
        "position by Koopman, Powers, Wang and Wei (2010), ln(1 + IV/E) − ln(1 + FV/E)",
        "Koopman等（2010）的地位指数，ln(1 + IV/E) − ln(1 + FV/E)"),
    "position:ou-id": (
        "position, output upstreamness over input downstreamness (Ghosh over Leontief)",
        "产出上游度与投入下游度之比（Ghosh与Leontief逆矩阵）"),
    "position:u-d": (
        "position, upstreamness less downstreamness (Antràs and Chor 2018)",
        "上游度减下游度（Antràs和Chor，2018）"),
    "participation:production": (
        (f"GVC participation based on production ({_WWYZ_A[0]}): GVC parts of value added and "
         "final output over their totals"),
        f"基于生产的GVC参与度（{_WWYZ_A[1]}）：增加值与最终产出中GVC部分占总额之比"),
    "participation:trade": (
        ("GVC participation based on trade (Borin and Mancini 2019): exports that cross two "
         "borders or more over gross exports, (E − DAVAX)/E"),
        ("基于贸易的GVC参与度（Borin和Mancini，2019）：至少两次跨境的出口占总出口之比，"
         "(E − DAVAX)/E")),
    "participation:tripartite": (
        ("GVC participation based on trade in three parts (Borin, Mancini and Taglioni 2021): pure "
        "forward, pure backward and two-sided over gross exports"),
        "基于贸易的三分GVC参与度（Borin、Mancini和Taglioni，2021）：纯前向、纯后向与双向部分占总出口之比"),
    "participation:koopman": (
        "GVC participation, IV/E + FV/E (Koopman, Powers, Wang and Wei 2010)",
        "GVC参与度，IV/E + FV/E（Koopman等，2010）"),
    "participation:output_cells": (
        ("GVC participation based on output: parts of gross output that cross two borders or more "
        "over gross output"),
        "基于产出的GVC参与度：至少两次跨境的部分占总产出之比"),
    "digital-inputs": ("inputs from the sectors named", "来自所列部门的投入"),
    "digital-placebo": ("inputs from random sets of sectors", "来自随机部门组合的投入"),
    "digital-linkages": ("linkages with the sectors named", "与所列部门的关联"),
    "digital-value-origin": ("digital value added by country of origin", "按来源国的数字增加值"),
    "supplier-use": ("share of a supplier sector in all inputs", "某供给部门占全部投入之比"),
    "upstreamness": ("upstreamness and downstreamness (Antràs and Chor 2018)",
                     "上游度与下游度（Antràs和Chor，2018）"),
    "border-crossings": (f"border crossings ({_WWYZ_B[0]})", f"跨境次数（{_WWYZ_B[1]}）"),
    "apl": ("average propagation length (Dietzenbacher, Romero and Bosma 2005)",
            "平均传播长度（Dietzenbacher、Romero和Bosma，2005）"),
    "final-shares": ("value added in final output by origin (Timmer et al. 2014)",
                     "最终产出中按来源的增加值（Timmer等，2014）"),
    "kww": ("gross exports in nine terms (Koopman, Wang and Wei 2014)",
            "总出口九项分解（Koopman、Wang和Wei，2014）"),
    "wwz": ("gross exports in sixteen terms (Wang, Wei and Zhu 2013)",
            "总出口十六项分解（Wang、Wei和Zhu，2013）"),
    "borin-mancini": ("value added and double counting (Borin and Mancini 2019)",
                      "增加值与重复计算（Borin和Mancini，2019）"),
    "extraction": ("value added by hypothetical extraction (Los, Timmer and de Vries 2016)",
                   "假设抽取法增加值（Los、Timmer和de Vries，2016）"),
    "miroudot-ye": ("value added and double counting by extraction (Miroudot and Ye 2021)",
                    "抽取法增加值与重复计算（Miroudot和Ye，2021）"),
    "value-added-origin": ("value added by origin", "按来源的增加值"),
    "vs": ("vertical specialisation", "垂直专业化"),
    "vax": ("value added absorbed abroad (Johnson and Noguera 2012)",
            "国外吸收的增加值（Johnson和Noguera，2012）"),
    "tiva": ("indicator of Trade in Value Added (OECD)", "OECD增加值贸易指标"),
    # of exports
    "prody": ("PRODY, income level of a product (Hausmann, Hwang and Rodrik 2007)",
              "PRODY，产品的收入水平（Hausmann、Hwang和Rodrik，2007）"),
    "expy": ("EXPY, income level of exports (Hausmann, Hwang and Rodrik 2007)",
             "EXPY，出口的收入水平（Hausmann、Hwang和Rodrik，2007）"),
    "complexity": ("economic complexity", "经济复杂度"),
    "advantage": ("revealed comparative advantage", "显示性比较优势"),
    "diversification": ("concentration of exports", "出口集中度"),
    "product-space": ("position in the product space", "产品空间中的位置"),
    "proximity": ("proximity of products (Hidalgo et al. 2007)", "产品邻近度（Hidalgo等，2007）"),
    "similarity": ("similarity of exports (Finger and Kreinin 1979)",
                   "出口相似度（Finger和Kreinin，1979）"),
    "quality": ("export quality (Khandelwal, Schott and Wei 2013)",
                "出口产品质量（Khandelwal、Schott和Wei，2013）"),
    "technical-complexity:industry-prody": (
        "technical complexity of an industry, mean PRODY of its products weighted by world exports",
        "行业技术复杂度，以世界出口加权的产品PRODY均值"),
    "technical-complexity:country-industry": (
        ("technical complexity of a country's industry, mean PRODY weighted by the country's "
         "exports within it"),
        "一国行业技术复杂度，以该国行业内出口加权的PRODY均值"),
    "technical-complexity:province": (
        "technical complexity with PRODY over the regions of one country",
        "以一国内部各地区计算PRODY的技术复杂度"),
}

#: measure → column → what it is; a column that is the measure itself has no words
VALUES: Mapping[str, Mapping[str, Pair]] = {
    "accounts": {
        "X": ("gross output", "总产出"), "VA": ("value added", "增加值"),
        "Y": ("final sales", "最终品销售"), "Y_D": ("final sales at home", "国内最终品销售"),
        "E": ("gross exports", "总出口"),
        "zero": ("industries without output", "无产出行业数")},
    "production": {
        "participation": ("simple and complex GVC activity over the total",
                          "简单与复杂GVC活动占总额之比"),
        "participation_simple": ("simple GVC activity over the total", "简单GVC活动占总额之比"),
        "participation_complex": ("complex GVC activity over the total", "复杂GVC活动占总额之比"),
        "total": ("the total", "总额"), "D": ("pure domestic part", "纯国内部分"),
        "RT": ("traditional trade", "传统贸易部分"), "GVC_S": ("simple GVC part", "简单GVC部分"),
        "GVC_C": ("complex GVC part", "复杂GVC部分")},
    "lengths": {
        "PL": ("all production", "全部生产"), "PL_D": ("pure domestic production", "纯国内生产"),
        "PL_RT": ("traditional trade", "传统贸易"), "PL_GVC": ("GVC production", "GVC生产"),
        "PL_GVC_S": ("simple GVC production", "简单GVC生产"),
        "PL_GVC_C": ("complex GVC production", "复杂GVC生产"),
        "CB": ("border crossings for production", "为生产而跨境的次数")},
    "position": {
        "forward": ("its forward part", "其前向部分"),
        "backward": ("its backward part", "其后向部分"),
        "iv": ("its term IV", "其中IV项"), "fv": ("its term FV", "其中FV项"),
        "exports": ("gross exports", "总出口")},
    "participation": {
        "forward": ("its forward part", "其前向部分"),
        "backward": ("its backward part", "其后向部分"),
        "exports": ("gross exports", "总出口"), "output": ("gross output", "总产出")},
    "digital-inputs": {
        "coefficient": ("input coefficient", "消耗系数"),
        "share": ("share of all inputs", "占全部投入之比"),
        "digital_va_share": ("their value added in output", "产出中这些部门的增加值占比")},
    "digital-placebo": {
        "coefficient": ("input coefficient", "消耗系数"),
        "share": ("share of all inputs", "占全部投入之比"),
        "digital_va_share": ("their value added in output", "产出中这些部门的增加值占比")},
    "quality": {"quality": ("before standardisation", "标准化前"),
                "standardised": ("standardised to 0 to 1", "标准化至0—1")},
    "digital-linkages": {
        "backward": ("share in all inputs behind output (Leontief)",
                     "占产出后向全部投入之比（Leontief）"),
        "forward": ("share in all uses ahead of output (Ghosh)",
                    "占产出前向全部使用之比（Ghosh）")},
    "upstreamness": {
        "U": ("upstreamness, stages to final demand", "上游度，距最终需求的阶段数"),
        "D": ("downstreamness, stages from primary inputs", "下游度，距初始投入的阶段数"),
        "F_GO": ("final use over gross output", "最终使用占总产出之比"),
        "VA_GO": ("value added over gross output", "增加值占总产出之比")},
    "border-crossings": {
        "crossings": ("all crossings", "全部跨境"),
        "as_input": ("as an intermediate", "作为中间品"),
        "as_final": ("as a final good", "作为最终品"),
        "value_chain": ("as an intermediate, per unit of GVC activity",
                        "作为中间品，每单位GVC活动")},
    "final-shares": {
        "final_output": ("final output", "最终产出"), "own": ("of the own country", "本国增加值"),
        "foreign": ("of other countries", "国外增加值"),
        "own_share": ("share of the own country", "本国占比"),
        "foreign_share": ("share of other countries", "国外占比")},
    "complexity": {
        "index": ("the index", "指数"), "diversity": ("number of products", "产品数"),
        "ubiquity": ("number of countries", "国家数"), "rank": ("the rank", "名次")},
    "diversification": {
        "products": ("number of products", "产品数"),
        "hhi": ("Herfindahl index", "赫芬达尔指数"),
        "hhi_normalised": ("normalised Herfindahl index", "标准化赫芬达尔指数"),
        "theil": ("Theil index", "泰尔指数"),
        "theil_between": ("Theil index, between", "泰尔指数组间部分"),
        "theil_within": ("Theil index, within", "泰尔指数组内部分"),
        "extensive": ("extensive margin", "扩展边际"),
        "intensive": ("intensive margin", "集约边际"),
        "relative": ("relative to the reference", "相对于参照")},
    "product-space": {
        "outlook": ("complexity outlook", "复杂度前景"), "density": ("density", "密度"),
        "distance": ("distance", "距离"), "gain": ("complexity outlook gain", "复杂度前景增益"),
        "presence": ("presence", "是否出口")},
}

_PERIMETER: Mapping[str, Pair] = {
    "exporter": ("counted once at the border of the exporter", "以出口国边界为范围计一次"),
    "world": ("counted once in world exports", "以世界出口为范围计一次"),
    "self": ("counted once in the flow itself", "以该流量自身为范围计一次")}

#: parameter, or measure.parameter → word → what it means; no words where it says nothing new
PARAMETERS: Mapping[str, Mapping[str, Pair]] = {
    "definition": {"": ("", "")},  # told by the name of the measure
    "direction": {"forward": ("forward linkages, of value added", "前向联系，增加值"),
                  "backward": ("backward linkages, of final output", "后向联系，最终产出")},
    "iv": {
        "t3": ("IV is KWW term T3", "IV为KWW第3项"),
        "t3-returned": ("IV is KWW terms T3 + T4 + T5", "IV为KWW第3、4、5项之和"),
        "vs1": ("IV is VS1, double counting included", "IV为VS1，含重复计算"),
        "wwz-t345": ("IV is WWZ terms T3 + T4 + T5", "IV为WWZ第3、4、5项之和"),
        "wwz-t45": ("IV is WWZ terms T4 + T5", "IV为WWZ第4、5项之和")},
    "fv": {
        "fva": ("FV is KWW terms T7 + T8", "FV为KWW第7、8项之和"),
        "fc": ("FV is the foreign content, double counting included", "FV为国外成分，含重复计算"),
        "wwz-fva": ("FV is WWZ terms T11 + T12 + T14 + T15", "FV为WWZ第11、12、14、15项之和")},
    "coefficient": {
        "direct": ("direct coefficients (A)", "直接消耗系数（A）"),
        "complete": ("complete coefficients (B − I)", "完全消耗系数（B − I）")},
    "origin": {"all": ("from all countries", "来自所有国家"),
               "domestic": ("from the own country", "来自本国"),
               "foreign": ("from other countries", "来自国外")},
    "inventories": {"net": ("changes in inventories spread over the other uses",
                            "存货变动分摊至其他使用"),
                    "raw": ("changes in inventories as final use", "存货变动计入最终使用")},
    "weight": {  # of industries at coarser levels, where it is not the usual one
        "output": ("", ""), "exports": ("coarser levels weighted by exports", "汇总以出口加权")},
    "among": {"others": ("drawn from the other sectors", "从其余部门中抽取"),
              "all": ("drawn from all sectors", "从全部部门中抽取")},
    "upstreamness.weight": {
        "output": ("coarser levels weighted by output", "汇总以产出加权"),
        "exports": ("coarser levels weighted by exports", "汇总以出口加权"),
        "value-added": ("coarser levels weighted by value added", "汇总以增加值加权")},
    "flow": {"exports": ("in exports", "出口中"), "imports": ("in imports", "进口中")},
    "perspective": _PERIMETER,
    "approach": {"source": ("source-based", "来源法"), "sink": ("sink-based", "去向法")},
    "use": {"exports": ("in exports", "出口中"), "final": ("in final demand", "最终需求中"),
            "output": ("in output", "产出中")},
    "content": {"all": ("all content", "全部成分"), "domestic": ("domestic content", "国内成分"),
                "foreign": ("foreign content", "国外成分")},
    "counted": {"content": ("each time that it crosses", "每次跨境均计入"),
                "value-added": ("once within all exports", "在全部出口中计一次")},
    "goods": {"all": ("all goods", "全部产品"), "final": ("final goods", "最终品"),
              "intermediate": ("intermediates", "中间品")},
    # of exports
    "weights": {"moving": ("PRODY of the same period", "当期PRODY"),
                "fixed": ("PRODY fixed at its mean over the base years", "PRODY固定为基期均值")},
    "missing": {"drop": ("countries without income left out", "剔除无收入数据的国家"),
                "error": ("income known for every country", "各国收入数据齐全")},
    "adjust": {
        "none": ("gross exports", "总出口"),
        "dva": ("domestic value added in exports", "出口国内增加值"),
        "dva-shares": ("PRODY from gross exports, shares from domestic value added",
                       "PRODY以总出口计，份额以国内增加值计"),
        "yao-zhang": ("PRODY less the foreign content of the product (Yao and Zhang 2008)",
                      "PRODY扣除产品国外成分（姚洋和张晔，2008）")},
    "method": {
        "eigenvalue": ("eigenvector (Hausmann and Hidalgo)", "特征向量法（Hausmann和Hidalgo）"),
        "reflections": ("method of reflections (Hidalgo and Hausmann 2009)",
                        "反射法（Hidalgo和Hausmann，2009）"),
        "fitness": ("fitness (Tacchella et al. 2012)", "适应度（Tacchella等，2012）")},
    "convention": {
        "economiccomplexity": ("scaled as R economiccomplexity", "标准化同R economiccomplexity"),
        "ecomplexity": ("scaled as ecomplexity", "标准化同ecomplexity"),
        "atlas": ("scaled as the Atlas", "标准化同Atlas")},
    "presence": {"rca": ("a product is present where RCA reaches its threshold",
                         "RCA达到阈值视为出口该产品"),
                 "continuous": ("RCA as a continuous weight", "以连续RCA为权重")},
    "disconnected": {"error": ("", ""),
                     "largest": ("largest connected part of the product space",
                                 "产品空间的最大连通部分")},
    "kind": {
        "balassa": ("Balassa", "Balassa指数"), "symmetric": ("symmetric", "对称型"),
        "normalised": ("normalised", "标准化型"), "additive": ("additive", "加性型"),
        "weighted": ("weighted", "加权型")},
    "reference": {"world": ("relative to the world", "以世界为参照"),
                  "rest": ("relative to the other countries", "以其他国家为参照")},
    "outlook": {
        "atlas": ("outlook as the Atlas", "前景指数同Atlas"),
        "ecomplexity": ("outlook as ecomplexity", "前景指数同ecomplexity"),
        "economiccomplexity": ("outlook as R economiccomplexity",
                               "前景指数同R economiccomplexity")},
    "va": {
        "backward": ("", ""),
        "forward": ("value added by forward linkages", "增加值按前向联系计"),
        "vax-backward": ("value added absorbed abroad, by backward linkages",
                         "国外吸收的增加值，按后向联系计"),
        "vax-forward": ("value added absorbed abroad, by forward linkages",
                        "国外吸收的增加值，按前向联系计")},
    "gaps": {"error": ("", ""), "country": (
        "products of industries without exports in the table at the share of all exports",
        "投入产出表中无出口的行业按该国全部出口的比例计")},
    "na": {"error": ("", ""), "zero": ("missing flows as zero", "缺失贸易流视为零")},
    "industry": {"own": ("", ""), "world": ("industries of the world", "世界行业")},
    "aggregates": {"no": ("", ""), "yes": ("with aggregates", "含汇总项")},
    "terms": {"no": ("", ""), "yes": ("with single terms", "含单项")},
}

#: rule that builds an index → what it is
BUILDERS: Mapping[str, Pair] = {
    "faced-abroad": ("mean of the destinations' values of {of}, weighted by exports to them",
                     "以对目的地出口加权的目的地{of}均值"),
    "bilateral-mean": ("mean of the two countries' values of {of}", "双方{of}的均值"),
    "heterogeneity": ("weighted distance between the two countries in {of}",
                      "双方{of}的加权差异"),
    "partners": ("{of} over a country's partners", "{of}按伙伴国汇总"),
    "commitments": ("commitments in {of}", "{of}的承诺"),
    "in-force": ("number of agreements in force that the country is in ({of})",
                 "一国参加的已生效协定数（{of}）"),
}

#: parameter of such a rule → word (empty: any value) → what it means
BUILT: Mapping[str, Mapping[str, Pair]] = {
    "how": {"count": ("number of partners that have it", "具备该项的伙伴国数"),
            "max": ("highest over partners", "伙伴国中的最大值"),
            "sum": ("sum over partners", "伙伴国之和"),
            "mean": ("mean over partners", "伙伴国均值")},
    "value": {"depth": ("depth, share of what could be committed", "深度，即占可承诺总量之比"),
              "scope": ("scope, share of items with a commitment", "广度，即有承诺的条目占比"),
              "extent": ("extent, mean over items with a commitment", "强度，即有承诺条目的均值")},
    "distance": {"differs": ("share of measures that differ", "不同措施的占比"),
                 "absolute": ("absolute differences", "绝对差")},
    "weights": {"": ("weights {value}", "权重为{value}")},
    "until": {"": ("until {value}", "截至{value}")},
    "years": {"": ("years {value}", "年份{value}")},
    "most": {"": ("highest score {value}", "最高分{value}")},
    "least": {"": ("at least {value} of the weights known", "已知权重不低于{value}")},
    "shares": {"": ("weights {value}", "权重{value}")},
}
