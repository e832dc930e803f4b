"""The committed calibration: our methods keep to what is asked of them."""

import json
from pathlib import Path

RESULT = Path(__file__).parents[2] / "pmstats/findings/calibration.json"


def test_every_goal_is_met():
    """Sizes 2-6%, coverage 93-98%, false packs at most 6%, error at most half, as measured."""
    measures = json.loads(RESULT.read_text(encoding="utf-8"))["measures"]
    asked = [each for each in measures if each["goal"]]
    assert len(asked) > 200
    assert [each for each in asked if not each["met"]] == []


def test_everything_asked_was_measured():
    """Focal groups of 5, 10, 20 and 50, and packs of 60, 150 and 400, are all in the file."""
    measures = json.loads(RESULT.read_text(encoding="utf-8"))["measures"]
    for kind in ("size", "coverage"):
        focal = {each["focal"] for each in measures if each["measure"] == kind}
        assert {5, 10, 20, 50} <= focal
    packs = {each["setting"] for each in measures if each["measure"] == "false packs"}
    assert packs == {f"nothing wrong, {n} people" for n in (60, 150, 400)}
