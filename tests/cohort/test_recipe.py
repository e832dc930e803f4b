"""A made-up export comes from its recipe alone, and holds what the recipe says was planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmstats.cohort.recipe import load_recipe, made_rows, write_recipe
from pmstats.errors import ParameterError

DATA = Path(__file__).parents[2] / "data/synthetic"
RECIPES = sorted(DATA.glob("*/recipe*.toml"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_made_up_export_is_what_its_recipe_makes(recipe: Path, tmp_path: Path) -> None:
    """The file beside a recipe has the very bytes that the recipe gives."""
    export = recipe.with_name(recipe.stem.replace("recipe", recipe.parent.name) + ".csv")
    made = write_recipe(recipe, tmp_path / "made.csv")
    assert made.read_bytes() == export.read_bytes()


def test_a_recipe_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    """An unknown key is named with the nearest known one."""
    path = tmp_path / "recipe.toml"
    path.write_text('seed = 1\nwhat = "x"\ncolumns = [{ name = "a", patern = "b" }]\n')
    with pytest.raises(ParameterError, match=r"unknown key 'patern'.*'pattern'"):
        load_recipe(path)


def test_draws_keep_to_their_weights_and_their_groups(tmp_path: Path) -> None:
    """A weight of one decides; a draw per group is one draw for the whole group."""
    path = tmp_path / "recipe.toml"
    path.write_text(
        'seed = 1\nwhat = "x"\nrows = 20\n'
        'each = { office = ["A", "B"] }\n'
        'columns = [{ name = "kind", choose = { "only" = 1 } },\n'
        ' { name = "lot", least = 1, most = 1000, per = ["office"] },\n'
        ' { name = "after", only = { office = ["A"] }, choose = { "yes" = 1 } }]\n'
    )
    rows = made_rows(load_recipe(path))
    assert len(rows) == 40
    assert {row["kind"] for row in rows} == {"only"}
    assert len({(row["office"], row["lot"]) for row in rows}) == 2
    assert {(row["office"], row["after"]) for row in rows} == {("A", "yes"), ("B", "")}


def test_planting_more_than_there_is_room_for_is_refused(tmp_path: Path) -> None:
    """A recipe cannot promise breaches that no row can carry."""
    path = tmp_path / "recipe.toml"
    path.write_text(
        'seed = 1\nwhat = "x"\neach = { office = ["A"] }\ncolumns = []\n'
        'planted = [{ what = "two", rows = 2, cells = { office = "B" } }]\n'
    )
    with pytest.raises(ParameterError, match="too few rows to plant: two"):
        made_rows(load_recipe(path))
