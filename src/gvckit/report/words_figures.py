"""The words of figures in English and Chinese, one row a phrase."""

from __future__ import annotations

__all__ = ["FIGURES"]

#: phrase -> (English, Chinese)
FIGURES: dict[str, tuple[str, str]] = {
    "figure_y": ("Outcome", "被解释变量"), "figure_x": ("Regressor", "解释变量"),
    "figure_controls": ("Controls", "控制变量"), "figure_fe": ("Fixed effects", "固定效应"),
    "figure_se_kind": ("Standard errors", "标准误"), "figure_ssc": ("Small sample", "小样本修正"),
    "figure_weights": ("Weights", "权重"), "figure_sample": ("Sample", "样本"),
    "figure_estimator": ("Estimator", "估计方法"), "figure_winsor": ("Winsorised at", "缩尾比例"),
    "figure_none": ("none", "无"),
    "figure_clustered": ("clustered by {name}", "{name}层面聚类"),
    "figure_coefficient": ("Coefficient of\n{name}", "{name}的系数"),
    "figure_first": ("the first regressor", "首个解释变量"),
    "figure_axis": ("Specifications, by size of the estimate", "各设定（按估计值排序）"),
    "curve_count": ("{count} specifications", "共{count}个设定"),
    "curve_lost": (", {count} not estimated", "，{count}个未能估计"),
    "curve_shares": (
        ("; median {median}, {positive} positive; significant at 5%: {up} positive, {down} "
         "negative."),
        "；中位数{median}，{positive}为正；在5%水平上显著：正{up}、负{down}。"),
    "curve_joint": (
        (" Joint tests of no effect in any specification ({draws} draws of signs by {by}, "
         "{clusters} clusters): median p = {median}, share significant p = {share}, Stouffer p = "
         "{stouffer}."),
        ("各设定均无效应的联合检验（按{by}变换符号{draws}次，{clusters}个聚类）："
         "中位数p = {median}，显著占比p = {share}，Stouffer p = {stouffer}。")),
    # the errors behind a curve, in a figure and in a table
    "curve_kind": ("{errors}, {freedom}", "{errors}，{freedom}"),
    "curve_t": ("t with {dof} degrees of freedom", "t分布自由度{dof}"),
    "curve_t_one": ("t with {dof} degree of freedom", "t分布自由度{dof}"),
    "curve_normal": ("normal distribution", "正态分布"),
    "curve_range": ("{low} to {high}", "{low}至{high}"),
    "curve_bars": ("Bars: 95 percent intervals; {errors}; significant: own p below 0.05",
                   "竖线为95%置信区间；{errors}；显著指自身p值低于0.05"),
    "curve_errors": ("P values: {errors}; significant: own p below 0.05",
                     "p值：{errors}；显著指自身p值低于0.05"),
    "curve_few": (
        ("Fewer than {most} clusters ({clusters}): these p values are not those of the "
         "bootstrap"),
        "聚类数少于{most}（{clusters}个）：所用p值并非自助法p值"),
    "curve_few_of": (
        ("Fewer than {most} clusters ({clusters}) in {count} of {all} specifications: these p "
         "values are not those of the bootstrap"),
        "{all}个设定中{count}个的聚类数少于{most}（{clusters}个）：所用p值并非自助法p值"),
    "stop": (".", "。"),
}
