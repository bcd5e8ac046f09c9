from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from report_samples import DICTIONARY, FAILED, baseline, forward, lagged, request

from gvckit.errors import SpecError
from gvckit.report import registry
from gvckit.report.cells import (
    Column,
    Empty,
    Group,
    HeaderRow,
    Number,
    Row,
    Span,
    TableLayout,
    Text,
)
from gvckit.report.latex import cell_tex, render
from gvckit.report.latexwidth import plan, table_format
from gvckit.report.layout import regression_table
from gvckit.report.request import VariableInfo
from gvckit.report.tex import comment, escape, label_key, plain, width

_COMMANDS = {
    "textbackslash", "textasciicircum", "textasciitilde", "textless", "textgreater", "textbar",
    "textasciigrave", "times", "leq", "geq", "neq", "pm", "Delta", "infty", "cup", "surd",
    "alpha", "beta", "gamma", "delta", "lambda", "mu", "rho", "sigma", "chi", "allowbreak",
}
_TOKEN = re.compile(r"\\([A-Za-z]+|.)|([{}$&#%_^~])|([^\\{}$&#%_^~])", re.DOTALL)
SIGNS = list("\\{}$&#%_^~`'-<>|[]*\"!?,\n\r\t\0 aZ9数é×−²\u200b\ufeff\u202e")
HOSTILE = st.text(st.sampled_from(SIGNS) | st.characters(), max_size=60)


def check_harmless(tex: str) -> None:
    """Assert that ``tex`` has balanced braces and math, and no active or unknown command."""
    depth, math_open, place = 0, False, 0
    while place < len(tex):
        found = _TOKEN.match(tex, place)
        assert found, tex[place:]
        place = found.end()
        command, special, _ = found.groups()
        if command is not None:
            assert command in _COMMANDS or command in "{}$&#%_", command
        elif special == "{":
            depth += 1
        elif special == "}":
            depth -= 1
            assert depth >= 0
        elif special == "$":
            math_open = not math_open
        elif special == "^":
            assert math_open
        else:
            assert special in (None, "~"), special
    assert depth == 0
    assert not math_open


@given(HOSTILE, st.booleans())
@example(r"\input{/etc/passwd}", False)
@example(r"\write18{rm -rf x}^^5cinput", False)
@example("----", False)
def test_any_text_becomes_harmless_tex(text: str, breaks: bool) -> None:
    tex = escape(text, breaks=breaks)
    check_harmless(tex)
    assert "--" not in tex
    assert "\n" not in tex
    assert tex.encode("utf-8").decode("utf-8") == tex


@given(st.text(st.sampled_from("abc 数字é一"), max_size=30))
def test_letters_pass_through(text: str) -> None:
    assert escape(text) == text


def test_escapes_are_literal() -> None:
    assert escape(r"\input{/etc/passwd}") == r"\textbackslash{}input\{/etc/passwd\}"
    assert escape("a_b % & # $ ~ ^") == (
        r"a\_b \% \& \# \$ \textasciitilde{} \textasciicircum{}")
    assert escape("a_b", breaks=True) == r"a\_\allowbreak{}b"
    assert escape("R² × Δ") == r"R$^{2}$ $\times$ $\Delta$"
    assert escape("a\x00b\x1bc\u202ed\ud800e\nf") == "abcde f"


@given(HOSTILE)
def test_comments_stay_on_their_line(text: str) -> None:
    assert len(comment(text).splitlines()) <= 1
    assert "^^" not in comment(text)
    assert re.fullmatch(r"[A-Za-z0-9_.:-]*", label_key(text))


def test_width_counts_chinese_twice() -> None:
    assert width("ab数字") == 6
    assert plain("a\tb") == "a b"


@pytest.mark.parametrize(("cell", "tex"), [
    (Number(0.132, 3, stars=2), r"0.132{\sym{**}}"),
    (Number(0.021, 3, bracket="("), "{(}0.021{)}"),
    (Number(-1.5, 3, bracket="["), "{[}-1.500{]}"),
    (Number(12345, 0, thousands=True), "{12,345}"),
    (Number(4.1e-8, None, stars=1), r"{$4.1\times10^{-8}$\sym{*}}"),
    (Text("Yes & no"), r"{Yes \& no}"),
    (Text("n.e."), "{n.e.}"),
    (Empty(), ""),
])
def test_cells(cell: Number | Text | Empty, tex: str) -> None:
    assert cell_tex(cell) == tex


def test_table_format_holds_every_number_of_the_column() -> None:
    numbers = [Number(0.132, 3), Number(-12.5, 1), Number(123.4, 2, bracket="(")]
    assert table_format(numbers) == "-3.3"
    assert table_format([Number(0.5, 3)]) == "1.3"


EXPECTED = r"""% gvckit table tab2 (en)
% Baseline estimates
% Packages: \usepackage{array,booktabs,rotating,siunitx,threeparttable}
% Engine: pdflatex or xelatex
\providecommand{\sym}[1]{\ifmmode^{#1}\else\(^{#1}\)\fi}
\begin{table}[htbp]
\centering
\begin{threeparttable}
\caption{Baseline estimates}\label{tab:tab2}
\small
\setlength{\tabcolsep}{6pt}
\sisetup{table-align-text-pre=false,table-align-text-post=false,group-digits=false}
"""


