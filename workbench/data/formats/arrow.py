"""Arrow: IPC files (Feather too) and IPC streams, as `datasets` keeps them; one batch in memory at a time."""

from pathlib import Path
from typing import Any

from workbench.data.formats.batches import BatchRows, first_line
from workbench.data.table import BadFile

FILE = b"ARROW1"
STREAM = b"\xff\xff\xff\xff"


def open_arrow(path: Path, head: bytes) -> BatchRows:
    """Return the rows of an Arrow file that begins with `head`. Raises BadFile when it is broken."""
    return ArrowFileRows(path) if head.startswith(FILE) else ArrowStreamRows(path)


class ArrowFileRows(BatchRows):
    """Rows of an IPC file: its footer says where each batch is."""

    format = "arrow"

    def __init__(self, path: Path) -> None:
        import pyarrow

        try:
            self._reader = pyarrow.ipc.open_file(pyarrow.OSFile(str(path), "rb"))
            counting = _counting(path)
            sizes = [counting.get_batch(number).num_rows for number in range(counting.num_record_batches)]
        except (pyarrow.ArrowException, OSError) as error:
            raise BadFile(f"{path}: a broken Arrow file: {first_line(error)}", "fetch or write it again") from error
        super().__init__(path, self._reader.schema, sizes)

    def _read(self, number: int) -> Any:
        return self._reader.get_batch(number)


class ArrowStreamRows(BatchRows):
    """Rows of an IPC stream: where its batches are is found by going through it once, without their content."""

    format = "arrow"

    def __init__(self, path: Path) -> None:
        import pyarrow

        source = pyarrow.memory_map(str(path))
        sizes: list[int] = []
        self._places: list[int] = []
        try:
            self._stream = pyarrow.ipc.open_stream(source)
            self._schema = self._stream.schema
            while True:
                self._places.append(source.tell())
                sizes.append(self._stream.read_next_batch().num_rows)
        except StopIteration:
            pass
        except (pyarrow.ArrowException, OSError) as error:
            whole = f" after {sum(sizes):,} whole rows" if sizes else ""
            what = f"{path}: the Arrow stream is cut off or damaged{whole}: {first_line(error)}"
            raise BadFile(what, "fetch or write it again") from error
        self._has_dictionaries = any(_has_dictionary(field.type) for field in self._schema)
        self._next = len(sizes)
        super().__init__(path, self._schema, sizes)

    def _read(self, number: int) -> Any:
        if self._has_dictionaries:
            return self._read_on(number)
        import pyarrow

        with pyarrow.OSFile(str(self.path), "rb") as file:
            file.seek(self._places[number])
            return pyarrow.ipc.read_record_batch(pyarrow.ipc.read_message(file), self._schema)

    def _read_on(self, number: int) -> Any:
        """The batch, read from the start where that is behind: dictionaries are told once, before their use."""
        import pyarrow

        if number < self._next:
            self._stream = pyarrow.ipc.open_stream(pyarrow.OSFile(str(self.path), "rb"))
            self._next = 0
        while True:
            batch = self._stream.read_next_batch()
            self._next += 1
            if self._next > number:
                return batch


def _has_dictionary(arrow: Any) -> bool:
    from pyarrow import types

    inner = (arrow.field(place).type for place in range(arrow.num_fields))
    return types.is_dictionary(arrow) or any(map(_has_dictionary, inner))


def _counting(path: Path) -> Any:
    """A reader for which a batch costs little: it reads one column, of values of a fixed width where there is one."""
    import pyarrow

    source = pyarrow.memory_map(str(path))
    schema = pyarrow.ipc.open_file(source).schema
    fixed = [place for place, field in enumerate(schema) if pyarrow.types.is_primitive(field.type)]
    options = pyarrow.ipc.IpcReadOptions(included_fields=[(fixed or [0])[0]]) if len(schema) else None
    return pyarrow.ipc.open_file(source, options=options)
