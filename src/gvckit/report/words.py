"""The words of tables in English and Chinese: one place, one row a phrase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gvckit.errors import SpecError, unknown
from gvckit.report.words_audit import AUDIT
from gvckit.report.words_channels import CHANNEL_PHRASES
from gvckit.report.words_figures import FIGURES
from gvckit.report.words_notes import NOTES
from gvckit.report.words_placebo import PLACEBO_PHRASES

__all__ = [
    "KEYS",
    "LANGUAGES",
    "STATS",
    "SUMMARIES",
    "TERM_STATS",
    "Statistic",
    "columns_phrase",
    "join",
    "knows",
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
    "trends": ("{name} trends", "{name}线性趋势"),
    "slopes": ("{name} slopes of {slope}", "{name}特定的{slope}斜率"),
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
    "gaps_note": ("Gaps are left out by variable", "各变量分别剔除缺失值"),
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
    "coverage_complete": (
        ("Units and values of indicators are counted in the rows with a score; years are the "
         "first and last with data for these units, and no year between them is without data in "
         "all of them; filled values come from the rule for missing values"),
        ("指标的单位数与数值个数按有指数得分的观测计算；年份为这些单位首末有数据的年份，其间各年均有数据；"
         "插补个数为按缺失值规则补齐的数值")),
    "coverage_listed": (
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
    "curve_tests": (
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
         "variance and the variance over variants as in multiple imputation, and lies below that "
         "of the point estimate where variants are estimated more precisely"),
        ("每个变体随机抽取指数的{vary}；各变体已调整至原指数的标准差，系数可比；显著占比为p值小于{level}"
         "的比例；含指数不确定性的标准误按多重插补公式合并抽样方差与变体间方差，变体估计更精确时可低于点估计的标准误")),
    "vary_missing": ("missing rule", "缺失值规则"),
    "vary_normalise": ("normalisation", "标准化方法"),
    "vary_weights": ("weights", "权重"),
    "vary_aggregate": ("aggregation", "合成方法"),
    "vary_drop_one": ("indicators but one", "剔除一个指标"),
    **FIGURES,
    **NOTES,
    **CHANNEL_PHRASES,
    **PLACEBO_PHRASES,
    **AUDIT,
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
    "imputed_share": Statistic("Share on imputed values", "依赖插补值的观测占比", None),
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
    "placebo_p": Statistic("Placebo p", "安慰剂检验p值", None),
    "placebo_p_rank": Statistic("Placebo p by rank", "安慰剂检验秩p值", None),
    "placebo_percentile": Statistic("Percentile among placebos", "在安慰剂分布中的分位", 2),
    "placebo_beyond": Statistic("Share of placebos beyond", "安慰剂系数更大占比", 2),
    "placebo_draws": Statistic("Placebo draws", "安慰剂抽样次数", 0),
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

#: Statistics of single terms: ``statistic:term`` in a table, or the statistic alone.
TERM_STATS: dict[str, Statistic] = {
    "wild_p": Statistic("Wild bootstrap p", "野自助p值", None),
    "within_share": Statistic("Variance left by fixed effects", "固定效应后剩余方差占比", None),
    "mde": Statistic("Minimum detectable effect", "最小可检测效应", None),
    "difference_wild_p": Statistic("Wild bootstrap p of the difference", "差异的野自助p值", None),
    "ri_p": Statistic("Randomisation p", "随机化推断p值", None),
}

#: The statistics of a descriptive table.
SUMMARIES = ("N", "mean", "sd", "min", "p50", "max", "missing_count")

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


def knows(phrase: str) -> bool:
    """Return whether there are words for ``phrase``."""
    return phrase in _PHRASES


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
