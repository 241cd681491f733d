"""The modules of a model as a map: layers down, kinds of modules across, and what stands outside the layers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod

from workbench.lora.modules import Place, Shapes, place_of

_MATRIX = 2
"""Vectors (norms, biases) are counted, but not drawn."""

Cell = tuple[int, str]
"""The number of a row and a kind of module."""


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

    @cached_property
    def path(self) -> tuple[str, ...]:
        """Its name and those of the modules that hold it, from the inside out."""
        return _path(self.name)

    @cached_property
    def original_path(self) -> tuple[str, ...]:
        """The same of the matrix that it is tied to; empty for one of its own."""
        return _path(self.tied_to or "")


@dataclass(frozen=True)
class Row:
    """A layer, or a matrix outside all layers."""

    label: str
    """L12; with a word for the stack when there are several; a name outside."""
    cells: dict[str, tuple[Matrix, ...]]
    """By kind; several matrices where a layer holds a list of experts."""
    is_layer: bool

    @cached_property
    def place(self) -> Place:
        """The stack and the layer, or that it is outside."""
        return next(iter(self.cells.values()))[0].place


@dataclass(frozen=True)
class Layout:
    """The map of one model."""

    columns: tuple[str, ...]
    """The kinds found in layers, in the model's order."""
    rows: tuple[Row, ...]
    linear: frozenset[Cell]
    """What all-linear may mean."""

    @cached_property
    def cells(self) -> dict[Cell, tuple[Matrix, ...]]:
        """What stands in every cell that is not empty."""
        return {(at, kind): cell for at, row in enumerate(self.rows) for kind, cell in row.cells.items()}

    def holding(self, names: Iterable[str]) -> set[Cell]:
        """Return the cells in which matrices of these names stand."""
        return {self._cell_of[name] for name in names if name in self._cell_of}

    @cached_property
    def _cell_of(self) -> dict[str, Cell]:
        return {matrix.name: at for at, matrices in self.cells.items() for matrix in matrices}

    @cached_property
    def of_kind(self) -> dict[str, frozenset[Cell]]:
        """The cells of every kind of module, those of rows that are no layers too, in the order of the rows."""
        found: dict[str, list[Cell]] = {}
        for cell in self.cells:
            found.setdefault(cell[1], []).append(cell)
        return {kind: frozenset(cells) for kind, cells in found.items()}

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
    linear = frozenset(
        (at, kind)
        for at, row in enumerate(rows.values())
        for kind, (first, *_) in row.cells.items()
        if _is_linear(shapes, first.name)
    )
    return Layout(tuple(kinds), tuple(rows.values()), linear)


def _matrices(shapes: Shapes) -> Iterable[Matrix]:
    for full, module, parameter in shapes.named():
        if len(parameter.shape) < _MATRIX or parameter.is_bias:
            continue
        name = full if module.kind == "other" else module.name
        shape = module.matrix if module.kind in ("linear", "conv1d") else parameter.shape
        yield Matrix(name, shape, place_of(name), parameter.tied_to)


def _is_linear(shapes: Shapes, name: str) -> bool:
    return name != shapes.head and name in shapes.by_name and shapes.by_name[name].kind in ("linear", "conv1d")


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


def _path(name: str) -> tuple[str, ...]:
    parts = name.split(".")
    return tuple(".".join(parts[:taken]) for taken in range(len(parts), 0, -1)) if name else ()
