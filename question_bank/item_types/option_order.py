"""Labels of options: the letters that a paper shows, which options must keep their order, labels in explanations. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_ALL_OF_THEM = r"(?:都|均|皆|全)部?(?:不)?(?:是|对|错|正确|错误|可以?|属于|包括)"
_SPEAKS_OF_OTHERS = re.compile(
    rf"(?<![年月日天次个人级分岁名万元倍度])以上(?={_ALL_OF_THEM}|各|选项|答案|说法|表述|情形|内容|[两二三四五]|$)"
    rf"|^(?:上述|前述|前[两二三四五]|后[两二三四五])|^{_ALL_OF_THEM}。?$|其[他余]选项|无正确(?:选项|答案)"
    r"|(?<![A-Za-z])[A-H](?:\s*[、，,和与及或]?\s*[A-H])+(?![A-Za-z])|(?<![A-Za-z])[A-H]\s*(?:项|选项)"
)
_LABELS = r"(?<![A-Za-z])[A-Z](?:[、，,和与及\s]*[A-Z])*(?![A-Za-z])"
# Letters that a rationale means as options: A项, 选项B、C, 故选AC, 答案为D.
_MEANT_AS_OPTIONS = re.compile(
    rf"{_LABELS}(?=\s*(?:[两二三四五]?项|选项|[两二三四五]个选项))|(?<=选项){_LABELS}|(?<=选项为){_LABELS}"
    rf"|(?<=应选){_LABELS}|(?<=故选){_LABELS}|(?<=答案为){_LABELS}|(?<=答案是){_LABELS}|(?<=答案：){_LABELS}"
)


def speak_of_others(texts: Iterable[str]) -> bool:
    """Whether the options must stand as they were written: one of them speaks of the others (以上都对, A和B)."""
    return any(_SPEAKS_OF_OTHERS.search(text) for text in texts)


def shown_letters(labels: Sequence[str], order: Sequence[str]) -> dict[str, str]:
    """Return the letter under which each of the author's labels is shown; an empty order keeps the author's."""
    return dict(zip(order or labels, LETTERS, strict=False))


def relabelled(text: str, shown: Mapping[str, str]) -> str:
    """Return an explanation whose mentions of options (A项, 故选BC) name the displayed letters."""

    def relabel(mention: re.Match[str]) -> str:
        return re.sub("[A-Z]", lambda letter: shown.get(letter[0], letter[0]), mention[0])

    return _MEANT_AS_OPTIONS.sub(relabel, text) if shown else text
