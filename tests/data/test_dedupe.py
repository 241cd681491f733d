"""Copies are found as a comparison of all pairs would find them, the first of each group stays, and nothing is lost."""

import random
from itertools import combinations

import numpy as np
import pytest

from workbench.data.dedupe import dedupe, find_copies
from workbench.data.dense import smaller_buckets
from workbench.data.groups import Groups
from workbench.data.minhash import RECALL, bands_for, join_near
from workbench.data.rows import open_rows
from workbench.data.shingles import Shingles, shingles_of
from workbench.errors import WrongUse

TWENTY_FOUR = [f"w{n}" for n in range(24)]


def plain_shingles(text):
    """The definition, in plain sets."""
    words = text.split()
    if len(words) == 1 and len(text.strip()) >= 5:
        return {text.strip()[start : start + 5] for start in range(len(text.strip()) - 4)}
    if len(words) < 5:
        return {tuple(words)}
    return {tuple(words[start : start + 5]) for start in range(len(words) - 4)}


def plain_jaccard(one, other):
    a, b = plain_shingles(one), plain_shingles(other)
    return len(a & b) / len(a | b)


def plain_groups(texts, threshold):
    """Connected components, by comparing all pairs; row numbers from 1."""
    sets = [plain_shingles(text) for text in texts]
    group = {place: {place} for place in range(len(texts))}
    for a, b in combinations(range(len(texts)), 2):
        is_near = texts[a] == texts[b] or len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= threshold
        if is_near and group[a] is not group[b]:
            group[a] |= group[b]
            for place in group[b]:
                group[place] = group[a]
    found = {min(members): sorted(members) for members in group.values() if len(members) > 1}
    return [[place + 1 for place in found[first]] for first in sorted(found)]


def planted(seed, count=150):
    """Texts of few different words, and copies of them with some words changed, dropped or moved."""
    chance = random.Random(seed)
    texts = []
    for _ in range(count):
        words = [chance.choice("abcdefghijklmnop") * chance.randint(1, 3) for _ in range(chance.randint(1, 45))]
        if texts and chance.random() < 0.6:
            words = chance.choice(texts).split()
            for _ in range(chance.randint(0, 3)):
                at = chance.randrange(len(words))
                words[at : at + 1] = chance.choice([[], ["changed"], [words[at], "more"], ["漢字の文章です"]])
        texts.append(" ".join(words) or "漢字")
    return texts


def filled(changes, count):
    """Texts that differ from one of 45 words in some places each."""
    chance = random.Random(changes)
    texts = []
    for _ in range(count):
        words = [f"w{place}" for place in range(45)]
        for _ in range(chance.randint(0, changes)):
            words[chance.randrange(45)] = chance.choice(["x", "y", f"z{chance.random()}"])
        texts.append(" ".join(words))
    return list(dict.fromkeys(texts))


def counted_comparisons(monkeypatch):
    """How many pairs each call compares, as they are compared."""
    compared = []
    jaccard = Shingles.jaccard
    monkeypatch.setattr(Shingles, "jaccard", lambda *pairs: compared.append(len(pairs[1])) or jaccard(*pairs))
    return compared


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.85, 0.95])
def test_the_groups_are_those_of_comparing_all_pairs(write, threshold):
    for seed in range(3):
        texts = planted(seed)
        rows = open_rows(write("in.jsonl", [{"text": text} for text in texts]))
        assert find_copies(rows, threshold).groups == plain_groups(texts, threshold)


@pytest.mark.parametrize("threshold", [0.6, 0.75, 0.85])
@pytest.mark.parametrize("changes", [1, 3])
def test_a_template_filled_in_many_ways_is_parted_as_comparing_all_pairs_would(write, threshold, changes):
    texts = filled(changes, 250)
    rows = open_rows(write("in.jsonl", [{"text": text} for text in texts]))
    assert find_copies(rows, threshold).groups == plain_groups(texts, threshold)


@pytest.mark.parametrize("threshold", [0.25, 0.5, 0.6, 0.75, 0.8])
def test_near_texts_of_a_large_bucket_share_a_smaller_one_or_are_near_to_its_centre(threshold):
    for seed in range(100):
        chance = random.Random(seed)
        template = set(range(chance.randint(0, 8)))
        sets = [{0, *(template ^ set(chance.sample(range(16), chance.randint(0, 5))))} for _ in range(24)]
        hashes = np.array([element for each in sets for element in sorted(each)], np.uint64)
        shingles = Shingles(hashes, np.cumsum([0, *map(len, sets)]))
        central, (members, sizes) = smaller_buckets(np.arange(24), shingles, threshold)
        assert max(sizes, default=0) <= 12
        buckets = [set(central), *map(set, np.split(members, np.cumsum(sizes)[:-1]))]
        for a, b in combinations(range(24), 2):
            is_near = len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= threshold
            assert not is_near or any({a, b} <= bucket for bucket in buckets)
            assert is_near or central[:1] != a or b not in central


