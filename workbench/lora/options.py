"""A tuning as text: the options of `workbench lora count` and `lora fit`, and what a person types in a field."""

from typing import Any

from workbench.lora.spec import AnyTuning, LoraTuning

_ALWAYS = ("rank", "target")


def options(tuning: AnyTuning) -> list[str]:
    """Return the words that say `tuning` on the command line; what is as it is by default is left out."""
    words = [] if isinstance(tuning, LoraTuning) else ["--tuning", tuning.kind]
    for name, field in type(tuning).model_fields.items():
        value = getattr(tuning, name)
        is_said = isinstance(tuning, LoraTuning) and name in _ALWAYS
        if name == "kind" or (value == field.default and not is_said):
            continue
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, dict):
            words += [word for each in text_of(value).split() for word in (option, each)]
        elif isinstance(value, bool):
            words.append(option)
        else:
            words += [option, text_of(value)]
    return words


def text_of(value: Any) -> str:
    """Return a value as a person types it: q_proj,v_proj · 0,1 · q_proj=8 v_proj=4 · yes; empty for None."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case dict():
            return " ".join(f"{key}={text_of(each)}" for key, each in value.items())
        case tuple():
            return ",".join(map(str, value))
    return str(value)


def typed(text: str, default: Any) -> Any:
    """Return what was typed for a field with this default, as its tuning takes it: what `text_of` wrote."""
    if not isinstance(default, dict) or not text.strip():
        return text.strip() or default
    pairs = [each.rpartition("=") for each in text.split()]
    return {name or value: value if name else "" for name, _, value in pairs}
