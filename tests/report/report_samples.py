"""Fits, dictionaries and requests that the tests of the report room share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from scipy.stats import t as student

from gvckit.models.result import Fit, NotEstimated
from gvckit.report.request import TableRequest, VariableInfo, dictionary_from

DICTIONARY: dict[str, VariableInfo] = dictionary_from({
    "ln_pos": {"label": {"en": "Ln GVC position", "zh": "全球价值链位置对数"}, "unit": "",
               "formula": "log(gvc_pos)", "source": "WIOD 2013"},
    "gvc_fwd": {"label": {"en": "Forward participation", "zh": "前向参与度"}},
    "dig": {"label": {"en": "Digital input", "zh": "数字投入"}, "unit": "share",
            "formula": "winsor(dig_in, 0.01)", "source": "WIOD 2013"},
    "ln_gdp": {"label": {"en": "Ln GDP per capita", "zh": "人均GDP对数"}, "unit": "2015 USD",
               "formula": "log(gdp_pc)", "source": "Gapminder & WDI"},
    "open": {"label": {"en": "Openness (% of GDP)", "zh": "贸易开放度"}, "unit": "%"},
})


def make_fit(
    name: str,
    terms: Mapping[str, tuple[float, float]],
    *,
    y: str = "ln_pos",
    n: int = 12345,
    clusters: Mapping[str, int] | None = None,
    kind: str = "cluster",
    dropped: Sequence[tuple[str, str]] = (),
    warnings: Sequence[str] = (),
    fe: Sequence[str] = ("country*sector", "year"),
    controls: Sequence[str] = ("ln_gdp", "open"),
    rows: Mapping[str, int] | None = None,
    **stats: float,
) -> Fit:
    """Return a fit with the given ``term: (coefficient, standard error)``."""
    clusters = {"country": 38} if clusters is None else dict(clusters)
    names = list(terms)
    coef = pd.Series({k: v[0] for k, v in terms.items()}, dtype=float)
    se = pd.Series({k: v[1] for k, v in terms.items()}, dtype=float)
    dof = min(clusters.values()) - 1 if clusters else n - len(names)
    t = coef / se
    p = pd.Series(2 * student.sf(t.abs(), dof), index=names)
    return Fit(
        name=name, y=y, terms=tuple(names), coef=coef, se=se, t=t, p=p,
        vcov=pd.DataFrame(0.0, index=names, columns=names), n=n, clusters=dict(clusters),
        stats={"r2": 0.93871, "r2_within": 0.04512, "y_mean": 0.0213, "dof": float(dof), **stats},
        convention="Clustered standard errors (CRV1).",
        se_kind={"kind": kind, "by": list(clusters), "clusters": list(clusters.values()),
                 "ssc": "fixest"},
        rows=dict(rows if rows is not None else {
            "panel": 14000, "outside the sample": 800, "missing ln_gdp": 852, "singletons": 3,
            "used": n}),
        fe=dict.fromkeys(fe, 10), dropped=tuple(dropped), warnings=tuple(warnings),
        sample_hash="0" * 64,
        model={"y": y, "x": [k for k in names if k not in controls], "controls": list(controls),
               "fe": list(fe)},
    )


def baseline(**options: Any) -> Fit:
    return make_fit("baseline", {"dig": (0.13204, 0.02113), "ln_gdp": (-0.2101, 0.0804),
                                 "open": (0.00041, 0.00022)}, **options)


def lagged(**options: Any) -> Fit:
    return make_fit("lagged", {"lag(dig)": (0.0987, 0.0413), "ln_gdp": (-0.1987, 0.0811),
                               "open": (0.00039, 0.00021)}, n=11500,
                    rows={"panel": 14000, "outside the sample": 800, "missing lag(dig)": 1697,
                          "singletons": 3, "used": 11500}, **options)


def forward(**options: Any) -> Fit:
    return make_fit("forward", {"dig": (-12.5, 7.93), "ln_gdp": (1.5, 0.9),
                                "open": (2.0, 1.5)}, y="gvc_fwd", **options)


FAILED = NotEstimated("iv", "the instrument bartik is collinear with the fixed effects",
                      {"y": "ln_pos", "x": ["dig"], "controls": ["ln_gdp", "open"],
                       "fe": ["country*sector", "year"]})


def request(table_id: str = "tab2", **options: Any) -> TableRequest:
    entry: dict[str, Any] = {"title": {"en": "Baseline estimates", "zh": "基准回归"}}
    return TableRequest.from_dict(table_id, {**entry, **options})
