"""Painting the map of a model: what a tuning makes of each cell, and the tuning that makes it so.

A tuning names modules, it lists no cells: what is painted is said by the shortest of all-linear, names, names in some
layers, and a regular expression that means exactly these cells.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from workbench.errors import WrongUse
from workbench.lora.cell_ranks import patterned, ranks
from workbench.lora.count import Count, count
from workbench.lora.layout import Cell, Layout
from workbench.lora.lowrank import matching
from workbench.lora.meaning import Meaning, full_names, meanings, names_of, parameter_names
from workbench.lora.modules import Shapes
from workbench.lora.spec import NO_MODULES, AnyTuning, FreezeTuning, Ia3Tuning, LoraTuning
from workbench.lora.targets import ends_with

State = Literal["frozen", "adapter", "whole", "bias", "adapter and bias"]
Paint = Literal["frozen", "adapter", "whole"]
Paintable = LoraTuning | Ia3Tuning | FreezeTuning
_WITHOUT = {"full": "full tuning trains everything", "bias": "bias tuning trains the biases and nothing else"}


def states(found: Layout, counted: Count | None) -> dict[Cell, State]:
    """Return what is trained in every cell that is not empty; without a count all is frozen."""
    named: defaultdict[str, set[str]] = defaultdict(set)
    for each in counted.trained if counted else ():
        named[each.how].add(each.name)
    own, whole = named["whole"], named["whole"] | named["copy"]
    now: dict[Cell, State] = dict.fromkeys(found.cells, "frozen")
    for cell in found.holding(named["lora"] | named["ia3"]):
        now[cell] = "adapter"
    for cell in found.holding(name.removesuffix(".bias") for name in named["bias"]):
        now[cell] = "adapter and bias" if now[cell] == "adapter" else "bias"
    for cell, matrices in found.cells.items() if whole else ():
        if any(not whole.isdisjoint(each.path) for each in matrices) or not own.isdisjoint(matrices[0].original_path):
            now[cell] = "whole"
    return now


def rectangle(found: Layout, one: Cell, other: Cell) -> frozenset[Cell]:
    """Return the cells between two corners; where both are outside the layers, the rows between them."""
    rows = range(min(one[0], other[0]), max(one[0], other[0]) + 1)
    columns = [found.columns.index(kind) for _, kind in (one, other) if kind in found.columns] or [0]
    kinds = set(found.columns[min(columns) : max(columns) + 1])
    return frozenset(cell for cell in found.cells if cell[0] in rows and _is_between(found, cell, kinds))


@dataclass(frozen=True)
class Canvas:
    """A model's map with a tuning on it, and what is known of both."""

    shapes: Shapes
    found: Layout
    tuning: AnyTuning
    counted: Count | None
    """What the tuning trains; None where it means nothing in this model."""

    @cached_property
    def now(self) -> dict[Cell, State]:
        """What the tuning makes of each cell."""
        return states(self.found, self.counted)


def painted(on: Canvas, cells: frozenset[Cell], paint: Paint) -> Paintable:
    """Return the tuning with `cells` painted; the rest of the map stays as it is.

    What means nothing in this model is left behind. Raises WrongUse for a kind of tuning that paints nothing, for a
    paint that it does not have, and when PEFT cannot be told exactly these cells.
    """
    found, now = on.found, on.now
    wanted = (
        _adapted(now) - cells | (cells if paint == "adapter" else frozenset()),
        _whole(now) - cells | (cells if paint == "whole" else frozenset()),
    )
    tied = {cell for cell, matrices in found.cells.items() if matrices[0].tied_to}
    reason = WrongUse("PEFT cannot be told exactly these cells of this model", "paint whole columns, or other cells")
    for candidate in _candidates(on, *wanted):
        try:
            after = states(found, count(on.shapes, candidate))
        except WrongUse as error:
            reason = error
            continue
        if not (_adapted(after) ^ wanted[0] or (_whole(after) ^ wanted[1]) - tied):
            return candidate
    raise reason


