"""What sampled answers become: pairs of different answers, none twice, and counts of the rest."""

from workbench.runs.drawn import Drawn, pairs_of


def test_pairs_of_one_model_are_every_two_answers_that_differ() -> None:
    pairs, drawn = pairs_of([["a", "b", "a", "", "c"]])
    assert pairs == [("a", "b"), ("a", "c"), ("b", "c")] and drawn == Drawn(1, 3, 1, 1)


def test_pairs_of_two_models_are_draw_by_draw() -> None:
    pairs, drawn = pairs_of([["a", "a", "", "a"], ["b", "a", "c", "b"]])
    assert pairs == [("a", "b")] and drawn == Drawn(1, 1, 2, 1)
    assert (drawn + drawn).words() == "2 pairs of 2 prompts · 4 equal answers left out · 2 empty"