def test_the_file_of_a_small_table() -> None:
    layout = regression_table(request(show=["dig"], stats=["n"]), [baseline(), FAILED],
                              DICTIONARY, "en")
    tex = render(layout)
    assert tex.startswith(EXPECTED)
    body = tex.split(r"\toprule" + "\n")[1].split(r"\bottomrule")[0].splitlines()
    assert body == [
        r"& \multicolumn{2}{c}{Ln GVC position} \\",
        r"\cmidrule(lr){2-3}",
        r"& \multicolumn{1}{c}{(1)} & \multicolumn{1}{c}{(2)} \\",
        r"\midrule",
        r"{Digital input} & 0.132{\sym{***}} & {n.e.} \\",
        r"& {(}0.021{)} &  \\",
        r"\addlinespace",
        r"{Controls} & {Yes} & {Yes} \\",
        r"{Country $\times$ sector FE} & {Yes} & {Yes} \\",
        r"{Year FE} & {Yes} & {Yes} \\",
        r"\addlinespace",
        r"{Observations} & {12,345} &  \\",
    ]
    assert r"S[table-format=1.3,table-space-text-pre={(},table-space-text-post={\sym{***}}]" in tex
    assert tex.endswith("\\end{tablenotes}\n\\end{threeparttable}\n\\end{table}\n")
    assert "|" not in tex.split(r"\toprule")[0].replace("tab2", "")


def test_three_rules_and_no_more() -> None:
    tex = render(regression_table(request(), [baseline(), lagged()], DICTIONARY, "zh"))
    assert [tex.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 1, 1]
    assert r"\hline" not in tex
    assert "Engine: xelatex with ctex" in tex
    assert r"\item {注：括号内为" in tex


def test_wide_tables_are_turned_unless_told_otherwise() -> None:
    many = [baseline(), lagged(), forward()] * 4
    assert r"\begin{sidewaystable}" in render(regression_table(request(), many, DICTIONARY))
    upright = regression_table(request(sideways=False), many, DICTIONARY)
    assert r"\begin{table}" in render(upright)
    assert plan(upright).font == "tiny"
    turned = regression_table(request(sideways=True), [baseline()], DICTIONARY)
    assert r"\begin{sidewaystable}" in render(turned)


@given(HOSTILE)
def test_hostile_labels_keep_the_table_whole(text: str) -> None:
    label = {"en": text or "x", "zh": text or "x"}
    dictionary = {"dig": VariableInfo(label), "ln_pos": VariableInfo(label)}
    options = request(title=label, notes=[label], labels={"baseline": label}, show=["dig"],
                      source=label)
    tex = render(regression_table(options, [baseline()], dictionary, "en"))
    # Comments repeat the title as it is; they end with their line.
    body = "\n".join(line for line in tex.splitlines() if not line.startswith("%"))
    assert [body.count(s) for s in (r"\begin{", r"\end{")] == [4, 4]
    assert r"\input" not in body
    lines = tex.splitlines()
    assert len(lines) == tex.count("\n")
    assert lines[-1] == r"\end{table}"
    rows = [x for x in lines if x.endswith(r" \\")]
    assert all(re.sub(r"\\.", "", x).count("&") == 1 for x in rows)


def test_a_long_label_wraps_and_a_long_head_is_stacked() -> None:
    layout = TableLayout(
        "t", "T", "en", (Column("a"),),
        (HeaderRow((Span("A very long header over one column", 0, 0),)),),
        (Group((Row("long label " * 8, (Number(1.0, 1),)), Row("", (Number(2.0, 1),), 1))),))
    tex = render(layout)
    assert r"\shortstack{A very long\\header over one\\column}" in tex
    assert r"p{" in tex


def test_panels_are_indented_below_their_title() -> None:
    layout = TableLayout("t", "T", "en", (Column("a"),), (),
                         (Group((Row("x", (Number(1.0, 1),)),), "Panel A & B"),))
    assert r"\multicolumn{2}{@{}l}{\textit{Panel A \& B}} \\" in render(layout)
    assert r"{\hspace*{1em}x} & 1.0 \\" in render(layout)


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells for 1 columns"):
        TableLayout("t", "T", "en", (Column("a"),), (), (Group((Row("x", (Empty(), Empty())),)),))


def test_writers_are_found_by_name() -> None:
    layout = regression_table(request(), [baseline()], DICTIONARY)
    assert registry.write(layout, "latex") == render(layout).encode()
    assert registry.file_name("tab2", "latex") == "tab2.tex"
    assert registry.file_name("tab2", "csv", "zh") == "tab2.zh.csv"
    with pytest.raises(SpecError, match="did you mean 'latex'"):
        registry.write(layout, "latx")


def test_bytes_do_not_depend_on_the_run() -> None:
    one = registry.write(regression_table(request(), [baseline(), FAILED], DICTIONARY), "latex")
    two = registry.write(regression_table(request(), [baseline(), FAILED], DICTIONARY), "latex")
    assert one == two
