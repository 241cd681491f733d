"""The parts that columns play, each with the names that files give to such a column, the plainest first.

Names count in any case, and with spaces or hyphens for underscores.
"""


def _numbered(end: str, *names: str) -> tuple[str, ...]:
    """What belongs to one of two answers: answer_1, response1, human_ref_A."""
    between = ("_", "") if end.isdigit() else ("_",)
    return tuple(f"{name}{dash}{end}" for name in names for dash in between)


_ANSWERS = ("output", "response", "answer", "completion", "conversation", "summary", "human_ref")
_SCORES = ("score", "rating", "reward", "winner_model")

SYNONYMS: dict[str, tuple[str, ...]] = {
    "messages": (
        "messages",
        "conversations",
        "conversation",
        "dialogue",
        "dialog",
        "chat",
        "data",
        "transcript",
        "turns",
    ),
    "system": ("system", "system_prompt"),
    "history": ("history",),
    "tools": ("tools", "functions"),
    "instruction": ("instruction",),
    "input": ("input", "context", "instances.0.input"),
    "output": ("output", "response", "answer", "completion", "solution", "instances.0.output"),
    "prompt": (
        *("prompt", "question", "query", "instruction", "problem"),
        *("input.messages", "input", "inputs", "inputs_pretokenized", "body", "user", "human", "turns.0"),
        *("question.full_text", "question.text", "question_stem", "info.post", "message_1", "input_text", "ctx"),
        *("patient", "conversations", "messages", "context", "history", "text"),
    ),
    "completion": (
        *("completion", "response", "solution", "answer", "output", "reply", "target"),
        *("assistant", "accepted_answer", "targets", "targets_pretokenized", "bot", "gpt"),
        *("correct_answer", "best_answer", "long_answer", "reference_answer", "canonical_solution", "ground_truth"),
        *("answer.value", "answers.text", "answers_spans.spans", "answers"),
        *("message_2", "output_text", "target_text", "doctor", "code", "sql", "query"),
    ),
    "choices": ("choices", "options", "endings"),
    "choice": ("answerkey", "answer", "correct", "label", "answer_index", "gold"),
    "chosen": (
        *("chosen", "preferred_output", "preferred", "chosen_response", "response_j"),
        *("response", "output", "answer", "completion", "messages", "conversations"),
    ),
    "rejected": (
        *("rejected", "non_preferred_output", "dispreferred", "rejected_response", "rejected_messages"),
        "response_k",
    ),
    "first": (
        "first",
        *(name for end in "01a" for name in _numbered(end, *_ANSWERS)),
        "summaries.0.text",
    ),
    "second": (
        "second",
        *(name for end in "2b1" for name in _numbered(end, *_ANSWERS)),
        "summaries.1.text",
    ),
    "preferred": (*("preferred", "winner", "preference", "better", "choice", "better_response_id", "label", "labels"),),
    "strength": ("preference_strength", "overall_preference"),
    "first_score": tuple(name for end in "01a" for name in _numbered(end, *_SCORES)),
    "second_score": tuple(name for end in "2b1" for name in _numbered(end, *_SCORES)),
    "responses": ("responses", "completions", "candidates", "answers", "outputs", "generations"),
    "ranks": ("ranks", "rank", "ranking"),
    "scores": ("scores", "score", "ratings", "rewards"),
    "context": ("context", "passage", "paragraph", "article", "story", "support"),
    "question": ("question", "query"),
    "answers": ("answers", "answer", "answer_text", "answers_spans.spans"),
    "source": ("source", "src", "source_text"),
    "target": ("target", "tgt", "target_text"),
    "document": ("document", "article", "dialogue", "text", "content", "body", "post", "report", "transcript"),
    "summary": ("summary", "highlights", "abstract", "tldr"),
    "text": (
        *("text", "sentence", "review", "content", "body", "tweet", "comment", "comment_text"),
        *("premise", "sentence1", "question1", "text1"),
        *("message", "sms", "utterance", "headline", "phrase", "quote", "transcript", "document", "article"),
        "passage",
    ),
    "text_pair": ("hypothesis", "sentence2", "question2", "text2", "text_pair", "question"),
    "label": (
        *("label", "labels", "class", "sentiment", "category", "kto_tag"),
        *("emotion", "intent", "stance", "toxic", "stars", "rating"),
        *("star", "gold_label", "coarse_label", "class_index", "is_duplicate", "target", "score", "similarity"),
    ),
}