def _candidates(on: Canvas, adapted: frozenset[Cell], whole: frozenset[Cell]) -> Iterator[Paintable]:
    """Tunings that may mean these cells, the shortest first."""
    match on.tuning:
        case LoraTuning() | Ia3Tuning() as tuning:
            if not adapted:
                raise WrongUse("an adapter needs at least one module", "paint another one first")
            yield from _adapters(on, tuning, adapted, whole)
        case FreezeTuning() as tuning:
            if adapted:
                raise WrongUse("freeze tuning trains modules whole, it has no adapters", "W trains them whole")
            if not whole:
                raise WrongUse("freeze tuning trains at least one module", "paint another one first")
            yield from _parts(on, tuning, whole)
        case tuning:
            what = _WITHOUT.get(tuning.kind, f"{tuning.kind} tuning trains virtual tokens, no modules")
            raise WrongUse(f"{what}: nothing to paint", "T chooses another tuning")


def _adapters(
    on: Canvas, tuning: LoraTuning | Ia3Tuning, adapted: frozenset[Cell], whole: frozenset[Cell]
) -> Iterator[Paintable]:
    names = [matrix.name for cell in adapted for matrix in on.found.cells[cell]]
    undrawn, full = _undrawn(on.found, tuning), full_names(on.found, whole)
    saves = dict.fromkeys(((*undrawn, *names_of(on.shapes, on.found, whole)), (*undrawn, *full)))
    for (target, layers), experts in _aims(on, tuning, adapted):
        for saved in saves:
            update: dict[str, Any] = {"target": target, "modules_to_save": saved}
            if isinstance(tuning, Ia3Tuning):
                yield tuning.model_copy(update={**update, "feedforward": _inputs(on.shapes, tuning, names)})
            else:
                aimed = tuning.model_copy(update={**update, "layers": layers, "target_parameters": experts})
                yield _with_ranks(on, aimed, adapted, names)


def _aims(
    on: Canvas, tuning: LoraTuning | Ia3Tuning, adapted: frozenset[Cell]
) -> Iterator[tuple[Meaning, tuple[str, ...]]]:
    """Targets, with the names of the parameters that are no modules: experts that PEFT translates no name for."""
    yield from ((meaning, ()) for meaning in meanings(on.shapes, on.found, adapted))
    bare = frozenset(cell for cell in adapted if on.found.cells[cell][0].name not in on.shapes.by_name)
    if bare and isinstance(tuning, LoraTuning):
        modules = adapted - bare
        for meaning in meanings(on.shapes, on.found, modules) if modules else ((NO_MODULES, None),):
            yield meaning, parameter_names(on.found, bare)


def _inputs(shapes: Shapes, tuning: Ia3Tuning, names: list[str]) -> tuple[str, ...]:
    """Which of the targets are scaled at their input."""
    known = shapes.ia3_feedforward or () if tuning.feedforward is None else tuning.feedforward
    return tuple(end for end in known if any(name.endswith(end) for name in names))


def _with_ranks(on: Canvas, aimed: LoraTuning, adapted: frozenset[Cell], names: list[str]) -> LoraTuning:
    """The tuning with the ranks and alphas that these cells had; PEFT would not find what other patterns mean."""
    if not aimed.rank_pattern:
        alphas = {
            key: each for key, each in aimed.alpha_pattern.items() if any(matching([key], name) for name in names)
        }
        return aimed.model_copy(update={"alpha_pattern": alphas})
    known = ranks(on.found, on.counted) if on.counted else {}
    now = {cell: known.get(cell, aimed.rank) for cell in adapted}
    return patterned(on.found, aimed, now)


def _parts(on: Canvas, tuning: FreezeTuning, whole: frozenset[Cell]) -> Iterator[Paintable]:
    last = frozenset(cell for cell in whole if _is_last(on.found, cell, tuning.last))
    if whole == last:
        yield FreezeTuning(last=tuning.last)
    for kept, cells in ((tuning.last, whole - last), (0, whole)):
        meant = (target for target, layers in meanings(on.shapes, on.found, cells) if layers is None)
        yield from (FreezeTuning(last=kept, target=target) for target in meant if target)


def _undrawn(found: Layout, tuning: LoraTuning | Ia3Tuning) -> tuple[str, ...]:
    """The modules to save that are not on the map: norms."""
    names = [matrix.name for matrices in found.cells.values() for matrix in matrices]
    return tuple(
        each for each in tuning.modules_to_save if not any(ends_with(name, frozenset({each})) for name in names)
    )


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
