"""The words of tables in English and Chinese: one place, one row a phrase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gvckit.errors import SpecError, unknown

__all__ = [
    "KEYS",
    "LANGUAGES",
    "STATS",
    "Statistic",
    "columns_phrase",
    "join",
    "language_of",
    "say",
    "sentences",
]

LANGUAGES = ("en", "zh")

#: phrase -> (English, Chinese)
_PHRASES: dict[str, tuple[str, str]] = {
    "notes": ("Notes:", "注："),
    "dependent": ("Dependent variable", "被解释变量"),
    "variable": ("Variable", "变量"),
    "yes": ("Yes", "是"),
    "no": ("No", "否"),
    "controls": ("Controls", "控制变量"),
    "fe": ("{name} FE", "{name}固定效应"),
    "constant": ("Constant", "常数项"),
    "lag": ("{name} (t−{k})", "{name}（t−{k}）"),
    "lead": ("{name} (t+{k})", "{name}（t+{k}）"),
    "diff": ("Δ {name}", "Δ{name}"),
    "growth": ("growth of {name}", "{name}增长率"),
    "log": ("ln {name}", "ln {name}"),
    "column": ("column {list}", "第{list}列"),
    "columns": ("columns {list}", "第{list}列"),
    "not_estimated": ("n.e.", "n.e."),
    "not_available": ("n.a.", "n.a."),
    # what stands in the brackets
    "brackets_se": ("{errors} in parentheses", "括号内为{errors}"),
    "brackets_t": ("t statistics in parentheses, from {errors}", "括号内为t值，基于{errors}"),
    "brackets_p": ("p values in parentheses, from {errors}", "括号内为p值，基于{errors}"),
    "brackets_se_many": ("In parentheses: {list}", "括号内：{list}"),
    "brackets_t_many": ("t statistics in parentheses, from {list}", "括号内为t值，其中{list}"),
    "brackets_p_many": ("p values in parentheses, from {list}", "括号内为p值，其中{list}"),
    "errors_in_columns": ("{errors} in {columns}", "{columns}为{errors}"),
    # kinds of standard error
    "errors_iid": ("conventional standard errors", "普通标准误"),
    "detail_iid": ("equal variance", "同方差"),
    "errors_hc": ("heteroskedasticity-robust standard errors", "异方差稳健标准误"),
    "errors_cluster": ("standard errors clustered by {by}", "{by}层面聚类稳健标准误"),
    "errors_cr3": (
        "jackknife standard errors (CR3) clustered by {by}", "{by}层面聚类刀切标准误（CR3）"),
    "errors_cr2": ("bias-reduced standard errors (CR2) clustered by {by}",
                   "{by}层面聚类偏差修正标准误（CR2）"),
    "errors_pcse": ("panel-corrected standard errors (Beck-Katz)", "面板校正标准误（PCSE）"),
    "errors_driscoll-kraay": ("Driscoll-Kraay standard errors", "Driscoll-Kraay标准误"),
    "errors_newey-west": ("Newey-West standard errors", "Newey-West标准误"),
    "errors_conley": ("Conley spatial standard errors", "Conley空间标准误"),
    "errors_bootstrap": ("bootstrap standard errors", "自助法标准误"),
    "errors_other": ("standard errors", "标准误"),
    "lags": ("lag {lag}", "滞后{lag}期"),
    "clusters": ("{count} clusters", "{count}个聚类"),
    "ssc": ("small-sample correction as in {name}", "小样本修正同{name}"),
    "ssc_none": ("no small-sample correction", "无小样本修正"),
    # notes
    "stars": ("{marks} denote significance at the {levels} percent level",
              "{marks}分别表示在{levels}的水平上显著"),
    "stars_one": ("{marks} denotes significance at the {levels} percent level",
                  "{marks}表示在{levels}的水平上显著"),
    "controls_are": ("Controls: {list}", "控制变量包括：{list}"),
    "weighted": ("{columns}: rows weighted by {name}", "{columns}：以{name}为权重加权"),
    "hidden": ("Estimated but not shown: {list}", "已估计但未列出：{list}"),
    "rows": ("{columns}: {used} of {panel} panel rows", "{columns}：面板共{panel}行，使用{used}行"),
    "rows_lost": ("; lost: {list}", "；剔除：{list}"),
    "outside the sample": ("{count} outside the sample", "样本范围外{count}行"),
    "missing": ("{count} missing {name}", "{name}缺失{count}行"),
    "singletons": ("{count} singletons", "单例组{count}行"),
    "infinite": ("{count} infinite {name}", "{name}为无穷大{count}行"),
    "lost_other": ("{count} {name}", "{name}{count}行"),
    "dropped": ("{columns}: {name} dropped ({reason})", "{columns}：剔除{name}（{reason}）"),
    "ne_reason": (
        "n.e.: not estimated, {columns}: {reason}",
        "n.e.表示未能估计，{columns}：{reason}"),
    "few_clusters": (
        "{columns}: only {count} clusters by {by}, so clustered inference may over-reject",
        "{columns}：{by}层面仅有{count}个聚类，聚类推断可能过度拒绝"),
    "wild": (
        "{columns}: wild cluster bootstrap p of {terms} ({draws}, {null}, clusters of {by})",
        "{columns}：{by}层面野自助聚类p值：{terms}（{draws}，{null}）"),
    "wild_term": ("{name} {p}", "{name} {p}"),
    "wild_draws": ("{count} {weights} draws", "{weights}抽样{count}次"),
    "wild_all": ("all {count} {weights} vectors", "全部{count}个{weights}向量"),
    "null_imposed": ("null imposed", "施加原假设"),
    "null_free": ("null not imposed", "不施加原假设"),
    # what was computed from the estimates
    "within_share": ("Share of variance left by the fixed effects: {list}",
                     "固定效应后剩余的方差占比：{list}"),
    "mde": ("Minimum detectable effect (5 percent level, power 80 percent): {list}",
            "最小可检测效应（5%水平，80%功效）：{list}"),
    "turn": (
        ("{columns}: {shape} in {name}, Lind-Mehlum p {p}; turning point {point} (Fieller 95 "
         "percent interval {interval}), {share} of observations beyond it"),
        ("{columns}：{name}呈{shape}，Lind-Mehlum检验p值{p}；拐点{point}（Fieller 95%区间"
         "{interval}），{share}的观测值大于拐点")),
    "shape_U": ("U", "U形"),
    "shape_inverse U": ("inverse U", "倒U形"),
    "interval_unbounded": ("unbounded", "无界"),
    "interval_outside": ("outside ({low}, {high})", "({low}, {high})之外"),
    "region": (
        ("{columns}: effect of {name} {effects} of {moderator}; significant at 5 percent {region} "
         "(Johnson-Neyman), {share} of observations"),
        ("{columns}：{name}的边际效应：{moderator}{effects}；在5%水平上显著的区间（Johnson-Neyman）："
         "{region}，占观测值{share}")),
    "effect_at": ("{effect} ({se}) at {at}", "取{at}时为{effect}（{se}）"),
    "region_everywhere": ("everywhere", "全部取值"),
    "region_nowhere": ("nowhere", "无"),
    "region_inside": ("where {moderator} lies between {low} and {high}",
                      "{moderator}介于{low}与{high}之间"),
    "region_outside": ("where {moderator} lies below {low} or above {high}",
                       "{moderator}低于{low}或高于{high}"),
    "threshold": (
        ("{columns}: panel threshold regression (Hansen 1999), slope of {name} by {variable}: "
         "{parts}; {how}; {rows} observations in the regimes"),
        ("{columns}：面板门槛回归（Hansen 1999），{name}的斜率随{variable}变化：{parts}；{how}；"
         "各区制观测值{rows}")),
    "threshold_test": (("threshold {number} at {gamma} (95 percent interval [{low}, {high}]), "
                        "F {F}{p}"),
                       "第{number}个门槛值{gamma}（95%区间[{low}, {high}]），F值{F}{p}"),
    "threshold_p": (" with bootstrap p {p}", "，自助法p值{p}"),
    "threshold_units": ("{count} bootstrap draws of residuals by {by}",
                        "按{by}整体抽取残差的自助法{count}次"),
    "threshold_signs": ("{count} bootstrap draws that flip the signs of residuals by {by}",
                        "按{by}整体变换残差符号的自助法{count}次"),
    "threshold_untested": ("not tested", "未做检验"),
    "indirect": ("{columns}: effect of {name} through {through} {effect} (Sobel z {z}, p {p}",
                 "{columns}：{name}经{through}的间接效应{effect}（Sobel z值{z}，p值{p}"),
    "indirect_draws": (
        "; bootstrap 95 percent interval [{low}, {high}], {count} draws of {by})",
        "；自助法95%区间[{low}, {high}]，按{by}抽样{count}次）"),
    "indirect_end": (")", "）"),
    "caveat_two-step": (
        ("{columns}: two-step test of a channel: the effect on the mediator is estimated, that the "
         "mediator moves the outcome is for theory to argue; the product of the paths assumes "
         "that nothing unobserved moves both"),
        ("{columns}：机制检验采用两步法：仅识别核心变量对中介变量的影响，中介变量对被解释变量的影响由理论"
         "说明；间接效应的计算以二者无共同遗漏因素为前提")),
    "caveat_three-step": (
        ("{columns}: warning: stepwise mediation is biased where something unobserved moves both "
         "mediator and outcome (Jiang 2022); the two-step reading needs the mediator equation "
         "only"),
        ("{columns}：警告：若存在同时影响中介变量与被解释变量的遗漏因素，逐步法中介检验有偏（江艇，2022）；"
         "两步法仅需中介变量方程")),
    "caveat_interaction": (
        ("{columns}: the effect differs with the mediator, which is itself moved: heterogeneity, "
         "not a mediated share"),
        "{columns}：效应随中介变量而异，而中介变量本身受其影响：应解读为异质性，而非中介占比"),
    "randomise": ("{columns}: randomisation p of {terms} ({count} assignments {between})",
                  "{columns}：随机化推断p值：{terms}（{between}，随机分配{count}次）"),
    "dealt_groups": ("between groups of {by}", "在{by}之间"),
    "dealt_rows": ("between rows", "在各行之间"),
    "dealt_within": (" within {within}", "（{within}内）"),
    "adjusted_p": ("{name} p", "{name} p值"),
    "adjust": (
        "{name} p values are adjusted over the {count} coefficients of interest in the table",
        "{name} p值对表中{count}个核心系数进行多重检验调整"),
    "adjust_family": (
        ("{name} p values are adjusted over the {count} coefficients of interest in the table and "
         "in the models {list}"),
        "{name} p值对表中及模型{list}中共{count}个核心系数进行多重检验调整"),
    "adjust_draws": (" ({count} wild bootstrap draws, the same for all, clusters of {by})",
                     "（{by}层面共用的野自助抽样{count}次）"),
    "adjust_none": ("No {name} p values: {reason}", "无{name} p值：{reason}"),
    "adjust_holm": ("Holm", "Holm"),
    "adjust_bh": ("Benjamini-Hochberg", "Benjamini-Hochberg"),
    "adjust_romano-wolf": ("Romano-Wolf", "Romano-Wolf"),
    "warning": ("{columns}: {text}", "{columns}：{text}"),
    "sample": ("Sample: {text}", "样本：{text}"),
    "source": ("Source: {text}", "数据来源：{text}"),
    # descriptive tables
    "descriptives": ("Descriptive statistics", "描述性统计"),
    "N": ("N", "观测值"),
    "mean": ("Mean", "均值"),
    "sd": ("SD", "标准差"),
    "min": ("Min", "最小值"),
    "p50": ("Median", "中位数"),
    "max": ("Max", "最大值"),
    "missing_count": ("Missing", "缺失"),
    "descriptives_note": (
        "SD is the sample standard deviation (divisor N − 1); gaps are left out by variable",
        "标准差为样本标准差（除以N−1）；各变量分别剔除缺失值"),
    "definitions": ("Definitions and sources of variables", "变量定义与数据来源"),
    "definition": ("Definition", "定义"),
    "unit": ("Unit", "单位"),
    "source_head": ("Source", "来源"),
    "correlations": ("Correlation matrix", "相关系数矩阵"),
    "correlations_note": (
        "Pearson correlations over the rows where both variables are present",
        "皮尔逊相关系数，按两变量均非缺失的观测计算"),
    "weights": ("Weights of the index", "指数权重"),
    "indicator": ("Indicator", "指标"),
    "weight": ("Weight", "权重"),
    "entropy": ("Entropy", "熵值"),
    "divergence": ("Divergence", "差异系数"),
    "effective": ("Effective weight", "综合权重"),
    "weights_note": (
        "Weights sum to one within each parent; effective weights are products along the path",
        "同一上级指标下权重之和为1；综合权重为由总指数至该指标路径上权重之积"),
    "entropy_note": ("Divergence is one minus entropy", "差异系数等于1减熵值"),
    # what the data of an index support
    "coverage": ("Coverage of the data", "数据覆盖范围"),
    "direction": ("Direction", "方向"),
    "units_observed": ("Units", "单位数"),
    "years_observed": ("Years", "年份"),
    "absent": ("Without data in", "缺数据年份"),
    "observed": ("Values", "数值个数"),
    "filled": ("Filled", "插补个数"),
    "coverage_note": (
        ("Units and values of indicators are counted in the rows with a score; years are the "
         "first and last with data for these units, and the years between them without data in "
         "any of them are listed; filled values come from the rule for missing values"),
        ("指标的单位数与数值个数按有指数得分的观测计算；年份为这些单位首末有数据的年份，并列出其间均无数据"
         "的年份；插补个数为按缺失值规则补齐的数值")),
    "scored": ("{name} is scored for {list}", "{name}的覆盖单位：{list}"),
    # a specification curve
    "curve": ("Specification curve", "设定曲线"),
    "curve_choice": ("Choice", "设定选择"),
    "curve_all": ("All specifications", "全部设定"),
    "curve_none": ("none", "无"),
    "curve_first": ("the first regressor", "首个解释变量"),
    "curve_specifications": ("Specifications", "设定数"),
    "curve_estimated": ("Estimated", "已估计"),
    "curve_median": ("Median", "中位数"),
    "curve_lowest": ("Lowest", "最小值"),
    "curve_highest": ("Highest", "最大值"),
    "curve_positive": ("Positive", "正向占比"),
    "curve_significant": ("Significant", "显著占比"),
    "choice_y": ("Outcome", "被解释变量"),
    "choice_x": ("Regressor", "解释变量"),
    "choice_controls": ("Controls", "控制变量"),
    "choice_fe": ("Fixed effects", "固定效应"),
    "choice_se_kind": ("Standard errors", "标准误"),
    "choice_ssc": ("Small-sample correction", "小样本修正"),
    "choice_weights": ("Weights", "权重"),
    "choice_sample": ("Sample", "样本"),
    "choice_estimator": ("Estimator", "估计方法"),
    "choice_winsor": ("Winsorised at", "缩尾比例"),
    "curve_note": (
        ("Coefficients of {name}; shares of the estimated specifications that are positive, and "
         "significant at 5 percent"),
        "{name}的系数；正向与在5%水平上显著的占比按已估计的设定计算"),
    "curve_joint": (
        ("Joint tests of no effect in any specification ({draws} draws of signs by {by}, "
         "{clusters} clusters): median p {median}, share significant p {share}, Stouffer p "
         "{stouffer}"),
        ("所有设定均无效应的联合检验（按{by}变号抽样{draws}次，{clusters}个聚类）：中位数p值{median}，"
         "显著占比p值{share}，Stouffer p值{stouffer}")),
    # a model over the variants of an index
    "uncertainty": ("The coefficient over variants of the index", "指数不同构建方式下的系数分布"),
    "estimate": ("Estimate", "估计值"),
    "se": ("SE", "标准误"),
    "p05": ("5 %", "5%分位"),
    "p95": ("95 %", "95%分位"),
    "same_sign": ("Same sign", "同号占比"),
    "significant": ("Significant", "显著占比"),
    "total_se": ("SE with index", "含指数不确定性的标准误"),
    "variants": ("Variants", "变体数"),
    "failed": ("Failed", "未能估计"),
    "uncertainty_note": (
        ("Each variant draws the {vary} of the index; estimates are per unit of the index of the "
         "point estimate, variants being put on its standard deviation; significant is the share "
         "with a p value below {level}; the standard error with the index joins the mean sampling "
         "variance and the variance over variants as in multiple imputation"),
        ("每个变体随机抽取指数的{vary}；各变体已调整至原指数的标准差，系数可比；显著占比为p值小于{level}"
         "的比例；含指数不确定性的标准误按多重插补公式合并抽样方差与变体间方差")),
    "vary_missing": ("missing rule", "缺失值规则"),
    "vary_normalise": ("normalisation", "标准化方法"),
    "vary_weights": ("weights", "权重"),
    "vary_aggregate": ("aggregation", "合成方法"),
    "vary_drop_one": ("indicators but one", "剔除一个指标"),
}

class Statistic(NamedTuple):
    """A statistic: its words, and its decimals (None: those of the table; 0: a count)."""

    en: str
    zh: str
    decimals: int | None

    def label(self, language: str) -> str:
        """Return the words in ``language``."""
        return (self.en, self.zh)[language_of(language)]


STATS: dict[str, Statistic] = {
    "n": Statistic("Observations", "观测值", 0),
    "r2": Statistic("R²", "R²", None),
    "r2_adj": Statistic("Adjusted R²", "调整后R²", None),
    "r2_within": Statistic("Within R²", "组内R²", None),
    "r2_within_adj": Statistic("Adjusted within R²", "调整后组内R²", None),
    "r2_between": Statistic("Between R²", "组间R²", None),
    "r2_overall": Statistic("Overall R²", "总体R²", None),
    "r2_pseudo": Statistic("Pseudo R²", "伪R²", None),
    "sigma": Statistic("Residual SD", "残差标准差", None),
    "rmse": Statistic("RMSE", "均方根误差", None),
    "y_mean": Statistic("Mean of dependent variable", "被解释变量均值", None),
    "y_sd": Statistic("SD of dependent variable", "被解释变量标准差", None),
    "clusters": Statistic("Clusters ({name})", "聚类数（{name}）", 0),
    "dof": Statistic("Degrees of freedom", "自由度", 0),
    "first_stage_f": Statistic("First-stage F", "第一阶段F值", 2),
    "kp_f": Statistic("Kleibergen-Paap F", "Kleibergen-Paap F值", 2),
    "cd_f": Statistic("Cragg-Donald F", "Cragg-Donald F值", 2),
    "effective_f": Statistic("Effective F (Olea-Pflueger)", "有效F值（Olea-Pflueger）", 2),
    "ar_stat": Statistic("Anderson-Rubin statistic", "Anderson-Rubin统计量", 2),
    "ar_p": Statistic("Anderson-Rubin p", "Anderson-Rubin p值", None),
    "hansen_j": Statistic("Hansen J", "Hansen J统计量", 2),
    "hansen_p": Statistic("Hansen J p", "Hansen J p值", None),
    "sargan": Statistic("Sargan statistic", "Sargan统计量", 2),
    "sargan_p": Statistic("Sargan p", "Sargan p值", None),
    "index_mean": Statistic("Mean over index variants", "指数变体系数均值", None),
    "index_sd": Statistic("SD over index variants", "指数变体系数标准差", None),
    "index_p05": Statistic("5th percentile over index variants", "指数变体系数5%分位", None),
    "index_p95": Statistic("95th percentile over index variants", "指数变体系数95%分位", None),
    "index_same_sign": Statistic("Same sign over index variants", "指数变体同号占比", 2),
    "index_significant": Statistic("Significant over index variants", "指数变体显著占比", 2),
    "index_total_se": Statistic("SE with index uncertainty", "含指数不确定性的标准误", None),
    "index_variants": Statistic("Index variants", "指数变体数", 0),
    "kp_lm": Statistic("Kleibergen-Paap LM", "Kleibergen-Paap LM统计量", 2),
    "kp_lm_p": Statistic("Kleibergen-Paap LM p", "Kleibergen-Paap LM p值", None),
    "endogeneity_f": Statistic("Durbin-Wu-Hausman F", "Durbin-Wu-Hausman F值", 2),
    "endogeneity_p": Statistic("Durbin-Wu-Hausman p", "Durbin-Wu-Hausman p值", None),
    "hausman": Statistic("Hausman χ²", "Hausman χ²", 2),
    "hausman_p": Statistic("Hausman p", "Hausman p值", None),
    "hausman_robust": Statistic("Robust Hausman χ²", "稳健Hausman χ²", 2),
    "hausman_robust_p": Statistic("Robust Hausman p", "稳健Hausman p值", None),
    "f_effects": Statistic("F of fixed effects", "固定效应F值", 2),
    "f_effects_p": Statistic("p of fixed effects", "固定效应p值", None),
    "breusch_pagan": Statistic("Breusch-Pagan LM", "Breusch-Pagan LM统计量", 2),
    "breusch_pagan_p": Statistic("Breusch-Pagan p", "Breusch-Pagan p值", None),
    "wooldridge": Statistic("Wooldridge AR F", "Wooldridge序列相关F值", 2),
    "wooldridge_p": Statistic("Wooldridge AR p", "Wooldridge序列相关p值", None),
    "breusch_godfrey": Statistic("Breusch-Godfrey χ²", "Breusch-Godfrey χ²", 2),
    "breusch_godfrey_p": Statistic("Breusch-Godfrey p", "Breusch-Godfrey p值", None),
    "pesaran_cd": Statistic("Pesaran CD", "Pesaran CD统计量", 2),
    "pesaran_cd_p": Statistic("Pesaran CD p", "Pesaran CD p值", None),
    "modified_wald": Statistic("Modified Wald χ²", "修正Wald χ²", 2),
    "modified_wald_p": Statistic("Modified Wald p", "修正Wald p值", None),
    "vif_max": Statistic("Largest VIF", "最大VIF", 2),
    "ar1_p": Statistic("AR(1) p", "AR(1) p值", None),
    "ar2_p": Statistic("AR(2) p", "AR(2) p值", None),
    "instruments": Statistic("Instruments", "工具变量数", 0),
    "log_lik": Statistic("Log likelihood", "对数似然值", 2),
    "aic": Statistic("AIC", "AIC", 1),
    "bic": Statistic("BIC", "BIC", 1),
    "wald": Statistic("Wald χ²", "Wald χ²", 2),
}

#: Words for keys of panels, where the dictionary of variables has none.
KEYS: dict[str, tuple[str, str]] = {
    "country": ("country", "国家"),
    "sector": ("sector", "行业"),
    "year": ("year", "年份"),
    "exporter": ("exporter", "出口国"),
    "importer": ("importer", "进口国"),
    "product": ("product", "产品"),
    "region": ("region", "地区"),
    "firm": ("firm", "企业"),
    "industry": ("industry", "行业"),
    "time": ("time", "时间"),
    "pair": ("country pair", "国家对"),
    "month": ("month", "月份"),
    "province": ("province", "省份"),
    "city": ("city", "城市"),
}


def language_of(language: str) -> int:
    """Return the position of ``language`` in the phrase table; SpecError where it has none."""
    if language not in LANGUAGES:
        raise SpecError(unknown("language", language, LANGUAGES))
    return LANGUAGES.index(language)


def say(phrase: str, language: str, /, **parts: object) -> str:
    """Return a phrase in ``language`` with its ``{parts}`` filled in."""
    template = _PHRASES[phrase][language_of(language)]
    return template.format(**parts) if parts else template


def join(items: Sequence[str], language: str) -> str:
    """Return ``items`` as a list in words: ``a, b, c`` or ``a、b、c``."""
    return ("、" if language == "zh" else ", ").join(items)


def sentences(items: Sequence[str], language: str) -> str:
    """Return ``items`` as sentences of one paragraph."""
    stop, gap = ("。", "") if language == "zh" else (".", " ")
    texts = [t.strip() for t in items if t.strip()]
    return gap.join(t if t.endswith((".", "。", "!", "?", "！", "？")) else t + stop for t in texts)


def columns_phrase(columns: Sequence[int], language: str) -> str:
    """Return column numbers (from 0) in words: ``columns (1)–(3), (5)`` or ``第(1)—(3)、(5)列``."""
    runs: list[tuple[int, int]] = []
    for column in sorted(set(columns)):
        if runs and runs[-1][1] == column - 1:
            runs[-1] = (runs[-1][0], column)
        else:
            runs.append((column, column))
    dash = "—" if language == "zh" else "–"
    texts: list[str] = []
    for first, last in runs:
        if last - first >= 2:
            texts.append(f"({first + 1}){dash}({last + 1})")
        else:
            texts += [f"({c + 1})" for c in range(first, last + 1)]
    return say("column" if len(set(columns)) == 1 else "columns", language,
               list=join(texts, language))
