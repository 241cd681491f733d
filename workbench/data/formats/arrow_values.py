"""What Arrow holds, in the words and values that every format shares."""

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
    """Return `value` as JSON could hold it: bytes as their length, dates as ISO text."""
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
        return float(value)
    if isinstance(value, (timedelta, UUID)):
        return str(value)
    return value
