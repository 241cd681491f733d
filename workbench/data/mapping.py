"""A person's own mapping in the making: a kind of data, and a column, or a place in one, for each of its targets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.data.kinds import KINDS, Kind
from workbench.data.schema import Schema, recognise
from workbench.data.table import Column, Row
from workbench.errors import WrongUse

NONE = ""
_DEEPEST = 2
_MOST_ITEMS = 2  # of a list that are offered one by one


@dataclass
class MappingDraft:
    """`columns` and `sample` are the file's; what is chosen changes in place."""

    columns: Sequence[Column]
    sample: Sequence[Row]
    kind: int = 0
    """The place of the kind in KINDS."""
    chosen: dict[str, str] | None = None

    @classmethod
    def of(cls, columns: Sequence[Column], sample: Sequence[Row], schema: Schema) -> "MappingDraft":
        """Begin with what was recognised."""
        fits = [
            at for at, kind in enumerate(KINDS) if kind.name == schema.name and set(kind.needs) <= set(schema.mapping)
        ]
        usual = next(at for at, kind in enumerate(KINDS) if kind.needs == ("prompt", "completion"))
        return cls(columns, sample, fits[0] if fits else usual, dict(schema.mapping) if fits else {})

    @property
    def targets(self) -> tuple[str, ...]:
        """The parts that columns can play, those that are needed first."""
        kind = KINDS[self.kind]
        return (*kind.needs, *kind.may)

    def is_needed(self, target: str) -> bool:
        """Whether the kind cannot do without this part."""
        return target in KINDS[self.kind].needs

    @property
    def sources(self) -> list[str]:
        """What can be chosen for a part: the columns, and what lies inside them in the first rows."""
        found = [column.name for column in self.columns]
        for row in self.sample[:1]:
            for name, value in row.items():
                found += _inside(name, value, _DEEPEST)
        return list(dict.fromkeys(found))

    def source(self, target: str) -> str:
        """Return what plays a part; NONE where nothing does."""
        return (self.chosen or {}).get(target, NONE)

    def turn(self, target: str, step: int) -> None:
        """Choose the next source for a part, or the one before."""
        ring = [NONE, *self.sources]
        now = self.source(target)
        at = ring.index(now) if now in ring else 0
        found = ring[(at + step) % len(ring)]
        self.chosen = {name: source for name, source in (self.chosen or {}).items() if name != target}
        if found:
            self.chosen[target] = found

    def turn_kind(self, step: int) -> None:
        """Choose another kind; what was chosen for a part that it has too stays."""
        self.kind = (self.kind + step) % len(KINDS)
        self.chosen = {name: source for name, source in (self.chosen or {}).items() if name in self.targets}

    def result(self) -> tuple[dict[str, str], Schema | None, str]:
        """Return the mapping, the schema that it makes, and what is wrong with it ("" for nothing).

        The mapping is empty where the same is recognised without one.
        """
        chosen = dict(self.chosen or {})
        missing = [target for target in KINDS[self.kind].needs if target not in chosen]
        if missing:
            return chosen, None, f"{' and '.join(missing)} {'needs' if len(missing) == 1 else 'need'} a column"
        try:
            schema = recognise(self.columns, list(self.sample), chosen)
        except WrongUse as error:
            return chosen, None, error.what
        if schema.name != KINDS[self.kind].name:
            return chosen, schema, f"these columns make it {schema.name}"
        usual = recognise(self.columns, list(self.sample))
        same = (usual.name, _of(usual.mapping, self.targets)) == (schema.name, _of(chosen, self.targets))
        return ({} if same else chosen), schema, ""


def kind_words(kind: Kind) -> str:
    """Return what a kind is called, with what it needs where several are called so."""
    alike = [each for each in KINDS if each.name == kind.name]
    return kind.name if len(alike) == 1 else f"{kind.name} ({', '.join(kind.needs)})"


def _of(mapping: Mapping[str, str], targets: Sequence[str]) -> dict[str, str]:
    return {target: mapping[target] for target in targets if target in mapping}


def _inside(name: str, value: Any, depth: int) -> Iterator[str]:
    """The places inside a value, as a mapping names them."""
    if depth == 0 or not isinstance(value, (dict, list)):
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value[:_MOST_ITEMS])
    for key, inner in pairs:
        place = f"{name}.{key}"
        yield place
        yield from _inside(place, inner, depth - 1)
