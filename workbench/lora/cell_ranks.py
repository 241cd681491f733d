"""Ranks of their own for some cells of the map: what they are, and the patterns that make them so."""

import re
from collections.abc import Iterator, Mapping

from workbench.errors import WrongUse
from workbench.lora.count import Count
from workbench.lora.layout import Cell, Layout
from workbench.lora.meaning import pattern, short_name
from workbench.lora.spec import LoraTuning


def ranked(found: Layout, tuning: LoraTuning, now: Mapping[Cell, int], cells: frozenset[Cell], rank: int) -> LoraTuning:
    """Return the tuning with this rank in the adapters of `cells`; alpha follows, so that they weigh the same.

    `now` are the ranks that all adapters have. Raises WrongUse when there is none among the cells.
    """
    if not cells & now.keys():
        raise WrongUse("none of these modules has an adapter", "Space gives them one")
    return patterned(found, tuning, {cell: rank if cell in cells else known for cell, known in now.items()})


def patterned(found: Layout, tuning: LoraTuning, wanted: Mapping[Cell, int]) -> LoraTuning:
    """Return the tuning with these ranks, each where it is not the usual one, and alphas in proportion."""
    by_rank: dict[int, set[Cell]] = {}
    for cell, rank in wanted.items():
        by_rank.setdefault(rank, set()).add(cell)
    patterns: dict[str, int] = {}
    for rank, members in sorted(by_rank.items()):
        if rank != tuning.rank:
            patterns |= dict.fromkeys(_keys(found, frozenset(members)), rank)
    alphas = {key: tuning.alpha / tuning.rank * rank for key, rank in patterns.items()}
    return tuning.model_copy(update={"rank_pattern": patterns, "alpha_pattern": alphas})


def ranks(found: Layout, counted: Count) -> dict[Cell, int]:
    """Return the rank of the adapter in every cell that has one."""
    known = {each.name: each.rank for each in counted.trained if each.rank}
    adapted = ((cell, known.get(matrices[0].name)) for cell, matrices in found.cells.items())
    return {cell: rank for cell, rank in adapted if rank}


def _keys(found: Layout, cells: frozenset[Cell]) -> Iterator[str]:
    """The keys of a rank pattern for these cells: a name for a whole column, else an expression."""
    whole = [kind for kind in found.columns if found.of_kind[kind] <= cells]
    yield from (re.escape(short_name(found, kind)) for kind in whole)
    rest = frozenset(cell for cell in cells if cell[1] not in whole)
    if rest:
        yield pattern(found, rest)
