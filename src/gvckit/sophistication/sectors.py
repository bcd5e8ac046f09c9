"""Exports of an inter-country input-output table by country and sector, as a long frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gvckit.errors import DataError, Problem, unknown
from gvckit.icio.leontief import Leontief, as_leontief
from gvckit.icio.table import IcioTable
from gvckit.measures.frames import summed
from gvckit.sophistication.flows import Keys, check_choices, some, tidy
from gvckit.sophistication.shapes import long_frame

__all__ = ["DVA", "product_shares", "sector_exports"]

Floats = NDArray[np.float64]

DVA = {
    "backward": "dva_cj = (v_c L_cc)_j e_cj: domestic value added in what sector j exports",
    "forward": "dva_ci = v_ci (L_cc e_c)_i: value added of sector i in the country's exports "
               "(the basis of RCA in value added, Wang, Wei, Yu & Zhu)",
    "vax-backward": "vax_cj = (v_c L_cc)_j (e_cj - sum_r (A_cr (B Y)_rc)_j): of it, what others "
                    "absorb (Borin & Mancini)",
    "vax-forward": "vax_ci = v_ci sum_{r != c} (B Y)_ci,r: value added of sector i that others "
                   "absorb (Johnson & Noguera)",
}


def sector_exports(
    io: IcioTable | Leontief, *,
    dva: Literal["backward", "forward", "vax-backward", "vax-forward"] = "backward",
    negative: Literal["keep", "zero"] = "keep",
) -> pd.DataFrame:
    """Return gross exports and the domestic value added in them, by country and sector.

    What PRODY, complexity and advantage take as ``exports`` when the products are a table's
    sectors.  e is gross exports, L_cc = (I − A_cc)⁻¹ the local inverse.

    Parameters
    ----------
    io
        A table, or its Leontief system.
    dva
        ``"backward"``: in what the sector exports; ``"forward"``: of the sector, in what its
        country exports; ``"vax-backward"`` and ``"vax-forward"``: of these, what is absorbed
        abroad, without what comes back.
    negative
        Negative exports (a sector whose foreign buyers ran down stocks): ``"keep"``, and the
        measures that take shares refuse them; or ``"zero"``, and ``attrs["set to zero"]`` lists
        what each was.

    Returns
    -------
    Columns country, product (the sector), value and dva (unit of the table).

    Raises
    ------
    SpecError
        Where an option is not known.
    """
    check_choices(dva=(dva, DVA), negative=(negative, ("keep", "zero")))
    system = as_leontief(io)
    table = system.table
    country, sector = np.divmod(np.arange(system.G * system.N), system.N)
    keys: Keys = {"country": (country, pd.Index(system.countries)),
                  "product": (sector, pd.Index(system.sectors))}
    columns = {name: summed(system, x, ("country", "sector"))
               for name, x in (("value", system.E), ("dva", _ADDED[dva](system)))}
    below = {name: {_place(system, int(k)): float(x[k]) for k in np.flatnonzero(x < 0)}
             for name, x in columns.items()}
    if negative == "zero":
        columns = {name: np.maximum(x, 0.0) for name, x in columns.items()}
    return tidy(keys, columns, unit=table.unit, definition=f"gross exports; {DVA[dva]}",
                **({"set to zero": below} if negative == "zero" else {}))


def _returning(system: Leontief) -> Floats:
    """Return Σ_r A_cr (B Y)_rc, shape (n,): intermediate exports that the country absorbs."""
    back = np.empty(system.n)
    for c, (a, b) in enumerate(system.bounds):
        absorbed = system.BY[:, c]
        back[a:b] = system.A[a:b] @ absorbed - system.A_blocks[c] @ absorbed[a:b]
    return back


_ADDED: Mapping[str, Callable[[Leontief], Floats]] = {
    "backward": lambda s: s.local_t(s.v) * s.E,
    "forward": lambda s: s.v * s.local(s.E),
    "vax-backward": lambda s: s.local_t(s.v) * (s.E - _returning(s)),
    "vax-forward": lambda s: s.v * (s.BY.sum(axis=1) - s.own(s.BY)),
}


def product_shares(
    sectors: pd.DataFrame, industry: Mapping[Any, Any] | pd.Series, *,
    gaps: Literal["error", "country"] = "error", time: str | None = None,
) -> pd.DataFrame:
    """Return the share of domestic value added in exports of products, from that of their sectors.

    What ``dvar=`` of PRODY, EXPY and the others takes where product trade meets a table: a product
    has the share dva_cj / e_cj of its sector j.

    Parameters
    ----------
    sectors
        From :func:`sector_exports` (``backward`` or ``vax-backward``), the years below each other
        with a column of years.
    industry
        Product to sector.
    gaps
        A sector that exports nothing has no share: ``"error"`` names it, ``"country"`` gives it the
        share of all the country's exports.
    time
        Column of the years; ``year`` where there is one.

    Returns
    -------
    Columns country, product[, time], dvar.

    Raises
    ------
    SpecError, DataError
        Where an option is not known; sectors that the table does not have; gaps.
    """
    check_choices(gaps=(gaps, ("error", "country")))
    sectors, columns = long_frame(sectors, "country", "product", "value", time)
    of = pd.Series(dict(industry), dtype=object).astype(str)
    known = set(sectors["product"].astype(str))
    absent = sorted(set(of) - known)
    if absent:
        raise DataError([unknown("sector of the table", s, sorted(known)) for s in absent])
    keys = [k for k in columns.keys if k != "product"]
    frame = sectors.astype({"country": str, "product": str})
    total = frame.groupby(keys)[["value", "dva"]].transform("sum")
    sold = (frame["value"] > 0).to_numpy()
    share = (frame["dva"] / frame["value"].where(sold)).to_numpy()
    wanted = ~sold & frame["product"].isin(set(of)).to_numpy()
    if wanted.any() and gaps == "error":
        names = frame.loc[wanted, [*keys, "product"]].astype(str).agg(" ".join, axis=1)
        raise DataError(Problem(
            f"{int(wanted.sum())} sectors export nothing, so their value added has no share: "
            f"{some(list(names.head(12)), int(wanted.sum()))}",
            allowed="gaps='country': the share of all exports of the country"))
    share = np.where(sold, share, (total["dva"] / total["value"]).to_numpy())
    products = of.rename("product").rename_axis("item").reset_index()
    out = frame[[*keys, "product"]].assign(dvar=share).merge(products, on="product")
    out = out.drop(columns="product").rename(columns={"item": "product"})
    out = out[["country", "product", *keys[1:], "dvar"]].sort_values(
        ["country", "product", *keys[1:]], kind="stable", ignore_index=True)
    told = str(sectors.attrs.get("definition", ""))
    out.attrs = {"definition": f"dva / value of the product's sector; {told}", "unit": "share"}
    return out


def _place(system: Leontief, cell: int) -> str:
    """Return country, sector and year of a cell, as error messages say it."""
    country, sector = divmod(cell, system.N)
    words = [system.countries[country], system.sectors[sector]]
    return " ".join(words if system.table.year is None else [*words, str(system.table.year)])
