"""The modules of a model as a map: layers down, kinds of modules across, and what stands outside the layers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod

from workbench.errors import WrongUse
from workbench.lora.count import Trained, count
from workbench.lora.modules import Place, Shapes, place_of
from workbench.lora.spec import ALL_LINEAR, AdapterTuning, AnyTuning, FullTuning, LoraTuning

_MATRIX = 2
"""Vectors (norms, biases) are counted, but not drawn."""


@dataclass(frozen=True)
class Matrix:
    """A parameter of at least two dimensions."""

    name: str
    """The name by which `count` knows it: the module's for its weight, else the parameter's own."""
    shape: tuple[int, ...]
    """(out, in), or (experts, out, in)."""
    place: Place
    tied_to: str | None = None

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)


@dataclass(frozen=True)
class Row:
    """A layer, or a matrix outside all layers."""

    label: str
    """L12; with a word for the stack when there are several; a name outside."""
    cells: dict[str, tuple[Matrix, ...]]
    """By kind; several matrices where a layer holds a list of experts."""
    is_layer: bool


@dataclass(frozen=True)
class Layout:
    """The map of one model."""

    columns: tuple[str, ...]
    """The kinds found in layers, in the model's order."""
    rows: tuple[Row, ...]

    @cached_property
    def titles(self) -> dict[str, str]:
        """The kinds in a word: self_attn.q_proj → q, unless two kinds would share it."""
        return _shortest({kind: _parts(kind) for kind in self.columns})


def layout(shapes: Shapes) -> Layout:
    """Return the map of a model."""
    matrices = list(_matrices(shapes))
    stacks = list(dict.fromkeys(each.place.stack for each in matrices if each.place.layer is not None))
    words = _shortest({stack: stack.split(".") for stack in stacks})
    rows: dict[tuple[str, int | str], Row] = {}
    for each in matrices:
        place = each.place
        if place.layer is None:
            rows["", each.name] = Row(each.name.rpartition(".")[2], {place.kind: (each,)}, is_layer=False)
            continue
        word = f"{words[place.stack]} " if len(stacks) > 1 else ""
        row = rows.setdefault((place.stack, place.layer), Row(f"{word}L{place.layer}", {}, is_layer=True))
        row.cells[place.kind] = (*row.cells.get(place.kind, ()), each)
    kinds = dict.fromkeys(each.place.kind for each in matrices if each.place.layer is not None)
    return Layout(tuple(kinds), tuple(rows.values()))


def painted(found: Layout, trained: Iterable[Trained]) -> frozenset[str]:
    """Return the kinds in layers of which at least one matrix is trained."""
    names = {each.name for each in trained}
    return frozenset(
        kind
        for row in found.rows if row.is_layer
        for kind, matrices in row.cells.items() if any(each.name in names for each in matrices)
    )  # fmt: skip


def toggled(shapes: Shapes, found: Layout, tuning: LoraTuning, kind: str) -> LoraTuning:
    """Return the tuning with or without adapters on the kind in every layer; a target is names, not single layers.

    A target that means nothing in this model is left behind. Raises WrongUse when nothing would be painted, or when
    PEFT cannot adapt this kind by its name.
    """
    before = _painted_now(shapes, found, tuning)
    wanted = before ^ {kind}
    names = [name for each in found.columns if each in wanted for name in _target_names(shapes, found, each)]
    if not names:
        raise WrongUse("an adapter needs at least one kind of module", "paint another one first")
    after = _with_target(shapes, tuning, tuple(dict.fromkeys(names)))
    title = found.titles[kind]
    if (kind in painted(found, count(shapes, after).trained)) is not (kind in wanted):
        how = "has no name of its own that PEFT can adapt" if kind in wanted else "shares its name with another kind"
        raise WrongUse(f"{title} {how} in this model", "paint other kinds")
    return after


def glyph(matrices: Iterable[Matrix], names: frozenset[str], tuning: AnyTuning) -> str:
    """Return how a cell is drawn: ░ frozen, ▒ with adapters, █ trained itself."""
    if isinstance(tuning, FullTuning):
        return "█"
    beside = "▒" if isinstance(tuning, AdapterTuning) else "█"
    return beside if any(each.name in names for each in matrices) else "░"


def _painted_now(shapes: Shapes, found: Layout, tuning: LoraTuning) -> frozenset[str]:
    try:
        return painted(found, count(shapes, tuning).trained)
    except WrongUse:
        return frozenset()


def _with_target(shapes: Shapes, tuning: LoraTuning, names: tuple[str, ...]) -> LoraTuning:
    """The tuning with these names; all-linear where that means the same."""
    named = tuning.model_copy(update={"target": names})
    plain = tuning.model_copy(update={"target": ALL_LINEAR})
    return plain if count(shapes, named).trained == count(shapes, plain).trained else named


def _target_names(shapes: Shapes, found: Layout, kind: str) -> list[str]:
    """The shortest names that mean this kind and, where that is possible, no other."""
    leaf = kind.rpartition(".")[2]
    if shapes.renamed:
        older = [old for old, new in shapes.renamed.items() if kind.endswith(new)]
        return older or [leaf]
    parts = kind.rpartition("*.")[2].split(".")
    others = [other for other in found.columns if other != kind]
    for taken in range(1, len(parts) + 1):
        name = ".".join(parts[-taken:])
        if not any(other == name or other.endswith(f".{name}") for other in others):
            return [name]
    return [".".join(parts)]


def _matrices(shapes: Shapes) -> Iterable[Matrix]:
    for full, module, parameter in shapes.named():
        if len(parameter.shape) < _MATRIX:
            continue
        name = full if module.kind == "other" else module.name
        shape = module.matrix if module.kind in ("linear", "conv1d") else parameter.shape
        yield Matrix(name, shape, place_of(name), parameter.tied_to)


def _parts(kind: str) -> list[str]:
    return [
        part if part == "c_proj" else part.removesuffix("_proj")
        for part in kind.removesuffix(".weight").split(".")
        if part != "*"
    ]


def _shortest(named: dict[str, list[str]]) -> dict[str, str]:
    """The last parts of each name that no other name ends with."""
    taken = dict.fromkeys(named, 1)
    while True:
        titles = {name: ".".join(parts[-taken[name] :]) for name, parts in named.items()}
        shared = {title for title, times in Counter(titles.values()).items() if times > 1}
        longer = [name for name, title in titles.items() if title in shared and taken[name] < len(named[name])]
        if not longer:
            return titles
        for name in longer:
            taken[name] += 1
