"""Painting the map of a model: what a tuning makes of each cell, and the tuning that makes it so.

A tuning names modules, it lists no cells: what is painted is said by the shortest of all-linear, names, names in some
layers, and a regular expression that means exactly these cells.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from workbench.errors import WrongUse
from workbench.lora.count import Count, count
from workbench.lora.layout import Cell, Layout, Matrix
from workbench.lora.meaning import full_names, meanings, names_of, pattern, short_name
from workbench.lora.modules import Shapes
from workbench.lora.spec import AnyTuning, FreezeTuning, Ia3Tuning, LoraTuning
from workbench.lora.targets import ends_with
from workbench.lora.trained import How

State = Literal["frozen", "adapter", "whole", "bias", "adapter and bias"]
Paint = Literal["frozen", "adapter", "whole"]
Paintable = LoraTuning | Ia3Tuning | FreezeTuning
_WITHOUT = {"full": "full tuning trains everything", "bias": "bias tuning trains the biases and nothing else"}


def states(found: Layout, counted: Count | None) -> dict[Cell, State]:
    """Return what is trained in every cell that is not empty; without a count all is frozen."""
    hows = {each.name: each.how for each in counted.trained} if counted else {}
    return {cell: _state(matrices, hows) for cell, matrices in found.cells.items()}


def rectangle(found: Layout, one: Cell, other: Cell) -> frozenset[Cell]:
    """Return the cells between two corners; where both are outside the layers, the rows between them."""
    rows = range(min(one[0], other[0]), max(one[0], other[0]) + 1)
    columns = [found.columns.index(kind) for _, kind in (one, other) if kind in found.columns] or [0]
    kinds = set(found.columns[min(columns) : max(columns) + 1])
    return frozenset(cell for cell in found.cells if cell[0] in rows and _is_between(found, cell, kinds))


def column(found: Layout, kind: str) -> frozenset[Cell]:
    """Return every cell of a kind."""
    return frozenset(cell for cell in found.cells if cell[1] == kind)


def painted(shapes: Shapes, found: Layout, tuning: AnyTuning, cells: frozenset[Cell], paint: Paint) -> Paintable:
    """Return the tuning with `cells` painted; the rest of the map stays as it is.

    What means nothing in this model is left behind. Raises WrongUse for a kind of tuning that paints nothing, for a
    paint that it does not have, and when PEFT cannot be told exactly these cells.
    """
    now = states(found, _counted(shapes, tuning))
    wanted = (
        _adapted(now) - cells | (cells if paint == "adapter" else frozenset()),
        _whole(now) - cells | (cells if paint == "whole" else frozenset()),
    )
    tied = {cell for cell, matrices in found.cells.items() if matrices[0].tied_to}
    reason = WrongUse("PEFT cannot be told exactly these cells of this model", "paint whole columns, or other cells")
    for candidate in _candidates(shapes, found, tuning, *wanted):
        try:
            after = states(found, count(shapes, candidate))
        except WrongUse as error:
            reason = error
            continue
        if not (_adapted(after) ^ wanted[0] or (_whole(after) ^ wanted[1]) - tied):
            return candidate
    raise reason


def ranked(shapes: Shapes, found: Layout, tuning: LoraTuning, cells: frozenset[Cell], rank: int) -> LoraTuning:
    """Return the tuning with this rank in the adapters of `cells`; alpha follows, so that they weigh the same.

    Raises WrongUse when there is no adapter among them.
    """
    by_rank: dict[int, set[Cell]] = {}
    for cell, known in ranks(found, count(shapes, tuning)).items():
        by_rank.setdefault(rank if cell in cells else known, set()).add(cell)
    if not cells & by_rank.get(rank, set()):
        raise WrongUse("none of these modules has an adapter", "Space gives them one")
    patterns: dict[str, int] = {}
    for other, members in sorted(by_rank.items()):
        if other != tuning.rank:
            patterns |= dict.fromkeys(_keys(found, frozenset(members)), other)
    alphas = {key: tuning.alpha / tuning.rank * other for key, other in patterns.items()}
    return tuning.model_copy(update={"rank_pattern": patterns, "alpha_pattern": alphas})


def ranks(found: Layout, counted: Count) -> dict[Cell, int]:
    """Return the rank of the adapter in every cell that has one."""
    known = {each.name: each.rank for each in counted.trained if each.rank}
    adapted = ((cell, known.get(matrices[0].name)) for cell, matrices in found.cells.items())
    return {cell: rank for cell, rank in adapted if rank}


def _candidates(
    shapes: Shapes, found: Layout, tuning: AnyTuning, adapted: frozenset[Cell], whole: frozenset[Cell]
) -> Iterator[Paintable]:
    """Tunings that may mean these cells, the shortest first."""
    match tuning:
        case LoraTuning() | Ia3Tuning():
            if not adapted:
                raise WrongUse("an adapter needs at least one module", "paint another one first")
            for target, layers in meanings(shapes, found, adapted):
                for saved in (names_of(shapes, found, whole), full_names(found, whole)):
                    yield _aimed(shapes, found, tuning, adapted, {
                        "target": target, "layers": layers, "modules_to_save": (*_undrawn(found, tuning), *saved),
                    })  # fmt: skip
        case FreezeTuning():
            if adapted:
                raise WrongUse("freeze tuning trains modules whole, it has no adapters", "W trains them whole")
            if not whole:
                raise WrongUse("freeze tuning trains at least one module", "paint another one first")
            last = frozenset(cell for cell in whole if _is_last(found, cell, tuning.last))
            if whole == last:
                yield FreezeTuning(last=tuning.last)
            for kept, cells in ((tuning.last, whole - last), (0, whole)):
                meant = (target for target, layers in meanings(shapes, found, cells) if layers is None)
                yield from (FreezeTuning(last=kept, target=target) for target in meant if target)
        case _:
            what = _WITHOUT.get(tuning.kind, f"{tuning.kind} tuning trains virtual tokens, no modules")
            raise WrongUse(f"{what}: nothing to paint", "T chooses another tuning")


def _aimed(
    shapes: Shapes, found: Layout, tuning: LoraTuning | Ia3Tuning, adapted: frozenset[Cell], aim: dict[str, Any]
) -> Paintable:
    """The tuning with another target, without what it says of modules that are no target any more."""
    names = [matrix.name for cell in adapted for matrix in found.cells[cell]]
    if isinstance(tuning, Ia3Tuning):
        inputs = shapes.ia3_feedforward or () if tuning.feedforward is None else tuning.feedforward
        kept = tuple(end for end in inputs if any(name.endswith(end) for name in names))
        update = {**aim, "feedforward": kept}
        return tuning.model_copy(update={key: value for key, value in update.items() if key != "layers"})
    before = _counted(shapes, tuning)
    known = {cell: rank for cell, rank in (ranks(found, before) if before else {}).items() if cell in adapted}
    plain = tuning.model_copy(update={**aim, "rank_pattern": {}, "alpha_pattern": {}})
    if set(known.values()) <= {tuning.rank} or not tuning.rank_pattern:
        return plain
    for rank in set(known.values()) - {tuning.rank}:
        plain = ranked(shapes, found, plain, frozenset(cell for cell in known if known[cell] == rank), rank)
    return plain


def _keys(found: Layout, cells: frozenset[Cell]) -> Iterator[str]:
    """The keys of a rank pattern for these cells: a name for a whole column, else an expression."""
    whole = [kind for kind in found.columns if column(found, kind) <= cells]
    yield from (re.escape(short_name(found, kind)) for kind in whole)
    rest = frozenset(cell for cell in cells if cell[1] not in whole)
    if rest:
        yield pattern(found, rest)


def _undrawn(found: Layout, tuning: LoraTuning | Ia3Tuning) -> tuple[str, ...]:
    """The modules to save that are not on the map: norms."""
    names = [matrix.name for matrices in found.cells.values() for matrix in matrices]
    return tuple(
        each for each in tuning.modules_to_save if not any(ends_with(name, frozenset({each})) for name in names)
    )


def _state(matrices: tuple[Matrix, ...], hows: dict[str, How]) -> State:
    own = {hows.get(each) for matrix in matrices for each in _path(matrix.name)}
    original = {hows.get(each) for matrix in matrices if matrix.tied_to for each in _path(matrix.tied_to)}
    if own & {"whole", "copy"} or "whole" in original:
        return "whole"
    has_bias = any(f"{matrix.name}.bias" in hows for matrix in matrices)
    if own & {"lora", "ia3"}:
        return "adapter and bias" if has_bias else "adapter"
    return "bias" if has_bias else "frozen"


def _adapted(now: dict[Cell, State]) -> frozenset[Cell]:
    return frozenset(cell for cell, state in now.items() if state.startswith("adapter"))


def _whole(now: dict[Cell, State]) -> frozenset[Cell]:
    return frozenset(cell for cell, state in now.items() if state == "whole")


def _is_last(found: Layout, cell: Cell, blocks: int) -> bool:
    """Whether a cell is in the last blocks of its stack."""
    place = found.rows[cell[0]].place
    numbers = [row.place.layer for row in found.rows if row.place.stack == place.stack and row.place.layer is not None]
    return place.layer is not None and place.layer > max(numbers) - blocks


def _is_between(found: Layout, cell: Cell, kinds: set[str]) -> bool:
    return not found.rows[cell[0]].is_layer or cell[1] in kinds


def _counted(shapes: Shapes, tuning: AnyTuning) -> Count | None:
    try:
        return count(shapes, tuning)
    except WrongUse:
        return None


def _path(name: str) -> Iterable[str]:
    """The module's name and those of the modules that hold it."""
    while name:
        yield name
        name = name.rpartition(".")[0]
