"""A tuning as the options of `workbench lora count` and `lora fit`: the command that counts the same."""

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
            words += [word for key, each in value.items() for word in (option, f"{key}={_written(each)}")]
        elif isinstance(value, bool):
            words.append(option)
        else:
            words += [option, ",".join(map(str, value)) if isinstance(value, tuple) else _written(value)]
    return words


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
