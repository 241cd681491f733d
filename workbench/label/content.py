"""The rows that a set becomes in a file, whatever it holds: by prompt, and with the count of what was left out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from workbench.data.preference import digest_of
from workbench.data.shapes import Text
from workbench.data.table import Row
from workbench.label.judged import Counts, Wanted, judge_pairs
from workbench.label.layouts import Layout, csv_row, is_in_turns, rows_of, turns
from workbench.label.ranking import order_of, pairs_in
from workbench.label.records import Judgement, Pair, PairSet, Vote
from workbench.label.store import Store

Content = list[tuple[Text, list[Row]]]
"""The rows, by the prompt that they belong to."""


def content_of(store: Store, held: PairSet, layout: Layout, wanted: Wanted) -> tuple[Content, Counts]:
    """Return the rows of a set in a layout that its kind can have, and what was left out of them."""
    if layout == "csv":
        return _every_vote(store, held, wanted)
    if layout == "sft":
        return _demonstrated(store, held, wanted) if held.kind == "pairs" else _classified(store, held, wanted)
    if held.kind == "single":
        return _rated(store, held, wanted)
    pairs, votes = judged_of(store, held)
    if layout == "argilla":
        wanted = replace(wanted, ties="both", min_grade="slightly")
    judged, counts = judge_pairs(pairs, votes, wanted, keeps_bad=layout in ("kto", "argilla"))
    in_turns = any(map(is_in_turns, judged))
    return [(each.pair.prompt, list(rows_of(each, layout, wanted.ties, in_turns=in_turns))) for each in judged], counts


def judged_of(store: Store, held: PairSet) -> tuple[list[Pair], list[Vote]]:
    """Return the pairs of a set with the votes on them; of rankings those that they expand to."""
    if held.kind == "pairs":
        return store.pairs(held.name), store.votes(held.name)
    said: dict[int, list[Judgement]] = {}
    for each in store.judgements(held.name):
        if each.choice != "skip":
            said.setdefault(each.item_id, []).append(each)
    pairs: list[Pair] = []
    votes: list[Vote] = []
    for item in store.items(held.name):
        at: dict[tuple[int, int], int] = {}
        for one in range(len(item.answers)):
            for other in range(one + 1, len(item.answers)):
                answers = (item.answers[one], item.answers[other])
                at[one, other] = len(pairs) + 1
                digest = digest_of(item.prompt, *answers)
                pairs.append(Pair(len(pairs) + 1, held.name, item.prompt, *answers, item.source, digest))
        for each in said.get(item.id, []):
            for one, other, choice in pairs_in(order_of(each.choice, len(item.answers))):
                rest = (each.note, each.at, each.seconds, each.criterion, each.repeat)
                votes.append(Vote(each.id, at[one, other], each.annotator, choice, None, *rest))
    return pairs, votes


def _every_vote(store: Store, held: PairSet, wanted: Wanted) -> tuple[Content, Counts]:
    said: dict[int, list[Judgement]] = {}
    for each in store.judgements(held.name):
        if not wanted.annotators or each.annotator in wanted.annotators:
            said.setdefault(each.item_id, []).append(each)
    items = store.items(held.name)
    content = [(item.prompt, [csv_row(item, each) for each in said[item.id]]) for item in items if item.id in said]
    return content, Counts(len(items), len(items) - len(content))


def _rated(store: Store, held: PairSet, wanted: Wanted) -> tuple[Content, Counts]:
    agreed, counts = _majorities(store, held, wanted)
    items = [item for item in store.items(held.name) if item.id in agreed]
    return _answered([(item.prompt, item.answers[0], {"label": agreed[item.id] == "good"}) for item in items]), counts


def _classified(store: Store, held: PairSet, wanted: Wanted) -> tuple[Content, Counts]:
    agreed, counts = _majorities(store, held, wanted)
    items = [item for item in store.items(held.name) if item.id in agreed]
    return [(item.prompt, [{"text": item.prompt, "label": agreed[item.id]}]) for item in items], counts


def _majorities(store: Store, held: PairSet, wanted: Wanted) -> tuple[dict[int, str], Counts]:
    """What most annotators say of each item; ties and what too few agree on are left out."""
    said: dict[int, Counter[str]] = {}
    for each in store.judgements(held.name):
        is_wanted = not wanted.annotators or each.annotator in wanted.annotators
        if is_wanted and each.choice != "skip" and not each.repeat and not each.criterion:
            said.setdefault(each.item_id, Counter())[each.choice] += 1
    agreed: dict[int, str] = {}
    counts = Counts(held.pairs, held.pairs - len(said))
    for item_id, choices in said.items():
        (choice, most), *others = choices.most_common()
        if others and others[0][1] == most:
            counts = replace(counts, ties=counts.ties + 1)
        elif most / choices.total() < wanted.min_agreement:
            counts = replace(counts, below_agreement=counts.below_agreement + 1)
        else:
            agreed[item_id] = choice
    return agreed, counts


def _demonstrated(store: Store, held: PairSet, wanted: Wanted) -> tuple[Content, Counts]:
    wrote = store.demonstrations(held.name)
    taken = [each for each in wrote if not wanted.annotators or each.annotator in wanted.annotators]
    return _answered([(each.prompt, each.text, {}) for each in taken]), Counts(held.pairs)


def _answered(answered: Sequence[tuple[Text, Text, Row]]) -> Content:
    """Rows of a prompt and its answer with what else they say, all of them chats where one is."""
    in_turns = any(not isinstance(text, str) for prompt, answer, _ in answered for text in (prompt, answer))
    content: Content = []
    for prompt, answer, more in answered:
        asked, said = (turns(prompt, "user"), turns(answer, "assistant")) if in_turns else (prompt, answer)
        content.append((prompt, [{"prompt": asked, "completion": said, **more}]))
    return content
