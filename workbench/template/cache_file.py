"""Encoded rows in a file: Parquet with checksums, token ids as 32-bit integers, labels as where they are trained."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.template.labels import IGNORED, labels_of, stretches_of

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

_ROWS = 2048  # that are written, and read, at once
Answer = dict[str, Any]


class AnswersWriter:
    """Writes answers to a new file; `close` completes it. Raises OSError when the disk is full."""

    def __init__(self, path: Path) -> None:
        from pyarrow.parquet import ParquetWriter

        self._writer = ParquetWriter(path, _schema(), compression="zstd", write_page_checksum=True)
        self._waiting: list[Answer] = []

    def add(self, answer: Answer) -> None:
        """Take one more answer of the encoder worker."""
        self._waiting.append(answer)
        if len(self._waiting) == _ROWS:
            self._write()

    def close(self) -> None:
        """Write what waits, and the end of the file."""
        self._write()
        self._writer.close()

    def _write(self) -> None:
        import pyarrow as pa

        columns = zip(*map(_row_of, self._waiting), strict=True) if self._waiting else ([], [], [])
        arrays = [pa.array(column, field.type) for column, field in zip(columns, _schema(), strict=True)]
        self._writer.write_batch(pa.record_batch(arrays, schema=_schema()))
        self._waiting = []


def read_answers(path: Path, count: int) -> Iterator[Answer] | None:
    """Return so many answers, which are read a part at a time; None where there is no such file, or it is damaged."""
    from pyarrow.parquet import ParquetFile

    try:
        file = ParquetFile(path, page_checksum_verification=True)
        if sum(len(batch) for batch in file.iter_batches(_ROWS)) == count:
            return _answers(file)
        file.close()
    except (OSError, ValueError):
        pass
    return None


def _answers(file: "ParquetFile") -> Iterator[Answer]:
    with file:
        for batch in file.iter_batches(_ROWS):
            ids, trained = _lists(batch.column("input_ids")), _lists(batch.column("trained"))
            for row in zip(ids, trained, map(str, batch.column("rest").to_pylist()), strict=True):
                yield _answer_of(*row)


def _schema() -> "pa.Schema":
    import pyarrow as pa

    numbers = pa.list_(pa.int32())
    return pa.schema({"input_ids": numbers, "trained": numbers, "rest": pa.string()})


def _row_of(answer: Answer) -> tuple[list[int], list[int], str]:
    if "labels" not in answer:  # a refusal, or a pair
        return [], [], json.dumps(answer)
    stretches = stretches_of([label != IGNORED for label in answer["labels"]])
    rest = {name: answer[name] for name in answer if name not in ("input_ids", "labels")}
    return answer["input_ids"], [place for stretch in stretches for place in stretch], json.dumps(rest)


def _answer_of(input_ids: list[int], trained: list[int], rest: str) -> Answer:
    said: Answer = json.loads(rest)
    if "error" in said or "prompt_ids" in said:
        return said
    stretches = list(zip(trained[::2], trained[1::2], strict=True))
    return {"input_ids": input_ids, "labels": labels_of(input_ids, stretches), **said}


def _lists(column: Any) -> Iterator[list[int]]:
    """A column of lists as lists; Arrow's own way makes an object of each number first."""
    ends, numbers = column.offsets.to_numpy(), column.values.to_numpy()
    return (numbers[start:end].tolist() for start, end in pairwise(ends))
