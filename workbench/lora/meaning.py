"""The ways to say which cells of a map are meant: all-linear, names, names in some layers, a regular expression."""

import re
from collections.abc import Iterable, Iterator

from workbench.lora.layout import Cell, Layout
from workbench.lora.modules import Shapes
from workbench.lora.spec import ALL_LINEAR

Meaning = tuple[str | tuple[str, ...], tuple[int, ...] | None]
"""A target, and the layers that it is for."""


def meanings(shapes: Shapes, found: Layout, cells: frozenset[Cell]) -> Iterator[Meaning]:
    """Yield what may mean these cells, the shortest first; the caller counts which of them does."""
    linear = found.linear
    if linear <= cells:
        yield ALL_LINEAR, None
    named, kinds = names_of(shapes, found, cells), {kind for _, kind in cells}
    columns = frozenset[Cell]().union(*(found.of_kind[kind] for kind in kinds))
    if columns <= cells:
        yield named, None
    layers = {layer for row, _ in cells if (layer := found.rows[row].place.layer) is not None}
    within = {at for at, row in enumerate(found.rows) if row.place.layer in layers}
    if {cell for cell in linear if cell[0] in within} <= cells:
        yield ALL_LINEAR, tuple(sorted(layers))
    if {cell for cell in columns if cell[0] in within} <= cells:
        yield named, tuple(sorted(layers))
    # of an expression PEFT takes the last parts of the names where it translates names of experts: whole columns
    yield full_names(found, cells) if shapes.renamed else pattern(found, cells), None


def names_of(shapes: Shapes, found: Layout, cells: frozenset[Cell]) -> tuple[str, ...]:
    """Return the shortest names of the kinds, in the map's order; experts by the names that PEFT translates."""
    kinds = {kind for _, kind in cells}
    older = {kind: [old for old, new in shapes.renamed.items() if kind.endswith(new)] for kind in kinds}
    ordered = [kind for kind in found.of_kind if kind in kinds]
    return tuple(dict.fromkeys(name for kind in ordered for name in older[kind] or [short_name(found, kind)]))


def short_name(found: Layout, kind: str) -> str:
    """Return the shortest name that means this kind and, where that is possible, no other."""
    parts = kind.rpartition("*.")[2].split(".")
    others = [other for other in found.of_kind if other != kind]
    for taken in range(1, len(parts) + 1):
        name = ".".join(parts[-taken:])
        if not any(other == name or other.endswith(f".{name}") for other in others):
            return name
    return ".".join(parts)


def parameter_names(found: Layout, cells: frozenset[Cell]) -> tuple[str, ...]:
    """Return the names of the parameters in the cells; a kind that is there in every layer by its name alone."""
    whole = [kind for kind, column in found.of_kind.items() if column <= cells]
    rest = frozenset(cell for cell in cells if cell[1] not in whole)
    return (*whole, *full_names(found, rest))


def full_names(found: Layout, cells: frozenset[Cell]) -> tuple[str, ...]:
    """Return the name of every module in the cells."""
    return tuple(matrix.name for cell, matrices in found.cells.items() if cell in cells for matrix in matrices)


def pattern(found: Layout, cells: frozenset[Cell]) -> str:
    r"""Return a regular expression for whole names: model\.layers\.(0|1)\.(mlp\.up_proj|mlp\.down_proj)|lm_head.

    Every layer of a stack is written as \d+.
    """
    rows: dict[tuple[str, str], list[int]] = {}
    alone = []
    for row, kind in (cell for cell in found.cells if cell in cells):
        place = found.rows[row].place
        if place.layer is None:
            alone += [re.escape(matrix.name) for matrix in found.cells[row, kind]]
        else:
            rows.setdefault((place.stack, kind), []).append(place.layer)
    alike: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for (stack, kind), layers in rows.items():
        alike.setdefault((stack, tuple(layers)), []).append(re.escape(kind).replace(r"\*", r"\d+"))
    whole = {stack: sum(row.place.stack == stack for row in found.rows) for stack, _ in rows}
    blocks = []
    for (stack, numbered), kinds in alike.items():
        numbers = r"\d+" if len(numbered) == whole[stack] else _any(map(str, numbered))
        blocks.append(rf"{re.escape(stack)}\.{numbers}\.{_any(kinds)}")
    return "|".join([*blocks, *alone])


def _any(parts: Iterable[str]) -> str:
    listed = list(parts)
    return listed[0] if len(listed) == 1 else f"({'|'.join(listed)})"
