"""The same questions in a notebook as one would write it: pandas, scipy, statsmodels, plotly.

Coverage, the distribution against 5%, every characteristic with its test and chart, a model of
the whole scale, corrected p-values. It is what runs are compared with, not a recommendation.
"""

from __future__ import annotations

import json
from pathlib import Path

CELLS = (
    'export = ""\ndepartment = ""\nout = ""',
    "import pandas as pd\nimport plotly.express as px\nfrom scipy import stats\n"
    "from statsmodels.miscmodels.ordinal_model import OrderedModel\n"
    "from statsmodels.stats.multitest import multipletests\n"
    "from statsmodels.stats.proportion import proportion_confint",
    "staff = pd.read_csv(export, keep_default_na=False)\n"
    "ours = staff[staff['department'] == department]\n"
    "rated = ours[ours['rating_midyear'].isin(['E', 'HP', 'A', 'PM'])].copy()\nrated.head(0)",
    "counts = rated['rating_midyear'].value_counts()\n"
    "counts = counts.reindex(['E', 'HP', 'A', 'PM'], fill_value=0)\n"
    "pd.DataFrame({'count': counts, 'share': counts / counts.sum()})",
    "px.bar(counts)",
    "low = stats.binomtest(int(counts['PM']), int(counts.sum()), 0.05)\n"
    "low.pvalue, proportion_confint(counts['PM'], counts.sum(), method='wilson')",
    "wanted = ['sex', 'ethnicity', 'disability', 'sexual_orientation', 'age', 'religion',\n"
    "    'working_pattern', 'grade', 'business_unit']\n"
    "characteristics = [name for name in wanted if name in rated]\np_values = {}",
    *(
        f"if len(characteristics) > {n}:\n"
        f"    name = characteristics[{n}]\n"
        "    table = pd.crosstab(rated[name], rated['rating_midyear'])\n"
        "    p_values[name] = stats.chi2_contingency(table).pvalue\n"
        "    display(table, table.div(table.sum(axis=1), axis=0).round(3))\n"
        "    display(px.bar(table.div(table.sum(axis=1), axis=0), barmode='stack', title=name))"
        for n in range(9)
    ),
    "multipletests(list(p_values.values()), method='holm')[1]",
    "order = pd.Categorical(rated['rating_midyear'], ['PM', 'A', 'HP', 'E'], ordered=True)\n"
    "order = order.remove_unused_categories()\n"
    "kept = rated['sex'].isin(['Male', 'Female'])\n"
    "female = (rated.loc[kept, ['sex']] == 'Female').astype(float)\n"
    "OrderedModel(pd.Series(order)[kept.to_numpy()].reset_index(drop=True),\n"
    "    female.reset_index(drop=True), distr='logit').fit(method='bfgs', disp=False).params",
)


def write_ordinary(path: Path) -> Path:
    """Write the notebook; its first cell takes parameters."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{place}",
            "metadata": {} if place else {"tags": ["parameters"]},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for place, source in enumerate(CELLS)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    held = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(held), encoding="utf-8")
    return path
