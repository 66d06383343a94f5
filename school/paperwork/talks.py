"""The questions of the conversation guide, from the `talk` of the questionnaire: one source for screen and paper."""

from school.paperwork.register import questions


def booklet() -> str:
    """Per section what a mentor can ask, and which questions are extra sensitive."""
    parts = []
    for section in questions().sections:
        lines = [f"### {section.title}", "", f"*De student leest:* «{section.intro}»", ""]
        lines += [f"- {line}" for line in section.talk]
        careful = [one.label for one in section.questions if one.sensitive]
        if careful:
            lines += ["", "Extra gevoelig, begin er niet zelf over: " + " ".join(f"«{label}»" for label in careful)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
