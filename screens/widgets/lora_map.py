"""A model on the screen: totals above, the map of its layers, the numbers of a run beside it, the algebra below."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from screens.text import cut
from screens.widgets.drawn import Drawn
from screens.widgets.grid import CellGrid, GridRow
from screens.widgets.lora_words import brief, mend, panel, totals
from screens.widgets.tuning_words import GLYPHS, legend, scale
from workbench.lora.count import Count
from workbench.lora.layout import Cell, Layout, Matrix, Row
from workbench.lora.painting import Canvas, State, rectangle
from workbench.lora.words import algebra
from workbench.runs.fitted import Surroundings
from workbench.runs.sizes import KnownModel, Sizes

_FAR = 1_000_000


class LoraMap(Vertical):
    """Draws a model and the sizes of a draft; the cursor stands on a kind of module in a layer."""

    DEFAULT_CSS = """
    LoraMap { height: 1fr; }
    LoraMap Horizontal { height: 1fr; margin: 1 0 0 0; }
    LoraMap CellGrid { margin-left: 1; }
    LoraMap #panel { display: none; width: 1fr; height: 1fr; padding: 0 1 0 2; border-left: solid $border; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._model: KnownModel | None = None
        self._sizes: Sizes | None = None
        self._surroundings = Surroundings()
        self.canvas: Canvas | None = None
        """What is shown, to paint on."""

    def compose(self) -> ComposeResult:
        """Draw the lines around the map."""
        yield Drawn(id="totals")
        with Horizontal():
            yield CellGrid()
            yield Drawn(id="panel")
        yield Drawn(id="brief")
        yield Drawn(id="algebra")
        yield Drawn(id="legend")

    def show(self, model: KnownModel, found: Sizes, around: Surroundings) -> None:
        """Draw a model, and what a draft trains of it; another model has no rectangle."""
        if model is not self._model:
            self.let_go()
        self._model, self._sizes, self._surroundings = model, found, around
        self._draw()

    @on(Drawn.Widened)
    def _draw(self) -> None:
        """Draw everything for the width that there is."""
        if self._model is None or self._sizes is None:
            return
        found, width = self._sizes, self._width
        self._drawn("totals", totals(found, self._model.short_name, width))
        beside = self.query_one("#panel")
        if beside.display:
            self._drawn("panel", *panel(found, self._surroundings, max(20, beside.content_size.width)))
        else:
            self._drawn("brief", brief(found, width))
        self._drawn("legend", legend(found.draft.tuning, width) if found.counted else mend(found, width))
        known = self._model.layout
        self.canvas = Canvas(self._model.shapes, known, found.draft.tuning, found.counted)
        now = self.canvas.now
        rows = tuple(_grid_row(at, row, known, now) for at, row in enumerate(known.rows))
        self.query_one(CellGrid).show(tuple(known.titles.values()), rows)
        self._draw_algebra()

    @on(CellGrid.Moved)
    def _draw_algebra(self) -> None:
        if self._sizes is not None:
            self._drawn("algebra", Content.styled(cut(self.algebra(self._sizes), self._width), "bold"))

    def algebra(self, found: Sizes) -> str:
        """Return what stands under the cursor, with the numbers of `found`."""
        row, kind = self.under_cursor
        if row is None:
            return ""
        kind = kind if row.is_layer else next(iter(row.cells))
        matrices = row.cells.get(kind, ())
        name = kind.removesuffix(".weight").rpartition(".")[2]
        if not matrices:
            return f"{row.label} has no {name}"
        trained = {each.name: each for each in found.counted.trained} if found.counted else {}
        said = algebra(f"{name} {row.label}" if row.is_layer else row.label, matrices, trained)
        return f"{said}{scale(found.draft.tuning, matrices[0].name, trained)}"

    @property
    def under_cursor(self) -> tuple[Row | None, str]:
        """The row, and the kind of module."""
        if self._model is None:
            return None, ""
        row, column = self.query_one(CellGrid).cursor
        rows, columns = self._model.layout.rows, self._model.layout.columns
        return (rows[row] if row < len(rows) else None), (columns[column] if column < len(columns) else "")

    @property
    def counted(self) -> Count | None:
        """What is trained, as far as it can be counted."""
        return self._sizes.counted if self._sizes else None

    @property
    def marked(self) -> frozenset[Cell]:
        """The cells in the rectangle; without one a kind of module in every layer, or what stands outside them."""
        row, kind = self.under_cursor
        if self._model is None or row is None:
            return frozenset()
        grid, known = self.query_one(CellGrid), self._model.layout
        if grid.corner is not None:
            at, number = grid.corner
            return rectangle(known, (at, known.columns[number]), (grid.cursor[0], kind))
        return known.of_kind[kind] if row.is_layer else frozenset({(grid.cursor[0], next(iter(row.cells)))})

    @property
    def is_marking(self) -> bool:
        """Whether there is a rectangle."""
        return self.query_one(CellGrid).corner is not None

    def mark(self) -> bool:
        """Begin a rectangle at the cursor, or let go of it; return whether there is one now."""
        grid = self.query_one(CellGrid)
        grid.mark(None if grid.corner else grid.cursor)
        return grid.corner is not None

    def let_go(self) -> bool:
        """End the rectangle; return whether there was one."""
        grid, was_marking = self.query_one(CellGrid), self.is_marking
        grid.mark(None)
        return was_marking

    def told(self, cells: frozenset[Cell]) -> str:
        """Return how much was painted, and how a part of it can be."""
        if self.is_marking:
            return f"{len(cells)} cells painted; Esc lets go of the rectangle"
        return "every layer changed; v marks a rectangle" if len(cells) > 1 else ""

    def move(self, rows: int, columns: int) -> None:
        """Move the cursor; the line about it is drawn with it, in one piece."""
        self.query_one(CellGrid).move(rows, columns)
        self._draw_algebra()

    def page(self, direction: int) -> None:
        """Move the cursor by a page."""
        self.move(direction * self.query_one(CellGrid).page, 0)

    def end(self, direction: int) -> None:
        """Move the cursor to the first (-1) or the last row."""
        self.move(direction * _FAR, 0)

    @property
    def place(self) -> dict[str, Any]:
        """The layer and the kind of module under the cursor."""
        row, kind = self.under_cursor
        return {"layer": row.label if row else "", "module": kind}

    def go_to(self, place: dict[str, Any]) -> None:
        """Set the cursor on a place that was kept, else on the first layer."""
        if self._model is None:
            return
        found = self._model.layout
        labels = [row.label for row in found.rows]
        first = next((number for number, row in enumerate(found.rows) if row.is_layer), 0)
        layer, module = place.get("layer"), place.get("module")
        row = labels.index(layer) if layer in labels else first
        self.query_one(CellGrid).move_to(row, found.columns.index(module) if module in found.columns else 0)

    def _drawn(self, name: str, *content: Content) -> None:
        self.query_one(f"#{name}", Drawn).show(*content)

    @property
    def _width(self) -> int:
        return max(20, self.app.size.width - 2)


def _grid_row(at: int, row: Row, found: Layout, now: dict[Cell, State]) -> GridRow:
    if row.is_layer:
        return GridRow(
            row.label, tuple(GLYPHS[state] if (state := now.get((at, kind))) else "" for kind in found.columns)
        )
    (kind, (matrix,)) = next(iter(row.cells.items()))
    return GridRow(f"{row.label} {_size(matrix)}", alone=GLYPHS[now[at, kind]])


def _size(matrix: Matrix) -> str:
    shape = "×".join(f"{size:,}" for size in matrix.shape)
    return f"{shape} = {matrix.tied_to.removesuffix('.weight')}" if matrix.tied_to else shape
