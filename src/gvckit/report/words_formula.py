"""Words for expressions: one row for each function, operator and comparison of their language."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CALLS", "COMPARED", "OTHERS", "PARTS", "PERIODS", "STEPS"]

Words = Mapping[str, tuple[str, str]]

CALLS: Words = {
    "log": ("ln of {x}", "{x}的自然对数"),
    "log1p": ("ln of (1 + {x})", "（1 + {x}）的自然对数"),
    "exp": ("exponential of {x}", "{x}的指数函数值"),
    "sqrt": ("square root of {x}", "{x}的平方根"),
    "abs": ("absolute value of {x}", "{x}的绝对值"),
    "where": ("{x} for {condition}, else {other}", "{condition}时为{x}，否则为{other}"),
    "lag": ("{x} of the {period} before", "上一{period}的{x}"),
    "lead": ("{x} of the {period} after", "下一{period}的{x}"),
    "diff": ("change of {x}", "{x}的变化"),
    "growth": ("growth rate of {x}", "{x}的增长率"),
    "first": ("first value of {x}{among}", "{among}{x}的首个值"),
    "mean": ("mean of {x}{among}", "{among}{x}的均值"),
    "sd": ("standard deviation of {x}{among}", "{among}{x}的标准差"),
    "sum": ("sum of {x}{among}", "{among}{x}之和"),
    "min": ("smallest value of {x}{among}", "{among}{x}的最小值"),
    "max": ("largest value of {x}{among}", "{among}{x}的最大值"),
    "rank": ("ascending rank of {x}{among}", "{among}{x}的升序位次"),
}
"""Function -> how its value is called; ``among`` says over which rows it is taken."""

STEPS: Words = {
    "only": ("rows with {condition} only", "仅限{condition}的观测"),
    "winsor": ("winsorised at {percent} percent at each end{within}",
               "{within}上下各缩尾{percent}%"),
    "standardise": ("standardised{within}", "{within}标准化"),
}
"""Function -> what it does to a variable, said behind it."""

PERIODS: Words = {
    "lag": ("{x} of {k} {periods} before", "{k}{period}前的{x}"),
    "lead": ("{x} of {k} {periods} after", "{k}{period}后的{x}"),
    "diff": ("{k}-{period} change of {x}", "{x}的{k}{period}变化"),
    "growth": ("{k}-{period} growth rate of {x}", "{x}的{k}{period}增长率"),
}
"""The same over several periods."""

COMPARED: Words = {
    "==": ("{left} equal to {right}", "{left}等于{right}"),
    "!=": ("{left} other than {right}", "{left}不等于{right}"),
    "<": ("{left} below {right}", "{left}小于{right}"),
    "<=": ("{left} at most {right}", "{left}不超过{right}"),
    ">": ("{left} above {right}", "{left}大于{right}"),
    ">=": ("{left} at least {right}", "{left}不低于{right}"),
    "and": ("{left} and {right}", "{left}且{right}"),
    "or": ("{left} or {right}", "{left}或{right}"),
    "not": ("not {x}", "非{x}"),
    "neg": ("−{x}", "−{x}"),
    "+": ("{left} + {right}", "{left} + {right}"),
    "-": ("{left} − {right}", "{left} − {right}"),
    "*": ("{left} × {right}", "{left} × {right}"),
    "/": ("{left} / {right}", "{left} / {right}"),
    "^": ("{left} to the power {right}", "{left}的{right}次方"),
}
"""Operator -> its words."""

PARTS: Words = {
    "dummy": ("1 for {condition}, else 0", "{condition}时为1，否则为0"),
    "else": ("{x} for {condition}, else {other}", "{condition}时为{x}，否则{other}"),
    "in": (" in the {keys}", "同一{keys}内"),
    "of_others": (" of {others}", "{others}"),
    "others_by": ("the others by {key}", "其他{key}"),
    "everywhere": (" over all observations", "全部观测中"),
    "within": (" within {keys}", "按{keys}"),
    "and_key": (" and ", "和"),
    "series": ("series {list}", "序列{list}"),
    "index": ("index {name}", "指数{name}"),
    "also": ("; ", "；"),
    "inside": (", ", "，"),
    "year": ("year", "年"), "years": ("years", "年"),
    "period": ("period", "期"), "periods": ("periods", "期"),
}
"""What stands between them."""

OTHERS: Mapping[str, str] = {
    "country": "other countries", "sector": "other sectors", "year": "other years",
    "exporter": "other exporters", "importer": "other importers", "product": "other products",
    "region": "other regions", "firm": "other firms", "industry": "other industries",
    "time": "other times", "pair": "other country pairs", "month": "other months",
    "province": "other provinces", "city": "other cities",
}
"""Key of a panel -> its other members in English."""
