"""What Arrow holds, in the words and values that every format shares."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from workbench.data.table import Type


def type_word(arrow: Any) -> Type:
    """Return what the values of an Arrow type are, in a person's words."""
    from pyarrow import types

    if types.is_dictionary(arrow):
        return type_word(arrow.value_type)
    if types.is_integer(arrow):
        return "integer"
    if types.is_floating(arrow) or types.is_decimal(arrow):
        return "number"
    if types.is_boolean(arrow):
        return "boolean"
    if types.is_list(arrow) or types.is_large_list(arrow) or types.is_fixed_size_list(arrow):
        return "list"
    if types.is_struct(arrow) or types.is_map(arrow) or types.is_union(arrow):
        return "object"
    return "text"


def plain(value: Any) -> Any:
    """Return `value` as JSON could hold it: bytes as their number, dates as ISO text, decimals exactly."""
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
            return {str(key): plain(inner) for key, inner in value}
        return [plain(inner) for inner in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{len(value):,} bytes>"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, (timedelta, UUID)):
        return str(value)
    return value


def bytes_note(names: Iterable[str]) -> list[str]:
    """Return what a person should know of columns with bytes; nothing where there are none."""
    listed = ", ".join(names)
    return [f"bytes are read as their number, and no text can be made of them: {listed}"] if listed else []


def holds_bytes(arrow: Any) -> bool:
    """Whether values of an Arrow type are bytes, or have some inside."""
    from pyarrow import types

    if types.is_dictionary(arrow):
        return holds_bytes(arrow.value_type)
    if any(is_binary(arrow) for is_binary in (types.is_binary, types.is_large_binary, types.is_fixed_size_binary)):
        return True
    return any(holds_bytes(arrow.field(place).type) for place in range(arrow.num_fields))


def _number(value: Decimal) -> int | float | str:
    """A decimal as a number where that is exact, else as its digits."""
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)
