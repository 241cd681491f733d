"""The statistics of a set in the words that the command and the screen share."""

from workbench.data.shown import count_words
from workbench.label.bootstrap import Estimate
from workbench.label.consistency import Share, chance_of
from workbench.label.schema import NOUNS
from workbench.label.stats import AnnotatorStats, Stats
from workbench.label.trial import Trial

COLUMNS = ("annotator", "votes", "same again", "to the left", "pace")
_GUESSES = ("accepts the guess", "kappa")
_PAIRS_AGAIN = "same pairs again"
LIKELY_CHANCE = 0.05
_NONE = "–"
Verdicts = tuple[tuple[float, str], ...]
KAPPA: Verdicts = (
    (0.8, "almost perfect"), (0.6, "substantial"), (0.4, "moderate"), (0.2, "fair"), (0.0, "slight")
)  # fmt: skip
"""Above so much: Landis and Koch (1977)."""
ALPHA: Verdicts = ((0.8, "to be relied on"), (0.667, "for tentative conclusions"), (0.0, "too low to rely on"))
"""Krippendorff, Content Analysis (2004), chapter 11."""


def head(found: Stats) -> str:
    """Return what there is: geo · 500 pairs · 812 votes of 3 annotators."""
    who = f" of {count_words(len(found.annotators), 'annotator')}" if found.annotators else " yet"
    held = count_words(found.pairs, NOUNS[found.kind])
    return f"{found.set_name} · {held} · {count_words(found.votes, 'vote')}{who}"


def agreement_lines(found: Stats) -> list[str]:
    """Return observed agreement, kappa and alpha, a line each; one line where none can be told."""
    all_in_all = found.agreement
    if all_in_all.observed.value is None:
        return [f"agreement  {_NONE}  {all_in_all.observed.why}"]
    noun = "pair" if found.kind == "ranking" else NOUNS[found.kind]
    of = " of answers" * (found.kind == "ranking")
    on = f"on {count_words(all_in_all.pairs, noun)}{of} with two votes or more"
    steps = all_in_all.alpha_in_steps
    return [
        *_rank_lines(found),
        f"agreement  {percent(all_in_all.observed)}  {on}",
        f"kappa      {figure(all_in_all.kappa)}  {_named(all_in_all.kappa, all_in_all.kappa_is, KAPPA)}",
        f"alpha      {figure(all_in_all.alpha)}  {_named(all_in_all.alpha, 'Krippendorff', ALPHA)}",
        *([] if steps is None else [f"in steps   {figure(steps)}  {_named(steps, 'ordinal alpha', ALPHA)}"]),
    ]


def columns(found: Stats) -> tuple[str, ...]:
    """Return the heads of `annotator_rows`: what has no meaning for the kind of set is left out."""
    if found.kind == "pairs":
        return COLUMNS
    again = _PAIRS_AGAIN if found.kind == "ranking" else COLUMNS[2]
    guesses = _GUESSES if found.by_class and found.by_class.guesses else ()
    return (*COLUMNS[:2], again, *guesses, COLUMNS[4])


def annotator_rows(found: Stats) -> list[tuple[str, ...]]:
    """Return a row for each annotator, under `columns`."""
    accepted = {each.annotator: each for each in found.by_class.guesses} if found.by_class else {}
    rows: list[tuple[str, ...]] = []
    for each in found.annotators:
        beside: tuple[str, ...] = (share(each.left),) if found.kind == "pairs" else ()
        if accepted:
            guesses = accepted[each.name]
            beside = (share(guesses.share), figure(Estimate(guesses.kappa.value)))  # its interval is in the document
        rows.append((each.name, f"{each.votes:,}", share(each.repeats), *beside, pace(each)))
    return rows


def warnings(found: Stats) -> list[str]:
    """Return who leans to a side more than chance would, by the exact binomial test at 5 %."""
    said = []
    for each in found.annotators:
        chance = chance_of(each.left)
        if chance is not None and chance < LIKELY_CHANCE:
            side = "left" if 2 * each.left.count > each.left.of else "right"
            said.append(f"⚠ {each.name} leans to the {side}: {share(each.left)} to the left, p {probability(chance)}")
    return said


