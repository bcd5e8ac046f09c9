"""What fits say in English sentences, and the words that tables have for it."""

from __future__ import annotations

__all__ = ["SENTENCES", "TESTS"]

#: pattern of the sentence, English, Chinese, and the number that differs from column to column.
#: ``name``, ``other`` and ``third`` hold variables, ``why`` a sentence.
SENTENCES: tuple[tuple[str, str, str, str | tuple[str, str]], ...] = (
    # regressors
    (r"collinear", "collinear", "完全共线", ""),
    (r"collinear with earlier regressors", "collinear with earlier regressors",
     "与前面的变量完全共线", ""),
    (r"collinear with the fixed effects", "collinear with the fixed effects",
     "与固定效应完全共线", ""),
    (r"the instrument (?P<name>.+) is collinear with the fixed effects",
     "the instrument {name} is collinear with the fixed effects",
     "工具变量{name}与固定效应完全共线", ""),
    (r"no variation", "no variation", "无变异", ""),
    (r"no variation within (?P<name>.+?)", "no variation within {name}", "在{name}内无变异", ""),
    (r"(?P<name>'.+?') has no variation in (?P<count>\d+) observations",
     "{name} has no variation in {count} observations", "{name}在{count}个观测值中无变异", ""),
    (r"(?P<name>'.+?') has no variation within (?P<other>.+) in (?P<count>\d+) observations",
     "{name} has no variation within {other} in {count} observations",
     "{name}在{count}个观测值中于{other}内无变异", ""),
    (r"the dependent variable has no variation in (?P<count>\d+) observations",
     "the dependent variable has no variation in {count} observations",
     "被解释变量在{count}个观测值中无变异", ""),
    (r"the dependent variable has no variation within (?P<other>.+) in (?P<count>\d+) observations",
     "the dependent variable has no variation within {other} in {count} observations",
     "被解释变量在{count}个观测值中于{other}内无变异", ""),
    (r"instrument (?P<name>'.+?') has no variation in (?P<count>\d+) observations",
     "instrument {name} has no variation in {count} observations",
     "工具变量{name}在{count}个观测值中无变异", ""),
    ((r"instrument (?P<name>'.+?') has no variation within (?P<other>.+) in (?P<count>\d+) "
     r"observations"),
     "instrument {name} has no variation within {other} in {count} observations",
     "工具变量{name}在{count}个观测值中于{other}内无变异", ""),
    (r"endogenous regressor (?P<name>'.+?') has no variation in (?P<count>\d+) observations",
     "endogenous regressor {name} has no variation in {count} observations",
     "内生变量{name}在{count}个观测值中无变异", ""),
    ((r"endogenous regressor (?P<name>'.+?') has no variation within (?P<other>.+) in "
     r"(?P<count>\d+) observations"),
     "endogenous regressor {name} has no variation within {other} in {count} observations",
     "内生变量{name}在{count}个观测值中于{other}内无变异", ""),
    (r"(?P<name>'.+?') is missing in all (?P<count>\d+) rows of the sample",
     "{name} is missing in all {count} rows of the sample", "{name}在样本全部{count}行中缺失", ""),
    (r"fixed effect (?P<name>.+) is already implied by (?P<other>.+)",
     "fixed effect {name} is already implied by {other}", "固定效应{name}已包含于{other}", ""),
    ((r"fewer observations than parameters: (?P<count>\d+) observations, (?P<k>\d+) coefficients"
     r"(?: besides the fixed effects)?"),
     "fewer observations ({count}) than coefficients ({k})",
     "观测值（{count}）少于系数（{k}）", ""),
    (r"no degrees of freedom left: (?P<count>\d+) observations, (?P<k>\d+) parameters as ssc .+",
     "no degrees of freedom left: {count} observations, {k} parameters",
     "无剩余自由度：{count}个观测值，{k}个参数", ""),
    ((r"the fixed effects and regressors fit all (?P<count>\d+) observations: no residual "
      r"variation is left"),
     "the fixed effects and regressors fit all {count} observations",
     "固定效应与解释变量完全拟合全部{count}个观测值", ""),
    (r"perfect fit: the residuals are zero up to rounding",
     "perfect fit: the residuals are zero up to rounding", "完全拟合：残差为零", ""),
    # rows
    (r"(?P<count>\d+) rows repeat the (?P<name>.+) of another row",
     "{value} rows repeat the {name} of another row", "有{value}行的{name}与其他行重复",
     "{count}"),
    (r"(?P<name>.+) winsorised at (?P<share>\S+) percent at each end of the rows used",
     "{name} winsorised at {share} percent at each end of the rows used",
     "{name}在所用样本内上下各缩尾{share}%", ""),
    (r"(?P<name>.+): (?P<count>\d+) values? (?:is|are) (?P<why>.+), so missing",
     "{name}: {count} values are {why}, so missing", "{name}：{count}个取值{why}，视为缺失", ""),
    (r"infinite", "infinite", "为无穷大", ""),
    (r"too large", "too large", "过大", ""),
    # clusters
    (r"few clusters: (?P<count>\d+) \((?P<name>.+)\)", "few clusters: {count} ({name})",
     "聚类数较少：{count}（{name}）", ""),
    (r"the (?:two-way clustered )?covariance was not positive semi-definite: .+",
     "the covariance was not positive semi-definite: negative eigenvalues set to zero",
     "协方差矩阵非半正定，负特征值已置零", ""),
    (r"clustering by (?P<name>'.+?') needs two clusters or more: .+",
     "clustering by {name} needs two clusters or more", "按{name}聚类至少需两个聚类", ""),
    ((r"clustering by (?P<name>'.+?') has (?P<count>\d+) clusters, fewer than the (?P<k>\d+) "
     r"regressors: .+"),
     "clustering by {name} has {count} clusters, fewer than the {k} regressors",
     "按{name}聚类的聚类数（{count}）少于解释变量数（{k}）", ""),
    (r"no wild cluster bootstrap: (?P<why>.+)", "no wild cluster bootstrap: {why}",
     "未进行野聚类自助：{why}", ""),
    (r"the clustered variance is not positive: no t statistic to draw",
     "the clustered variance is not positive", "聚类方差不为正", ""),
    (r"no draw of the wild bootstrap has a positive variance.*",
     "no draw has a positive variance", "没有方差为正的抽样", ""),
    (r"no coefficient was estimated", "no coefficient was estimated", "没有可估计的系数", ""),
    # instruments
    (r"Anderson-Rubin 95 % confidence set of (?P<name>.+?): (?P<set>.+)",
     "Anderson-Rubin 95 percent confidence set of {name}: {value}",
     "{name}的Anderson-Rubin 95%置信集：{value}", "{set}"),
    ((r"first stage of (?P<name>.+?): (?P<b>\S+) on (?P<other>.+) "
     r"\(t = (?P<t>\S+), (?:positive|negative)\)"),
     "First stage of {name} on {other}: {value}", "第一阶段，{name}对{other}：{value}",
     "{b} (t = {t})"),
    (r"reduced form: (?P<b>\S+) on (?P<other>.+) \(t = (?P<t>\S+)\)",
     "Reduced form on {other}: {value}", "简化式，对{other}：{value}", "{b} (t = {t})"),
    ((r"weak instruments: effective F (?P<f>\S+) is below the 5 % critical value (?P<c>\S+) for a "
     r"bias of 10 %; rely on the Anderson-Rubin set"),
     ("Weak instruments: the effective F is below its 5 percent critical value for a bias of 10 "
     "percent, {value}; rely on the Anderson-Rubin set"),
     "弱工具变量：有效F值低于偏误10%对应的5%临界值，{value}；应以Anderson-Rubin置信集为准",
     "{f} < {c}"),
    (r"Kleibergen-Paap rk Wald F (?P<f>\S+)", "Kleibergen-Paap rk Wald F: {value}",
     "Kleibergen-Paap rk Wald F值：{value}", "{f}"),
    (r"Kleibergen-Paap rk LM (?P<f>\S+) with (?P<df>\d+) df, p (?P<p>.+)",
     "Kleibergen-Paap rk LM: {value}", "Kleibergen-Paap rk LM统计量：{value}",
     "{f} ({df} df, p {p})"),
    (r"Cragg-Donald F (?P<f>\S+)", "Cragg-Donald F: {value}", "Cragg-Donald F值：{value}", "{f}"),
    (r"effective F (?P<f>\S+) \(5 % critical value (?P<c>\S+) for a bias of 10 %\)",
     "Effective F (5 percent critical value for a bias of 10 percent): {value}",
     "有效F值（10%偏误的5%临界值）：{value}", "{f} ({c})"),
    (r"Sanderson-Windmeijer F of (?P<name>.+) (?P<f>\S+), p (?P<p>.+)",
     "Sanderson-Windmeijer F of {name}: {value}", "{name}的Sanderson-Windmeijer F值：{value}",
     "{f} (p {p})"),
    (r"Hansen J (?P<f>\S+) with (?P<df>\d+) df, p (?P<p>.+)",
     "Hansen J: {value}", "Hansen J统计量：{value}", "{f} ({df} df, p {p})"),
    (r"no Hansen J: the model is just identified", "no Hansen J: the model is just identified",
     "模型恰好识别，无Hansen J检验", ""),
    (r"Durbin-Wu-Hausman F (?P<f>\S+), p (?P<p>.+)", "Durbin-Wu-Hausman F: {value}",
     "Durbin-Wu-Hausman F值：{value}", "{f} (p {p})"),
    (r"tF-adjusted 95 % interval (?P<set>\[.+\]), critical value (?P<c>\S+)",
     "tF-adjusted 95 percent interval and critical value: {value}",
     "tF调整后95%区间与临界值：{value}", "{set}, {c}"),
    # tests of the panel
    *((rf"{test}: (?P<rest>[^;]+); null: .+", f"{test} (null: {null}): {{value}}",
       f"{chinese}（原假设：{known}）：{{value}}", "{rest}")
      for test, null, chinese, known in (
          ("Robust Hausman test", "effects and regressors uncorrelated", "稳健Hausman检验",
           "个体效应与解释变量不相关"),
          ("Hausman test", "effects and regressors uncorrelated", "Hausman检验",
           "个体效应与解释变量不相关"),
          ("F test of fixed effects", "no effects", "固定效应F检验", "固定效应均相等"),
          ("Breusch-Pagan LM test", "effects have variance zero", "Breusch-Pagan LM检验",
           "个体效应方差为零"),
          ("Wooldridge test of serial correlation", "none", "Wooldridge序列相关检验",
           "扰动项无序列相关"),
          ("Breusch-Godfrey test", "no serial correlation", "Breusch-Godfrey检验", "无序列相关"),
          ("Pesaran CD test", "no cross-sectional dependence", "Pesaran CD检验", "无截面相关"),
          ("Modified Wald test", "one error variance", "修正Wald检验", "各个体扰动项方差相同"))),
    (r"largest variance inflation factor (?P<v>\S+) \((?P<name>.+)\)",
     "Largest variance inflation factor, of {name}: {value}", "最大方差膨胀因子（{name}）：{value}",
     "{v}"),
    ((r"(?P<name>'.+?') has no variation(?: within (?P<other>.+))? in (?P<count>\d+) observations, "
      r"once (?P<gone>\d+) separated observations are left out, whose zeros of (?P<third>'.+?') it "
      r"fits alone"),
     ("{name} has no variation in {count} observations once {gone} separated observations are left "
      "out, whose zeros of {third} it fits alone"),
     "{name}仅拟合{third}为零的{gone}个分离观测，剔除后{count}个观测值中无变异", ""),
    (r"one observation is left: nothing can be estimated from it",
     "one observation is left: nothing can be estimated from it", "仅余一个观测值，无法估计", ""),
    ((r"diagnostics of the instruments left out: too few clusters or periods for (?P<count>\d+) "
     r"instruments"),
     "no diagnostics of the instruments: too few clusters or periods for {count} of them",
     "未报告工具变量诊断：聚类或期数不足以支持{count}个工具变量", ""),
    ((r"Kleibergen-Paap statistics left out: too few clusters or periods for (?P<count>\d+) "
      r"instruments"),
     "no Kleibergen-Paap statistics: too few clusters or periods for {count} instruments",
     "未报告Kleibergen-Paap统计量：聚类或期数不足以支持{count}个工具变量", ""),
    ((r"Anderson-Rubin statistics left out: too few clusters or periods for (?P<count>\d+) "
      r"instruments"),
     "no Anderson-Rubin statistics: too few clusters or periods for {count} instruments",
     "未报告Anderson-Rubin统计量：聚类或期数不足以支持{count}个工具变量", ""),
    (r"the instruments and the exogenous regressors explain y, or a regressor, exactly: .+",
     "the instruments and the exogenous regressors explain y, or a regressor, exactly",
     "工具变量与外生变量完全解释了被解释变量或某一解释变量", ""),
    (r"Hansen J left out: (?P<why>.+)", "no Hansen J: {why}", "未报告Hansen J：{why}", ""),
    (r"the covariance of the (?P<count>\d+) moments is singular: .+",
     "the covariance of the {count} moments is singular", "{count}个矩条件的协方差矩阵奇异", ""),
    ((r"not identified: (?P<count>\d+) instruments for (?P<k>\d+) endogenous regressors "
     r"\((?P<name>.+?)\)(?:; .+)?"),
     "not identified: {count} instruments for {k} endogenous regressors ({name})",
     "不可识别：{k}个内生变量（{name}）仅有{count}个工具变量", ""),
    (r"the endogenous regressors are collinear with other regressors: (?P<name>.+)",
     "the endogenous regressors are collinear with other regressors: {name}",
     "内生变量与其他解释变量完全共线：{name}", ""),
    # groups
    (r"no test of the difference between groups: (?P<why>.+)",
     "no test of the difference between groups: {why}", "未检验组间差异：{why}", ""),
    (r"each group is winsorised on its own", "each group is winsorised on its own",
     "各组分别缩尾", ""),
    (r"split (?P<name>'.+?') has (?P<count>\d+) groups in the sample(?: \(allowed.+\))?",
     "{name} has {count} groups in the sample", "样本中{name}有{count}组", ""),
    (r"permutations carry at most .+", "too many fixed effects to permute",
     "固定效应过多，无法置换", ""),
    # Poisson
    (r"(?P<count>\d+) separated observations left out: .+",
     ("Separated observations left out (y is zero there and regressors or fixed effects fit them "
     "alone): {value}"), "剔除完全分离的观测值：{value}", "{count}"),
    (r"the search for separated observations did not converge",
     "the search for separated observations did not converge", "完全分离观测值的搜索未收敛", ""),
    (r"all (?P<count>\d+) observations are separated: .+",
     "all {count} observations are separated", "全部{count}个观测值完全分离", ""),
    # panel estimators
    (r"(?P<count>\d+) periods left out: too few rows, or collinear regressors",
     "periods left out, with too few rows or collinear regressors: {value}",
     "因行数不足或共线而剔除的期数：{value}", "{count}"),
    (r"the variance of the unit effects came out negative and is set to zero: pooled least squares",
     "the variance of the unit effects came out negative and is set to zero: pooled least squares",
     "个体效应方差估计为负，设为零，即混合最小二乘", ""),
    # indices
    (r"the index (?P<name>\S+) contains (?P<other>.+), which (?P<third>.+) is made of too, .+",
     ("the index {name} contains {other}, which {third} is made of too, so the two move together "
     "by construction (leave_out takes it out)"),
     "{name}包含{other}，而{third}也由其构成，二者机械相关（可用leave_out剔除）", ""),
    (r"the index (?P<name>\S+) is without (?P<other>.+)", "the index {name} is without {other}",
     "{name}已剔除{other}", ""),
    ((r"(?P<other>.+): over (?P<count>\d+) variants of the index (?P<name>\S+) the coefficient has "
      r"mean (?P<mean>\S+), sd (?P<sd>\S+), 5 to 95 percent (?P<low>\S+) to (?P<high>\S+); the "
      r"sign is the same in (?P<same>\S+), p < (?P<level>\S+) in (?P<sure>[0-9]+%)"
      r"(?:; (?P<failed>\d+) variants could not be estimated)?"),
     "Over {count} variants of the index {name} the coefficient of {other}: {value}",
     "{name}的{count}种构建方式下{other}的系数：{value}",
     (("mean {mean}, SD {sd}, 5 to 95 percent {low} to {high}, same sign {same}, p < {level} in "
      "{sure}"),
      "均值{mean}、标准差{sd}、5%至95%分位{low}至{high}、同号占{same}、p值小于{level}的占{sure}")),
)

#: how a difference between groups was tested: pattern, English, Chinese, what differs
TESTS: tuple[tuple[str, str, str, str], ...] = (
    (r"(?P<count>[\d,]+) permutations of (?P<units>[\d,]+) (?P<name>.+)",
     "permuting the groups over {name} ({count} draws; units: {value})",
     "在{name}间置换组别（{count}次；单位数：{value}）", "{units}"),
    (r"all terms and fixed effects interacted, t with (?P<df>\d+) df",
     "interacting all terms and fixed effects with the groups (degrees of freedom: {value})",
     "全部解释变量与固定效应均与组别交互（t检验自由度：{value}）", "{df}"),
    (r"interaction, fixed effects by group, t with (?P<df>\d+) df",
     ("interacting the regressors of interest with the groups, fixed effects by group (degrees of "
      "freedom: {value})"),
     "核心解释变量与组别交互，固定效应分组（t检验自由度：{value}）", "{df}"),
)