def test_a_template_filled_in_many_ways_costs_no_comparison_of_all_pairs(monkeypatch):
    # 3,000 texts of 45 words with another 22nd one each: 36 of 46 shingles in common, 4.5 million pairs.
    compared = counted_comparisons(monkeypatch)
    template = [f"w{place}" for place in range(45)]
    shingles = shingles_of(" ".join([*template[:21], f"x{n}", *template[22:]]) for n in range(3000))
    groups = Groups(3000)
    join_near(shingles, 0.85, groups)
    assert groups.labels().tolist() == list(range(3000))
    assert sum(compared) < 20 * 3000


def test_similarity_is_that_of_the_real_sets():
    texts = [
        *planted(5, 60),
        "",
        "short",
        "漢字の文章です",
        "漢字の文章でした",
        "a  b\tc",
        "a b c",
        "a b c d e",
        "abcde",
    ]
    left, right = np.array(list(combinations(range(len(texts)), 2))).T
    expected = [plain_jaccard(texts[a], texts[b]) for a, b in zip(left, right, strict=True)]
    assert shingles_of(texts).jaccard(left, right).tolist() == expected


@pytest.mark.parametrize(("threshold", "groups"), [(0.6, [[1, 2]]), (0.6000001, []), (15 / 25, [[1, 2]])])
def test_a_pair_right_at_the_threshold_is_near(write, threshold, groups):
    # 24 words are 20 shingles. With another 20th word both share 15 and have 5 of their own: 15 / 25.
    changed = [*TWENTY_FOUR[:19], "other", *TWENTY_FOUR[20:]]
    rows = open_rows(write("in.jsonl", [{"text": " ".join(words)} for words in (TWENTY_FOUR, changed)]))
    assert find_copies(rows, threshold).groups == groups


def test_a_pair_right_at_the_default_of_85_percent_is_near(write):
    # 21 words are 17 shingles, three more words make 20 that hold them all: 17 / 20.
    texts = [" ".join(TWENTY_FOUR[:21]), " ".join(TWENTY_FOUR)]
    assert find_copies(open_rows(write("in.jsonl", [{"text": text} for text in texts]))).groups == [[1, 2]]


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.5, 0.7, 0.85, 0.95, 0.999])
def test_the_bands_promise_the_recall_with_a_bounded_number_of_hashes(threshold):
    bands = bands_for(threshold)
    assert bands.recall(threshold) >= RECALL
    assert bands.count * bands.rows <= 256


def test_pairs_right_at_the_threshold_are_found_as_often_as_the_formula_says():
    # 3,000 pairs at 17 / 20 exactly: on average 3 may be missed; more than 12 would happen once in 15,000 runs.
    words = [[f"{pair}.{place}" for place in range(24)] for pair in range(3000)]
    shingles = shingles_of(" ".join(text) for pair in words for text in (pair[:21], pair))
    groups = Groups(6000)
    join_near(shingles, 0.85, groups)
    labels = groups.labels()
    missed = int((labels[::2] != labels[1::2]).sum())
    assert missed <= 12
    assert (labels[::2] % 2 == 0).all()  # and no pair was joined with another


def test_copies_of_copies_are_one_group_of_which_the_first_row_stays(write, tmp_path):
    # Row 1 and row 3 share 18 of 22 shingles, which is under 0.85; row 2 is near to both.
    steps = [" ".join(f"w{n}" for n in range(start, start + 24)) for start in (0, 1, 2)]
    rows = [{"text": "another one"}, *({"text": text} for text in (steps[1], steps[0], steps[2], steps[1]))]
    source = write("in.jsonl", rows)
    done = dedupe(open_rows(source), tmp_path / "out.jsonl")
    assert (done.copies.groups, done.exact, done.near, done.rows_out) == ([[2, 3, 4, 5]], 1, 2, 2)
    assert (tmp_path / "out.jsonl").read_bytes() == b"".join(source.read_bytes().splitlines(keepends=True)[:2])


def test_at_1_only_equal_texts_are_copies(write):
    texts = ["a b c d e f", "a b c d e  f", "a b c d e f", "A b c d e f"]
    rows = open_rows(write("in.jsonl", [{"text": text} for text in texts]))
    assert find_copies(rows, 1).groups == [[1, 3]]
    assert find_copies(rows, 0.99).groups == [[1, 2, 3]]