def trial_lines(found: Trial) -> list[str]:
    """Return how a judge does: against people, against itself, and whether it may label alone."""
    people = found.with_people
    kappa = people.kappa
    agrees = f"kappa {figure(kappa)}" if kappa.value is not None else kappa.why
    lacks = "too few pairs to be sure" if found.is_too_short else f"{found.needed:g} is needed at the lower end"
    may = "passed: it may judge alone" if found.has_passed else f"not passed: {lacks}"
    on = f" · {percent(people.observed)} on {count_words(people.pairs, 'pair')}" if people.pairs else ""
    return [
        f"{_tried(found)} on trial · {may}",
        f"  with people        {agrees}{on}",
        f"  same when swapped  {share(found.itself)}",
        f"  first shown wins   {share(found.left)}",
    ]


def trial_line(found: Trial) -> str:
    """Return the same in short: judge:gpt not passed · kappa 0.41 [0.20–0.60] on 40 pairs · …"""
    people, itself, left = found.with_people, found.itself, found.left
    kappa = f"kappa {figure(people.kappa)} on {count_words(people.pairs, 'pair')}" if people.pairs else people.kappa.why
    return (
        f"{_tried(found)} {'passed' if found.has_passed else 'not passed'} · {kappa}"
        f" · same when swapped {itself.count:,}/{itself.of:,} · first shown wins {left.count:,}/{left.of:,}"
    )


def disagreement_head(found: Stats) -> str:
    """Return how many pairs there are to talk about."""
    return f"{count_words(len(found.disagreements), NOUNS[found.kind])} to adjudicate, the most disputed first"


def disagreement_lines(found: Stats) -> list[str]:
    """Return a line for each: pair 17  ana first · bob second-clearly."""
    noun = NOUNS[found.kind]
    return [
        f"{noun} {found.numbers[each.item_id]:<5} {' · '.join(f'{name} {choice}' for name, choice in each.votes)}"
        for each in found.disagreements
    ]


def share(found: Share) -> str:
    """Return a share with its interval: 18/20, 90 % [70–97]."""
    if found.value is None or found.interval is None:
        return _NONE
    low, high = found.interval
    return f"{found.count:,}/{found.of:,}, {found.value:.0%} [{100 * low:.0f}–{100 * high:.0f}]".replace("%", " %")


def percent(found: Estimate) -> str:
    """Return a share that was estimated: 82 % [78–86]."""
    if found.value is None:
        return _NONE
    interval = f" [{100 * found.interval[0]:.0f}–{100 * found.interval[1]:.0f}]" if found.interval else ""
    return f"{100 * found.value:.0f} %{interval}"


def figure(found: Estimate) -> str:
    """Return a coefficient: 0.61 [0.52–0.70], -0.19 [-0.42 to 0.00]."""
    if found.value is None:
        return _NONE
    interval = f" [{_from_to(*found.interval)}]" if found.interval else ""
    return f"{found.value:z.2f}{interval}"


def verdict(value: float, verdicts: Verdicts) -> str:
    """Return the word for a coefficient."""
    return next((word for least, word in verdicts if value > least), "no better than chance")


def pace(found: AnnotatorStats) -> str:
    """Return the time for a vote: 9 s."""
    return _NONE if found.seconds is None else f"{found.seconds:.0f} s"


def probability(chance: float) -> str:
    """Return p, as it is written: 0.012, < 0.001."""
    return "< 0.001" if chance < 0.001 else f"{chance:.3f}"


def _tried(found: Trial) -> str:
    return f"{found.judge} by {found.criterion}" if found.criterion else found.judge


def _rank_lines(found: Stats) -> list[str]:
    """How far rankings agree as wholes."""
    ranks = found.ranks
    if ranks is None:
        return []
    on = f"Kendall, on {count_words(ranks.rankings, 'ranking')} of two people or more"
    return [
        f"tau-b      {figure(ranks.tau)}  {ranks.tau.why or on}",
        f"in ranks   {figure(ranks.alpha)}  {_named(ranks.alpha, 'ordinal alpha', ALPHA)}",
    ]


def _from_to(low: float, high: float) -> str:
    """An interval; a dash before a minus cannot be read."""
    return f"{low:z.2f}{'–' if low >= 0 else ' to '}{high:z.2f}"


def _named(found: Estimate, kind: str, verdicts: Verdicts) -> str:
    return found.why if found.value is None else f"{kind}: {verdict(found.value, verdicts)}"
