"""A task of Super-Natural Instructions, its definition above its instances, as one row per instance."""

from typing import Any

from workbench.data.table import Row


def is_task(value: dict[str, Any]) -> bool:
    """Whether an object is such a task."""
    instances = value.get("Instances")
    return "Definition" in value and isinstance(instances, list) and all(isinstance(each, dict) for each in instances)


def rows_of_task(value: dict[str, Any]) -> list[Row]:
    """Return a row per instance: the definition is its instruction; of several right outputs all stay."""
    definition = value["Definition"]
    text = "\n".join(map(str, definition)) if isinstance(definition, list) else str(definition)
    return [{"instruction": text, **instance} for instance in value["Instances"]]
