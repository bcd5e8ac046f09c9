"""The words of placebos, (English, Chinese)."""

from __future__ import annotations

__all__ = ["PLACEBO_PHRASES"]

PLACEBO_PHRASES: dict[str, tuple[str, str]] = {
    "placebo": ("Random suppliers in the place of the digital ones",
                "以随机供给部门替代数字部门的安慰剂检验"),
    "placebo_draws": ("Draws", "抽样次数"),
    "placebo_p": ("Placebo p", "安慰剂p值"),
    "placebo_p_rank": ("p by rank", "秩p值"),
    "percentile": ("Percentile", "分位"),
    "beyond": ("Beyond", "更大占比"),
    "placebo_set": ("{name}: {sets}", "{name}：{sets}"),
    "placebo_sets": ("{count} random sets of {size} suppliers",
                     "随机抽取{count}组供给部门，每组{size}个"),
    "placebo_sets_all": ("all {count} sets of {size} suppliers",
                         "每组{size}个供给部门的全部{count}种组合"),
    "placebo_without": (" without {list}", "，不含{list}"),
    "placebo_among": (", any but {chosen} together", "，仅不含{chosen}这一组合"),
    "placebo_own": ("; the industries of each set are left out as users",
                    "；各组所含行业不作为使用部门"),
    "placebo_scale": ("; each set is put on the mean and standard deviation of the true measure",
                      "；各组均调整至真实指标的均值与标准差"),
    "placebo_table_note": (
        ("The model is estimated again with the use of each random set in the place of the true "
         "one; 5 %, median and 95 % are of those coefficients; the percentile is the share of them "
         "that is smaller than the estimate, beyond the share that is at least as large in "
         "absolute value; placebo p = (1 + number beyond) / (1 + draws); p by rank, two-sided: "
         "twice (1 + the smaller of the numbers on either side) / (1 + draws)"),
        ("以每组随机供给部门的投入占用替代真实指标重新估计模型；5%、中位数、95%为安慰剂系数的分位数；分位为小于"
         "估计值的安慰剂系数占比，更大占比为绝对值不小于估计值的占比；安慰剂p值=(1+更大次数)/(1+抽样次数)；"
         "双侧秩p值=2×(1+两侧次数中较小者)/(1+抽样次数)")),
    "placebo_term": ("{name} {p} (by rank {rank}, above {place} of them)",
                     "{name} {p}（秩p值{rank}，高于其中{place}）"),
    "placebo_note": ("{columns}: placebo p against {count} other sets of suppliers: {terms}",
                     "{columns}：以其他{count}组供给部门为参照的安慰剂p值：{terms}"),
    "placebo_figure_sets": ("Histogram: {sets}", "直方图：{sets}"),
    "placebo_lost": ("; {count} not estimated", "；{count}组未能估计"),
    "placebo_figure_where": (
        ("True coefficient {estimate}: larger than {place} of the draws; {beyond} are at least as "
         "large in absolute value, placebo p = {p}; two-sided by rank p = {rank}"),
        ("真实系数{estimate}，大于{place}的安慰剂系数；{beyond}的安慰剂系数绝对值不小于它，安慰剂p值={p}；"
         "双侧秩p值={rank}")),
    "placebo_figure_dashed": ("Dashed: 5th and 95th percentile of the draws",
                              "虚线为安慰剂系数的5%与95%分位"),
    "placebo_true": ("true {estimate}", "真实 {estimate}"),
}
