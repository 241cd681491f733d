"""What each task puts on top of a model: the class that has its head, and which of it a tuning always trains."""

from dataclasses import dataclass

ANY = "any"
"""The task that a configuration is usually for."""


@dataclass(frozen=True)
class Head:
    """The head of a task."""

    model: str
    """The class of transformers that has it."""
    peft: str | None
    """What PEFT calls the task."""
    trained: tuple[str, ...] = ()
    """Ends of names of modules that begin at random: PEFT trains and saves them with every adapter."""
    labels: int = 0
    """How many numbers it puts out; 0 leaves that to the configuration."""
    words: str = ""
    """What such a model is, in words."""


TASKS = {
    "sft": Head("AutoModelForCausalLM", "CAUSAL_LM", words="causal language model"),
    "masked": Head("AutoModelForMaskedLM", None, words="masked language model"),
    "seq2seq": Head("AutoModelForSeq2SeqLM", "SEQ_2_SEQ_LM", words="encoder–decoder model"),
    "classify": Head(
        "AutoModelForSequenceClassification", "SEQ_CLS", ("classifier", "score"), words="model for classification"
    ),
    "reward": Head(
        "AutoModelForSequenceClassification", "SEQ_CLS", ("classifier", "score"), labels=1, words="reward model"
    ),
    "answer": Head("AutoModelForQuestionAnswering", "QUESTION_ANS", ("qa_outputs",), words="model for extractive QA"),
    ANY: Head("", None, words="language model"),
}
"""By the name of the task in a run file."""
