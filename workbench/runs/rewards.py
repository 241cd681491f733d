"""What a reward run came to, in words: for the command, the pane and the model card alike."""

from typing import Any


def rewards(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what there is to say about a reward run's result (see workbench.train.judged.judge), each with its name.

    Parts, such as the annotators of the held-out votes, follow the whole; their names come from outside.
    """
    reward = result["reward"]
    said = [("rewards", f"mean {reward['mean']:.3f} · standard deviation {reward['spread']:.3f}")]
    held_out = result.get("held_out")
    if held_out is None:
        return [*said, ("held out", "no pairs: data.split says how many")]
    said.append(("held out", f"the preferred answer leads in {share(held_out)}"))
    for by in ("by_annotator", "by_grade"):
        said += [(name, share(part)) for name, part in held_out.get(by, {}).items()]
    calibration = held_out["calibration"]
    said.append(("calibration", f"error {calibration['error']:.3f}: how sure it is, less how often it is right"))
    said += [
        (
            f"{each['low']:.1f} to {each['high']:.1f}",
            f"says {100 * each['confidence']:.0f} %, is right in {100 * each['accuracy']:.0f} % of {each['votes']:,}",
        )
        for each in calibration["bins"]
    ]
    return said


def share(accuracy: dict[str, Any]) -> str:
    """Return an accuracy with its interval in words: 75.0 % of 32 (57.9 to 86.7 %)."""
    middle, low, high = (100 * accuracy[name] for name in ("accuracy", "low", "high"))
    return f"{middle:.1f} % of {accuracy['votes']:,} ({low:.1f} to {high:.1f} %)"
