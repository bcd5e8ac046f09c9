"""Diagnostics of an IV regression, as statistics of its fit and as notes."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import chi2, f

from gvckit.errors import ModelError
from gvckit.models.anderson_rubin import ConfidenceSet, ar_statistic, confidence_set
from gvckit.models.design import Design
from gvckit.models.first_stage import (
    FirstStages,
    covariance_of,
    first_stages,
    moment_covariance,
)
from gvckit.models.inference import Inference
from gvckit.models.instrumented import Instrumented
from gvckit.models.kclass import Solution, gmm, j_statistic, k_class, regular
from gvckit.models.model import Model
from gvckit.models.tf import tf_critical
from gvckit.models.weak_instruments import (
    BIASES,
    effective_f,
    effective_f_critical,
    rank_statistics,
    sanderson_windmeijer,
)

__all__ = ["diagnostics"]


def diagnostics(iv: Instrumented, solution: Solution, design: Design, model: Model,
                inference: Inference) -> tuple[dict[str, float], list[str]]:
    """Return the diagnostics of an IV fit, and those that ``report`` asks for in words.

    - ``first:<x>:<z>``, ``first_se:…``, ``first_t:…``: first stages; ``first_f:<x>``,
      ``first_p:<x>``: their F of the model's kind of covariance; ``partial_r2:<x>``;
    - ``reduced:<z>``, ``reduced_se:…``, ``reduced_t:…``: the reduced form of y;
    - ``kp_f``, ``kp_lm`` (``_p``, ``_df``), ``cd_f``;
    - ``first_stage_f``, ``effective_f``, ``effective_f_critical_10`` …: one endogenous regressor;
    - ``sw_f:<x>``, ``sw_p:<x>``;
    - ``ar_stat``, ``ar_p``: the coefficients of all endogenous regressors are zero; ``ar_sets``,
      ``ar_low_1``, ``ar_high_1``, …: the 95 % confidence set of one endogenous regressor;
    - ``hansen_j``, ``hansen_p``, ``hansen_df``: over-identification at the two-step GMM
      estimate for 2SLS and LIML; with iid standard errors this is Sargan's statistic, also given
      as ``sargan``, ``sargan_p``;
    - ``endogeneity_f``, ``endogeneity_p``: Durbin-Wu-Hausman by the control function;
    - ``tf_critical``, ``tf_low``, ``tf_high``: one endogenous regressor and one instrument.
    """
    first = first_stages(iv, design, model)
    few = f"too few clusters or periods for {len(iv.excluded)} instruments"
    if not all(regular(first.block(e, e)) for e in range(1 + len(iv.endogenous))):
        return {}, [f"diagnostics of the instruments left out: {few}"]
    stats = _stages(first, iv)
    notes: list[str] = []
    stats |= rank_statistics(iv, design, model)
    if "kp_f" not in stats:
        notes.append(f"Kleibergen-Paap statistics left out: {few}")
    stats |= sanderson_windmeijer(iv, first, design, model)
    stats |= _endogeneity(iv, design, model)
    try:
        robust, sets = _anderson_rubin(first, iv)
        stats |= robust
        if sets is not None and "anderson-rubin" in model.report:
            notes.append(f"Anderson-Rubin 95 % confidence set of {iv.endogenous[0]}: {sets}")
    except np.linalg.LinAlgError:
        notes.append(f"Anderson-Rubin statistics left out: {few}")
    try:
        stats |= _overidentification(iv, solution, design, model)
    except ModelError as error:
        notes.append(f"Hansen J left out: {error}")
    if len(iv.endogenous) == 1:
        stats |= _one_endogenous(first, iv)
        if len(iv.excluded) == 1:
            stats |= _tf(stats, iv, solution, inference)
    return stats, notes + _notes(stats, iv, model)


def _anderson_rubin(first: FirstStages, iv: Instrumented
                    ) -> tuple[dict[str, float], ConfidenceSet | None]:
    """Return the statistic at zero and, of one endogenous regressor, the 95 % confidence set."""
    stat, p = ar_statistic(first, np.zeros(len(iv.endogenous)))
    out = {"ar_stat": stat, "ar_p": p}
    if len(iv.endogenous) > 1:
        return out, None
    sets = confidence_set(first)
    out["ar_sets"] = float(len(sets.intervals))
    for i, (low, high) in enumerate(sets.intervals, start=1):
        out |= {f"ar_low_{i}": low, f"ar_high_{i}": high}
    return out, sets


def _stages(first: FirstStages, iv: Instrumented) -> dict[str, float]:
    out: dict[str, float] = {}
    L = len(iv.excluded)
    for equation, label in enumerate(("reduced", *(f"first:{x}" for x in iv.endogenous))):
        head, _, of = label.partition(":")
        errors = np.sqrt(np.diag(first.block(equation, equation)))
        for i, z in enumerate(iv.excluded):
            key = f"{of}:{z}" if of else z
            estimate = float(first.coef[i, equation])
            out |= {f"{head}:{key}": estimate, f"{head}_se:{key}": float(errors[i]),
                    f"{head}_t:{key}": estimate / float(errors[i])}
        if of:
            statistic = first.wald(equation) / L
            residual = first.residuals[:, equation]
            total = iv.E[:, equation - 1]
            out |= {f"first_f:{of}": statistic,
                    f"first_p:{of}": float(f.sf(statistic, L, first.small.dof)),
                    f"partial_r2:{of}": 1 - float(residual @ residual) / float(total @ total)}
    return out


def _one_endogenous(first: FirstStages, iv: Instrumented) -> dict[str, float]:
    return {"first_stage_f": first.wald(1) / len(iv.excluded),
            "effective_f": effective_f(first, iv),
            **{f"effective_f_critical_{b}": effective_f_critical(first, iv, b / 100)
               for b in BIASES}}


def _overidentification(iv: Instrumented, solution: Solution, design: Design, model: Model
                        ) -> dict[str, float]:
    df = iv.A.shape[1] - iv.X.shape[1]
    if df == 0:
        return {"hansen_df": 0.0}
    S = moment_covariance(iv.A, solution.residuals, design, model)
    residuals = solution.residuals
    if model.estimator in ("2sls", "liml") and model.se.kind != "iid":
        residuals = gmm(iv.y, iv.X, iv.A, S).residuals
    elif model.estimator == "gmm":
        S = moment_covariance(iv.A, k_class(iv.y, iv.X, iv.A, 1.0).residuals, design, model)
    statistic = j_statistic(iv.A, residuals, S)
    p = float(chi2.sf(statistic, df))
    sargan = {"sargan": statistic, "sargan_p": p} if model.se.kind == "iid" else {}
    return {"hansen_j": statistic, "hansen_df": float(df), "hansen_p": p, **sargan}


def _endogeneity(iv: Instrumented, design: Design, model: Model) -> dict[str, float]:
    """Return the F that first-stage residuals do not belong in the equation of y."""
    m = len(iv.endogenous)
    Q, _ = np.linalg.qr(iv.Z)
    residuals = iv.E - Q @ (Q.T @ iv.E)
    X = np.column_stack([iv.E, residuals])
    if np.linalg.matrix_rank(X) < X.shape[1]:
        return {}
    bread = np.linalg.inv(X.T @ X)
    coef = bread @ (X.T @ iv.Y)
    V, small = covariance_of(X @ bread, (iv.Y - X @ coef)[:, None], bread, iv, design, model)
    if not regular(V[m:, m:]):
        return {}
    tested = coef[m:]
    statistic = float(tested @ np.linalg.solve(V[m:, m:], tested)) / m
    return {"endogeneity_f": statistic, "endogeneity_p": float(f.sf(statistic, m, small.dof))}


def _tf(stats: dict[str, float], iv: Instrumented, solution: Solution, inference: Inference
        ) -> dict[str, float]:
    at = iv.terms.index(iv.endogenous[0]) + int(iv.res.constant)
    critical = tf_critical(stats["effective_f"])
    half = critical * math.sqrt(float(inference.vcov[at, at]))
    estimate = float((iv.back @ solution.coef + iv.shift)[at])
    return {"tf_critical": critical, "tf_low": estimate - half, "tf_high": estimate + half}


def _notes(stats: dict[str, float], iv: Instrumented, model: Model) -> list[str]:
    notes = []
    if "first-stage" in model.report:
        notes += [f"first stage of {x}: {stats[f'first:{x}:{z}']:.4g} on {z} "
                  f"(t = {stats[f'first_t:{x}:{z}']:.2f}, {_sign(stats[f'first:{x}:{z}'])})"
                  for x in iv.endogenous for z in iv.excluded]
    if "reduced-form" in model.report:
        notes += [f"reduced form: {stats[f'reduced:{z}']:.4g} on {z} "
                  f"(t = {stats[f'reduced_t:{z}']:.2f})" for z in iv.excluded]
    notes += [sentence for key, sentence in _sentences(stats, iv) if key in model.report]
    if "effective_f" in stats and stats["effective_f"] < stats["effective_f_critical_10"]:
        notes.append(
            f"weak instruments: effective F {stats['effective_f']:.2f} is below the 5 % critical "
            f"value {stats['effective_f_critical_10']:.2f} for a bias of 10 %; rely on the "
            "Anderson-Rubin set")
    return notes


def _sentences(stats: dict[str, float], iv: Instrumented) -> list[tuple[str, str]]:
    """Return each diagnostic that has numbers, in words."""
    found = []
    if "kp_f" in stats:
        found += [
            ("kp-f", f"Kleibergen-Paap rk Wald F {stats['kp_f']:.2f}"),
            ("kp-lm", (f"Kleibergen-Paap rk LM {stats['kp_lm']:.2f} with "
                       f"{stats['kp_lm_df']:.0f} df, {_p(stats['kp_lm_p'])}"))]
    if "cd_f" in stats:
        found.append(("cragg-donald", f"Cragg-Donald F {stats['cd_f']:.2f}"))
    if "effective_f" in stats:
        critical = stats["effective_f_critical_10"]
        words = f"effective F {stats['effective_f']:.2f} (5 % critical value {critical:.2f} for a "
        found.append(("effective-f", words + "bias of 10 %)"))
    found += [("sanderson-windmeijer", (f"Sanderson-Windmeijer F of {x} {stats[f'sw_f:{x}']:.2f}, "
                                       f"{_p(stats[f'sw_p:{x}'])}"))
              for x in iv.endogenous if f"sw_f:{x}" in stats]
    if "hansen_j" in stats:
        found.append(("hansen-j", (f"Hansen J {stats['hansen_j']:.2f} with "
                                  f"{stats['hansen_df']:.0f} df, {_p(stats['hansen_p'])}")))
    elif stats.get("hansen_df") == 0.0:
        found.append(("hansen-j", "no Hansen J: the model is just identified"))
    if "endogeneity_f" in stats:
        found.append(("endogeneity", (f"Durbin-Wu-Hausman F {stats['endogeneity_f']:.2f}, "
                                     f"{_p(stats['endogeneity_p'])}")))
    if "tf_critical" in stats:
        found.append(("tf", (f"tF-adjusted 95 % interval [{stats['tf_low']:.4g}, "
                            f"{stats['tf_high']:.4g}], critical value {stats['tf_critical']:.2f}")))
    return found


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.0005 else f"p = {value:.3f}"


def _sign(value: float) -> str:
    return "positive" if value > 0 else "negative"
