"""What makes a composite index, in words: scale, weights, aggregation, missing values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

__all__ = ["AGGREGATION", "MISSING", "OPTIONS", "SCALES", "SCOPES", "TREATMENT", "WEIGHTS"]

Pair: TypeAlias = tuple[str, str]
"""English, Chinese."""

#: where bounds and moments are taken
SCOPES: Mapping[str, Pair] = {
    "-pooled": ("{scale} over all units and times", "{scale}（全样本）"),
    "-per-year": ("{scale} within each time", "{scale}（逐期）"),
}
SCALES: Mapping[str, Pair] = {
    "minmax": ("min-max", "极差标准化"), "zscore": ("z-score", "Z值标准化"),
    "rank": ("rank", "名次"), "percentile": ("percentile rank", "百分位名次"),
    "borda": ("Borda count", "Borda计数"),
    "distance-to-max": ("distance to the best value", "与最优值的距离"),
    "distance-to-target": ("distance to the target", "与目标值的距离"),
    "distance-to-reference": ("distance to the reference unit", "与参照单位的距离"),
    "goalposts": ("goalposts, cut at both", "上下限标准化（截断）"),
    "scaled": ("goalposts, not cut", "上下限标准化（不截断）"),
    "fraction-of-max": ("fraction of the best", "占最优值之比"),
    "vector": ("vector norm", "向量标准化"),
    "mpi": ("z-score on 100 ± 10", "100±10的Z值标准化"),
    "ampi": ("min-max on 70 to 130", "70至130的极差标准化"),
    "ampi-centred": ("goalposts around the first time's mean on 70 to 130",
                     "以首期均值为中心的70至130标准化"),
}
WEIGHTS: Mapping[str, Pair] = {
    "equal": ("equal weights in each node", "各节点内等权"),
    "equal-flat": ("equal weights over all indicators", "全部指标等权"),
    "given": ("given weights", "给定权重"),
    "ahp": ("weights by analytic hierarchy process", "层次分析法赋权"),
    "entropy": ("entropy weights over the panel and all indicators, k = 1/ln(T·U)",
                "面板熵值法赋权（全部指标，k = 1/ln(T·U)）"),
    "entropy-by-level": ("entropy weights over the panel in each node, k = 1/ln(T·U)",
                         "面板熵值法赋权（各节点内，k = 1/ln(T·U)）"),
    "entropy-per-year": ("entropy weights within each time, k = 1/ln(U)",
                         "逐期熵值法赋权（k = 1/ln(U)）"),
    "entropy-raw": ("entropy weights from raw values over the panel, k = 1/ln(T·U)",
                    "原始值面板熵值法赋权（k = 1/ln(T·U)）"),
    "entropy-ln-units": ("entropy weights over the panel, k = 1/ln(U)",
                         "面板熵值法赋权（k = 1/ln(U)）"),
    "entropy-ln-times": ("entropy weights over the panel, k = 1/ln(T)",
                         "面板熵值法赋权（k = 1/ln(T)）"),
    "benefit-of-the-doubt": ("weights by benefit of the doubt", "BOD法赋权"),
    "critic": ("CRITIC weights over all indicators", "CRITIC法赋权（全部指标）"),
    "critic-by-level": ("CRITIC weights in each node", "CRITIC法赋权（各节点内）"),
    "balanced-by-level": ("weights that equalise correlations with the node",
                          "使与节点相关系数相等的权重"),
    "cv": ("weights by coefficient of variation", "变异系数法赋权"),
    "standard-deviation": ("weights by standard deviation", "标准差法赋权"),
    "variance": ("weights by variance", "方差法赋权"),
    "gini": ("weights by Gini coefficient", "基尼系数法赋权"),
    "merec": ("MEREC weights", "MEREC法赋权"),
    "pca": ("weights by principal components with λ > 1", "主成分赋权（λ > 1）"),
    "pca-squared": ("weights by squared eigenvectors of principal components with λ > 1",
                    "主成分特征向量平方赋权（λ > 1）"),
    "pca-first": ("weights by squared loadings on the first principal component",
                  "第一主成分载荷平方赋权"),
    "pca-by-level": ("weights by squared loadings on the first component in each node",
                     "各节点内第一主成分载荷平方赋权"),
}
AGGREGATION: Mapping[str, Pair] = {
    "arithmetic": ("arithmetic mean", "算术平均合成"),
    "geometric": ("geometric mean", "几何平均合成"),
    "harmonic": ("harmonic mean", "调和平均合成"),
    "generalised": ("generalised mean", "广义平均合成"),
    "ordered": ("ordered weighted mean", "有序加权平均合成"),
    "topsis": ("TOPSIS closeness", "TOPSIS贴近度"),
    "topsis-vector": ("TOPSIS closeness, columns on vector norm", "TOPSIS贴近度（向量标准化）"),
    "mazziotta-pareto": ("Mazziotta-Pareto mean less penalty", "Mazziotta-Pareto均值减惩罚项"),
    "mazziotta-pareto-plus": ("Mazziotta-Pareto mean plus penalty",
                              "Mazziotta-Pareto均值加惩罚项"),
    "copeland": ("Copeland", "Copeland合成"),
    "coupling-coordination": ("coupling coordination degree", "耦合协调度"),
    "benefit-of-the-doubt": ("benefit of the doubt", "BOD合成"),
}
MISSING: Mapping[str, Pair] = {
    "none": ("not filled", "不插补"),
    "interpolate": ("linear interpolation within a unit", "单位内线性插值"),
    "carry-forward": ("the unit's last value", "沿用前值"),
    "carry-back": ("the unit's next value", "沿用后值"),
    "carry": ("the unit's last value, at the start its first", "沿用前值，期初沿用首值"),
    "interpolate-carry": ("linear interpolation, the ends carried outwards",
                          "线性插值，两端延伸"),
    "zero-before": ("linear interpolation, 0 before the first value", "线性插值，首值之前取0"),
    "zero": ("0 where there is none", "缺失处取0"),
    "unit-mean": ("the unit's mean", "单位均值"),
    "mean": ("the mean of the time", "当期均值"),
    "median": ("the median of the time", "当期中位数"),
    "group-mean": ("the mean of group and time", "组内当期均值"),
    "group-median": ("the median of group and time", "组内当期中位数"),
    "regression": ("regression on the other indicators", "对其他指标回归"),
    "em": ("EM", "EM算法"),
}
TREATMENT: Mapping[str, Pair] = {
    "skew-kurtosis": ("skewed indicators winsorised, else in logs", "偏态指标缩尾，否则取对数"),
    "skew-kurtosis-combined": ("skewed indicators winsorised, then in logs",
                               "偏态指标缩尾后取对数"),
    "winsor": ("indicators winsorised at quantiles", "指标按分位数缩尾"),
    "log": ("indicators in logs", "指标取对数"),
    "log1p": ("indicators as ln(1 + x)", "指标取ln(1 + x)"),
    "log-ct": ("indicators in shifted logs", "指标取平移对数"),
    "log-ct-plus": ("indicators in shifted logs on the side of the skew",
                    "指标按偏态方向取平移对数"),
    "log-ct-orig": ("indicators as ln(x − min + 1)", "指标取ln(x − min + 1)"),
    "log-gii": ("indicators in logs as in the Global Innovation Index", "指标按全球创新指数取对数"),
    "boxcox": ("indicators by Box-Cox", "指标Box-Cox变换"),
}
#: further options of an index that differ from the usual → what they are
OPTIONS: Mapping[str, Pair] = {
    "shift": ("shift {value}", "平移{value}"), "scale": ("times {value}", "乘以{value}"),
    "floor": ("floor {value}", "下限{value}"),
    "require": ("share of indicators required {value}", "所需指标占比{value}"),
    "require_within": ("share of each node's children required {value}", "各节点所需占比{value}"),
    "require_unit": ("share of a unit's values required {value}", "单位所需取值占比{value}"),
    "consistency": ("consistency ratio of judgements up to {value}", "判断一致性比率不超过{value}"),
    "range": ("range {value}", "取值范围{value}"),
    "moments": ("mean and SD {value}", "均值与标准差{value}"),
    "goalposts": ("goalposts {value}", "上下限{value}"),
    "reference": ("reference unit {value}", "参照单位{value}"),
    "cap": ("distances end at 1", "距离以1为上限"), "ties": ("ties {value}", "并列取{value}"),
    "points": ("at most {value} points winsorised", "至多缩尾{value}个点"),
    "cut": ("{value} cut at each end", "两端各{value}"), "power": ("power {value}", "幂{value}"),
    "orness": ("orness {value}", "orness {value}"), "shares": ("shares {value}", "份额{value}"),
    "group": ("groups of {value}", "分组{value}"),
    "combine": ("weights combined as {value}", "权重合并方式{value}"),
    "leave_out": ("without {value}", "剔除{value}"),
}
