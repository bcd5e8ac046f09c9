"""Words for notes on thresholds and on the channels of an effect, English and Chinese."""

from __future__ import annotations

__all__ = ["CHANNEL_PHRASES"]

CHANNEL_PHRASES: dict[str, tuple[str, str]] = {
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
}