def test_a_dense_cluster_is_joined_in_linear_work(monkeypatch):
    # 5,000 texts of one sentence with another word at the end each: all pairs would be 12 million comparisons.
    compared = counted_comparisons(monkeypatch)
    shingles = shingles_of(" ".join([*TWENTY_FOUR, *TWENTY_FOUR, str(n)]) for n in range(5000))
    groups = Groups(5000)
    join_near(shingles, 0.85, groups)
    assert set(groups.labels().tolist()) == {0}
    assert sum(compared) < 4 * 5000


def test_labels_and_system_prompts_are_not_compared(write):
    classes = [{"text": "the same", "label": label} for label in ("good", "bad")]
    assert find_copies(open_rows(write("classes.jsonl", classes))).groups == [[1, 2]]
    chats = [
        {"messages": [{"role": "system", "content": "be kind " * 99}, {"role": "user", "content": text}]}
        for text in ("what is up", "what is up", "what is down")
    ]
    assert find_copies(open_rows(write("chats.jsonl", chats))).groups == [[1, 2]]


def test_what_is_asked_and_what_is_answered_are_both_compared(write):
    rows = [{"output": text, "input": "", "instruction": "p"} for text in ("one", "two", "one")]
    found = find_copies(open_rows(write("in.jsonl", rows)))
    assert (found.groups, found.columns) == ([[1, 3]], ["instruction", "input", "output"])


def test_one_column_or_a_place_in_it_can_be_compared_alone(write):
    rows = [{"id": n, "turns": [{"say": text}]} for n, text in enumerate(("one", "two", "one"))]
    found = open_rows(write("in.jsonl", rows))
    assert find_copies(found).groups == []
    assert find_copies(found, on="turns.0.say").groups == [[1, 3]]


def test_rows_of_no_schema_are_compared_by_all_their_values(write):
    rows = [{"a": 1, "b": ["x", {"c": True}]}, {"a": 1, "b": ["x", {"c": False}]}, {"a": 1, "b": ["x", {"c": True}]}]
    assert find_copies(open_rows(write("in.jsonl", rows))).groups == [[1, 3]]


def test_rows_with_nothing_to_compare_stay_and_broken_ones_are_told(write, tmp_path):
    lines = b'{"text": "a"}\n{"text": null}\n{"text": \n{"text": null}\n{"text": "a"}\n7\n{"text": "\\ud800"}\n'
    done = dedupe(open_rows(write("in.jsonl", lines)), tmp_path / "out.jsonl")
    assert (done.copies.rows, done.rows_out, done.exact, done.near) == (7, 4, 1, 0)
    assert (done.copies.without_text, done.copies.unreadable.numbers) == (2, [3, 6])
    assert "row 3: line 3: malformed JSON" in done.copies.unreadable.reasons[0]
    assert [row["text"] for row in open_rows(tmp_path / "out.jsonl")] == ["a", None, None, "\ud800"]


@pytest.mark.parametrize("near", [0, -0.1, 1.01, float("nan")])
def test_a_similarity_outside_0_to_1_is_refused(write, near):
    with pytest.raises(WrongUse, match="is no similarity"):
        find_copies(open_rows(write("in.jsonl", [{"text": "a"}])), near)


def test_a_column_that_is_not_there_is_refused_with_the_nearest(write):
    with pytest.raises(WrongUse, match="no column tex") as error:
        find_copies(open_rows(write("in.jsonl", [{"text": "a"}])), on="tex")
    assert "did you mean text?" in error.value.fix


def test_a_file_of_one_row_or_none_that_can_be_read_has_no_copies(write, tmp_path):
    assert find_copies(open_rows(write("in.jsonl", [{"text": "a"}]))).groups == []
    broken = open_rows(write("broken.jsonl", '{"text": null}\n7\n'))
    assert find_copies(broken).groups == []


def test_groups_are_those_of_a_search_through_the_graph():
    chance = random.Random(3)
    edges = [(chance.randrange(400), chance.randrange(400)) for _ in range(230)]
    neighbours = {place: {place} for place in range(400)}
    for a, b in edges:
        neighbours[a].add(b)
        neighbours[b].add(a)

    def lowest(place):
        seen, left = {place}, [place]
        while left:
            left += neighbours[left.pop()] - seen
            seen.update(left)
        return min(seen)

    groups = Groups(400)
    for start in (0, 100):
        left, right = np.array(edges[start : start + 100 if start == 0 else None]).T
        groups.join(left, right)
    assert groups.labels().tolist() == [lowest(place) for place in range(400)]


def test_questions_about_one_passage_are_no_copies_of_each_other(write):
    passage = " ".join(f"word{n}" for n in range(200))
    rows = [
        {"context": passage, "question": f"Who wrote part {n} of it?", "answers": {"text": [f"word{n}"]}}
        for n in range(9)
    ]
    rows.append({**rows[0], "context": passage + " again"})
    rows.append(rows[3])
    copies = find_copies(open_rows(write("squad.jsonl", rows)))
    assert copies.groups == [[4, 11]]
