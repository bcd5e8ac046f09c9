"""The sentences of fits - reasons and warnings - in the language of a table."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["in_words"]

#: English sentence, with the names that it may hold, -> Chinese.
_CHINESE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), template) for pattern, template in (
        *((rf"(?:model '[^']*': )?{english}", chinese) for english, chinese in (
            ((r"'(?P<name>[^']+)' has no variation within (?P<other>.+) in (?P<count>\d+) "
             r"observations"), "{name}在{other}内无变异（{count}个观测值）"),
            (r"'(?P<name>[^']+)' has no variation in (?P<count>\d+) observations",
             "{name}无变异（{count}个观测值）"),
            ((r"the dependent variable '(?P<name>[^']+)' has no variation within (?P<other>.+) in "
             r"(?P<count>\d+) observations"),
             "被解释变量{name}在{other}内无变异（{count}个观测值）"),
            ((r"the dependent variable '(?P<name>[^']+)' has no variation in (?P<count>\d+) "
             r"observations"), "被解释变量{name}无变异（{count}个观测值）"),
            ((r"instrument '(?P<name>[^']+)' has no variation within (?P<other>.+) in "
             r"(?P<count>\d+) observations"), "工具变量{name}在{other}内无变异（{count}个观测值）"),
            (r"instrument '(?P<name>[^']+)' has no variation in (?P<count>\d+) observations",
             "工具变量{name}无变异（{count}个观测值）"),
            (r"clustering by '(?P<name>[^']+)' needs two clusters or more: the used rows have one",
             "按{name}聚类至少需要两个聚类，所用观测仅有一个"),
            ((r"clustering by '(?P<name>[^']+)' has (?P<count>\d+) clusters, fewer than the "
             r"(?P<more>\d+) regressors: the covariance is singular"),
             "按{name}聚类仅有{count}个聚类，少于{more}个解释变量，协方差矩阵奇异"),
            ((r"'(?P<name>[^']+)' has no variation within (?P<other>.+) in (?P<count>\d+) "
             r"observations, once (?P<gone>\d+) separated observations are left out, whose zeros "
             r"of '(?P<third>[^']+)' it fits alone"),
             "{name}仅拟合{third}为零的{gone}个分离观测，剔除后在{other}内无变异（{count}个观测值）"),
            ((r"'(?P<name>[^']+)' has no variation in (?P<count>\d+) observations, once "
             r"(?P<gone>\d+) separated observations are left out, whose zeros of "
             r"'(?P<third>[^']+)' it fits alone"),
             "{name}仅拟合{third}为零的{gone}个分离观测，剔除后无变异（{count}个观测值）"),
            (r"one observation is left: nothing can be estimated from it",
             "仅余一个观测值，无法估计"),
            (r"no observations left: of (?P<count>\d+) rows, .+", "无可用观测值（共{count}行）"))),
        (r"collinear", "完全共线"),
        (r"collinear with earlier regressors", "与前面的变量完全共线"),
        (r"collinear with the fixed effects", "与固定效应完全共线"),
        (r"no variation", "无变异"),
        (r"no variation within (?P<name>.+)", "在{name}内无变异"),
        (r"fixed effect (?P<name>.+) is already implied by (?P<other>.+)",
         "固定效应{name}已包含于{other}"),
        (r"the two-way clustered covariance was not positive semi-definite: .+",
         "双向聚类协方差矩阵非半正定，负特征值已置零"),
        (r"(?P<count>\d+) rows repeat the (?P<name>.+) of another row",
         "{count}行的{name}与其他行重复"),
        (r"the index (?P<name>\S+) contains (?P<other>.+), which (?P<third>.+) is made of too, .+",
         "指数{name}包含{other}，而{third}也由其构成，二者机械相关；可用leave_out剔除"),
        (r"the index (?P<name>\S+) is without (?P<other>.+)", "指数{name}已剔除{other}"),
        ((r".+: over (?P<count>\d+) variants of the index (?P<name>\S+) the coefficient has mean "
          r"(?P<mean>\S+), sd (?P<sd>\S+), 5 to 95 percent (?P<low>\S+) to (?P<high>\S+); the sign "
          r"is the same in (?P<same>\S+), p < (?P<level>\S+) in (?P<sure>[0-9]+%).*"),
         ("指数{name}的{count}种构建方式下，系数均值{mean}、标准差{sd}、5%至95%分位{low}至{high}；"
          "同号占{same}，p值小于{level}的占{sure}")),
        (r"(?P<name>.+) winsorised at (?P<share>\S+) percent at each end of the rows used",
         "{name}在所用样本内按上下各{share}%缩尾"),
        (r"few clusters: (?P<count>\d+) \((?P<name>.+)\)", "聚类数较少：{count}（{name}）"),
        *((rf"{english}: (?P<rest>[^;]+); null: .+", f"{chinese}：{{rest}}；原假设：{null}")
          for english, chinese, null in (
              ("Hausman test", "Hausman检验", "个体效应与解释变量不相关"),
              ("F test of fixed effects", "固定效应F检验", "固定效应均相等"),
              ("Breusch-Pagan LM test", "Breusch-Pagan LM检验", "个体效应方差为零"),
              ("Wooldridge test of serial correlation", "Wooldridge序列相关检验",
               "扰动项无序列相关"),
              ("Breusch-Godfrey test", "Breusch-Godfrey检验", "无序列相关"),
              ("Pesaran CD test", "Pesaran CD检验", "无截面相关"),
              ("Modified Wald test", "修正Wald检验", "各个体扰动项方差相同"))),
        (r"largest variance inflation factor (?P<value>\S+) \((?P<name>.+)\)",
         "最大方差膨胀因子{value}（{name}）"),
        ((r"first stage of (?P<name>.+): (?P<value>\S+) on (?P<other>.+) \(t = (?P<t>[^,]+), "
         r"(?:positive|negative)\)"), "第一阶段：{name}对{other}的系数{value}（t值{t}）"),
        (r"reduced form: (?P<value>\S+) on (?P<name>.+) \(t = (?P<t>.+)\)",
         "简约式：{name}的系数{value}（t值{t}）"),
        (r"Anderson-Rubin 95 % confidence set of (?P<name>.+): (?P<value>.+)",
         "{name}的Anderson-Rubin 95%置信集：{value}"),
        (r"Kleibergen-Paap rk Wald F (?P<value>\S+)", "Kleibergen-Paap rk Wald F值{value}"),
        (r"Kleibergen-Paap rk LM (?P<value>\S+) with (?P<df>\d+) df, p (?P<p>.+)",
         "Kleibergen-Paap rk LM统计量{value}（自由度{df}，p {p}）"),
        (r"Cragg-Donald F (?P<value>\S+)", "Cragg-Donald F值{value}"),
        (r"effective F (?P<value>\S+) \(5 % critical value (?P<critical>\S+) .+\)",
         "有效F值{value}（10%偏误的5%临界值{critical}）"),
        (r"Sanderson-Windmeijer F of (?P<name>.+) (?P<value>\S+), p (?P<p>.+)",
         "{name}的Sanderson-Windmeijer F值{value}（p {p}）"),
        (r"Hansen J (?P<value>\S+) with (?P<df>\d+) df, p (?P<p>.+)",
         "Hansen J统计量{value}（自由度{df}，p {p}）"),
        (r"no Hansen J: the model is just identified", "模型恰好识别，无Hansen J检验"),
        (r"Durbin-Wu-Hausman F (?P<value>\S+), p (?P<p>.+)",
         "Durbin-Wu-Hausman F值{value}（p {p}）"),
        (r"tF-adjusted 95 % interval (?P<value>\[.+\]), critical value (?P<critical>\S+)",
         "tF调整后95%区间{value}（临界值{critical}）"),
        (r"weak instruments: effective F (?P<value>\S+) is below .+ value (?P<critical>\S+) for .+",
         "弱工具变量：有效F值{value}低于10%偏误的5%临界值{critical}，应参考Anderson-Rubin置信集"),
    )
)

#: Groups that hold names of variables; the others are numbers.
_NAMES = frozenset({"name", "other", "third"})


def in_words(text: str, language: str, label: Callable[[str], str]) -> str:
    """Return the sentence ``text`` in ``language``; one without a translation stays English.

    Parameters
    ----------
    text
        A reason or warning of a fit.
    language
        ``en`` or ``zh``.
    label
        Turns the names in the sentence into labels.
    """
    if language != "zh":
        return text
    for pattern, template in _CHINESE:
        found = pattern.fullmatch(text)
        if found:
            parts = {k: label(v) if k in _NAMES else v for k, v in found.groupdict().items()}
            return template.format(**parts)
    return text
