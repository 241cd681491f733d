"""What kind of training data a file holds, and which column plays which part.

A mapping goes TARGET → SOURCE. A SOURCE is a column, or a place inside one: `turns.0`, `translation.en`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice

from workbench.data.found import Found, value_at
from workbench.data.kinds import KINDS, Kind, Name
from workbench.data.table import Column, Row, Rows, some
from workbench.data.targets import SYNONYMS
from workbench.errors import WrongUse

_LOOK_AT = 50  # rows that the schema is recognised from
_CODES = (
    "ar bg bn ca cs da de el en es et fa fi fr gu he hi hr hu it ja ka kk km ko lt lv mr ms my ne nl pl ps pt ro ru sk "
    "sl sq sr sv sw ta te th tl tr uk ur uz vi zh"
)
_LANGUAGE_NAMES = (
    "arabic chinese english french german hindi italian japanese korean portuguese russian spanish turkish"
)
_LANGUAGES = frozenset(f"{_CODES} {_LANGUAGE_NAMES}".split())
"""What a column of a translation may be called."""


@dataclass(frozen=True)
class Schema:
    """The kind of data, why it was taken for that, and the column (or place in one) of each target."""

    name: Name
    reason: str
    mapping: dict[str, str] = field(default_factory=dict)


def schema_of(rows: Rows, map: Mapping[str, str] | None = None) -> Schema:
    """Return the schema of `rows`; `map` (TARGET: SOURCE) is a person's own choice of columns.

    Raises WrongUse when `map` names a target or a column that does not exist.
    """
    for target, source in (map or {}).items():
        _check_source(rows, target, source)
    return recognise(rows.columns, list(islice(rows.readable(), _LOOK_AT)), map)


def unknown_columns(rows: Rows, schema: Schema, *targets: str) -> WrongUse:
    """Return the error for rows of no known schema: it shows the mapping of `targets` that would make one."""
    options = " ".join(f"--map {target}=COLUMN" for target in targets)
    mapped = ", ".join(f"{target}: COLUMN" for target in targets)
    fix = f"say which column is which: {options}, or in a run's file: map: {{{mapped}}}"
    return WrongUse(f"{rows.path}: {schema.reason}", fix)


def recognise(columns: Sequence[Column], rows_sample: Sequence[Row], own: Mapping[str, str] | None = None) -> Schema:
    """Return the schema of a file from its columns and some rows; a person's `own` mapping comes first.

    Raises WrongUse when `own` names a target that no schema has.
    """
    own = own or {}
    _check_targets(own)
    if not own:
        special = _languages(columns, rows_sample)
        if special:
            return special
    found = Found(columns, rows_sample, own)
    for kind in KINDS:
        mapping = _mapped(kind, found)
        if mapping and own.keys() <= mapping.keys() and kind.fits(found):
            return Schema(kind.name, kind.reason.format(**_quoted(mapping)), mapping)
    if not own and len(columns) == 1 and columns[0].type == "text":
        only = columns[0].name
        return Schema("text", f"{only!r}, the only column, is text", {"text": only})
    return Schema("unknown", _unknown_reason(columns, own), dict(own))


def _mapped(kind: Kind, found: Found) -> dict[str, str]:
    """The mapping of the targets of `kind`; empty when one that it needs has no column of its own."""
    mapping: dict[str, str] = {}
    for target in (*kind.needs, *kind.may):
        source = found.source(target)
        if source is not None and (target in found.own or not _is_used(source, mapping)):
            mapping[target] = source
        elif target in kind.needs:
            return {}
    return mapping


def _is_used(source: str, mapping: Mapping[str, str]) -> bool:
    return any(f"{used}.".startswith(f"{source}.") for used in mapping.values())


def _languages(columns: Sequence[Column], sample: Sequence[Row]) -> Schema | None:
    """The data sets of machine translation: a column, translation, with a text per language, or a column for each."""
    pairs = [row.get("translation") for row in sample]
    found = Counter(tuple(pair) for pair in pairs if isinstance(pair, dict) and len(pair) == 2)
    if found and found.total() * 2 > len(sample):
        source, target = (str(language) for language in found.most_common(1)[0][0])
        mapping = {"source": f"translation.{source}", "target": f"translation.{target}"}
        return Schema("translation", f"'translation' holds {source} and {target}", mapping)
    named = [column.name for column in columns if column.name.casefold() in _LANGUAGES and column.type == "text"]
    if len(named) == 2:
        mapping = dict(zip(("source", "target"), named, strict=True))
        return Schema("translation", f"the columns are languages, {named[0]} and {named[1]}", mapping)
    return None


def _quoted(mapping: Mapping[str, str]) -> dict[str, str]:
    return {target: repr(source) for target, source in mapping.items()}


def _unknown_reason(columns: Sequence[Column], own: Mapping[str, str]) -> str:
    names = some([column.name for column in columns]) or "(none)"
    mapped = f" with {', '.join(own)} mapped" if own else ""
    return f"no schema has the columns {names}{mapped}"


def _check_targets(own: Mapping[str, str]) -> None:
    for target in own:
        if target not in SYNONYMS:
            close = get_close_matches(target, SYNONYMS, n=1)
            fix = f"did you mean {close[0]}?" if close else "targets: " + ", ".join(SYNONYMS)
            raise WrongUse(f"map: {target} is not a target", fix)


def _check_source(rows: Rows, target: str, source: str) -> None:
    if source in rows.column_names or any(value_at(row, source) is not None for row in rows.readable()):
        return
    close = get_close_matches(source, rows.column_names, n=1)
    columns = f"columns: {some(rows.column_names)}"
    fix = f"did you mean {close[0]}? {columns}" if close else columns
    raise WrongUse(f"{rows.path} has no column {source}, which {target} is mapped to", fix)
