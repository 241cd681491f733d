"""The arithmetic in words: the algebra of a module with its own numbers, sizes, and ranges that are not too precise."""

import math
from collections.abc import Mapping

from workbench.lora.count import Trained, adapter_size
from workbench.lora.layout import Matrix
from workbench.lora.parts import GIB

_UNITS = ((1024 * GIB, "TiB", 1024 * GIB), (GIB, "GiB", 0.1 * GIB), (2**20, "MiB", 0))
"""A unit of memory, its name, and from how many bytes on it is used."""
_OPERATIONS = ((1e21, "Z"), (1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"))
_FEW = 10
_MANY = 100


def algebra(name: str, matrices: tuple[Matrix, ...], trained: Mapping[str, Trained]) -> str:
    """Return what stands in a cell and what is trained of it; `trained` is by the name of a matrix.

    q_proj L12: W 896×896 frozen + B 896×16 · A 16×896 → 28,672. LoRA, eq. 3: W is (out, in), B (out, r), A (r, in).
    """
    first = matrices[0]
    found = trained.get(first.name)
    *several, out, into = first.shape
    copies = several[0] if several else len(matrices)
    weight = f"W {out:,}×{into:,}"
    if first.tied_to:
        return f"{name}: {weight} is the same tensor as {first.tied_to.removesuffix('.weight')}, counted there"
    if found is None:
        return f"{name}: {_times(copies, f'{weight} frozen')} → 0 of {copies * out * into:,}"
    if found.how == "ia3":
        return f"{name}: {_times(copies, f'{weight} frozen × a vector of {found.trainable:,}')} → {found.trainable:,}"
    if found.rank is None:
        size = sum(trained[each.name].trainable for each in matrices if each.name in trained)
        bias = " and its bias" if size > copies * out * into else ""
        return f"{name}: {_times(copies, f'{weight} trained{bias}')} → {size:,}"
    adapted = sum(trained[each.name].trainable for each in matrices if each.name in trained)
    rank = found.rank
    return f"{name}: {_times(copies, f'{weight} frozen + B {out:,}×{rank} · A {rank}×{into:,}')} → {adapted:,}"


def _times(copies: int, text: str) -> str:
    return f"{copies} × ({text})" if copies > 1 else text


def worked(out: int, into: int, rank: int) -> list[tuple[str, str]]:
    """Return the calculator's lines for a matrix W (d × k) and a rank: each product, and what becomes of it."""
    rows = [("W", "d × k", f"{out:,} × {into:,}", out * into, "frozen"),
            ("B", "d × r", f"{out:,} × {rank:,}", out * rank, "trained"),
            ("A", "r × k", f"{rank:,} × {into:,}", rank * into, "trained")]  # fmt: skip
    width = max(len(f"{size:,}") for *_, size, _ in rows)
    wide = max(len(product) for _, _, product, _, _ in rows)
    return [
        (f"{name}  {shape}  {product:>{wide}} = {size:>{width},}", fate) for name, shape, product, size, fate in rows
    ]


def share(out: int, into: int, rank: int) -> str:
    """Return the calculator's answer: r (d + k) of d · k."""
    trained, whole = adapter_size(out, into, rank), out * into
    return f"r (d + k) = {rank:,} × ({out:,} + {into:,}) = {trained:,} of {whole:,} = {percent(100 * trained / whole)}"


def percent(value: float) -> str:
    """Return a share in percent, with three figures."""
    return f"{value:,.0f} %" if value >= 100 else f"{value:.3g} %"


def megabytes(size: float) -> str:
    """Return the size of a file, decimal as file managers show it."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def operations(number: float) -> str:
    """Return a number of floating-point operations: 32.3 GFLOP, 1.2 PFLOP."""
    unit, letter = next(((unit, letter) for unit, letter in _OPERATIONS if number >= unit), (1e6, "M"))
    return f"{number / unit:.3g} {letter}FLOP"


def gibibytes(size: float) -> str:
    """Return memory as device tools show it."""
    return f"{size / GIB:,.1f} GiB"


def span(low: float, high: float) -> str:
    """Return a range of memory, rounded outwards: 8–10 GiB, 0.4–1.2 GiB; 3.1 MiB where both ends are one number."""
    unit, name = next((unit, name) for unit, name, least in _UNITS if high >= least)
    figures = 0 if low >= _FEW * unit or high >= _MANY * unit else 1
    if low == high:
        return f"{low / unit:,.{figures}f} {name}"
    scale = 10**figures
    least, most = math.floor(low / unit * scale) / scale, math.ceil(high / unit * scale) / scale
    return f"{least:,.{figures}f}–{most:,.{figures}f} {name}"
