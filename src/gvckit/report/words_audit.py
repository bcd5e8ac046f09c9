"""Words of the tables that audit an index, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["AUDIT"]

AUDIT: Mapping[str, tuple[str, str]] = {
    "index_structure": ("Structure of the index", "指数结构"),
    "index_correlations": ("Correlations of the indicators", "指标相关系数"),
    "index_sensitivity": ("What the index's ranks depend on", "指数排名的敏感性"),
    "index_ranks": ("Ranks over the variants of the index", "指数各变体下的排名"),
    "with_parent": ("r, parent", "与上级相关"),
    "with_index": ("r, index", "与总指数相关"),
    "first_component": ("Loading", "首主成分载荷"),
    "alpha": ("α", "α"),
    "first_share": ("First component", "首主成分占比"),
    "shift": ("Rank shift", "名次变动"),
    "spearman": ("Spearman", "秩相关"),
    "within": ("Within", "组内占比"),
    "within_net_of_time": ("Within, net", "组内占比（净）"),
    "structure_note": (
        ("Correlations are with the score of the parent and with the index; loading is that on the "
         "first component of the siblings; α is Cronbach's, over the indicators below, with the "
         "share of variance of their first component; rank shift is the mean change of rank within "
         "a time when the index is made without the row, Spearman its rank correlation with the "
         "index; within is the share of variance that the effects of units leave, and net those "
         "of times too"),
        ("相关系数为该指标与上级得分及总指数之间的相关；载荷为同级指标首主成分上的载荷；α为其下各指标的"
         "克朗巴赫系数，首主成分占比为其解释的方差比例；名次变动为剔除该行后同期名次的平均变化，秩相关为剔除后"
         "与总指数的斯皮尔曼相关；组内占比为剔除个体效应后剩余的方差比例，净值再剔除时间效应")),
    "audit_correlations_note": (
        "Pearson below the diagonal, Spearman above it, of the indicators as normalised",
        "对角线下方为皮尔逊相关，上方为斯皮尔曼相关（标准化后指标）"),
    "factor": ("Choice", "选择"),
    "options": ("Options", "选项数"),
    "first": ("First order", "一阶指数"),
    "first_width": ("±", "±"),
    "total": ("Total", "总效应指数"),
    "total_width": ("± ", "± "),
    "sensitivity_note": (
        ("Sobol indices of the mean change of rank, from {points} base points; ± is half of the "
         "95 % interval (bootstrap); noise draws every weight within 25 %"),
        "索博尔指数，输出为平均名次变动，{points}个基点；±为95%置信区间半宽（自助法）；噪声指各权重在25%内随机变动"),
    "sensitivity_left": ("Left out, since they exclude other choices: {list}",
                         "因与其他选择互斥而未纳入：{list}"),
    "variants_note": (
        ("Over {count} variants of {vary}, the mean rank moves by {mean} places (95 % of the "
         "variants: at most {high}), and Spearman's correlation with the index is at least {low} "
         "in 95 % of them"),
        "在{vary}的{count}个变体中，平均名次变动{mean}位（95%的变体不超过{high}位），95%的变体与原指数的秩相关不低于{low}"),
    "factor_missing": ("Missing rule", "缺失值规则"),
    "factor_treat": ("Outliers", "异常值处理"),
    "factor_normalise": ("Normalisation", "标准化方法"),
    "factor_weights": ("Weights", "权重"),
    "factor_aggregate": ("Aggregation", "合成方法"),
    "factor_drop": ("Indicator left out", "剔除指标"),
    "factor_noise": ("Noise of weights", "权重噪声"),
    "rank": ("Rank", "名次"),
    "median": ("Median", "中位数"),
    "low": ("5 %", "5%分位"),
    "high": ("95 %", "95%分位"),
    "ranks_note": (
        ("Ranks of {time} among the rows that every variant scores, 1 the highest; median and 5 to "
         "95 % over {count} variants of {vary}"),
        "{time}年排名（仅含各变体均有得分者），1为最高；中位数与5%至95%分位取自{vary}的{count}个变体"),
    "ranks_cut": ("The first {shown} of {all}; the others stand in the CSV file",
                  "仅列前{shown}名（共{all}名），其余见CSV文件"),
    "whole_index": ("Index", "总指数"),
    "consistency_note": ("Consistency ratios of the judgements: {list}",
                         "判断矩阵一致性比率：{list}"),
}
