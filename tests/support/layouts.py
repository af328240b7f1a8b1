"""Random question banks and the layouts in which people write them down: what the readers of documents must give back."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

LETTERS = "ABCDEFGH"
WORDS = (
    "公务员", "考核", "任免", "平时考核", "专项考核", "年度考核", "定期考核", "机关", "领导职务", "2019年6月1日", "第三十八条", "职级",
    "不称职", "基本称职", "“优秀”等次", "《公务员法》", "3.5%", "十二个月", "A类单位", "民主集中制", "党管干部", "依法办事", "德才兼备",
    "以上都对", "回避", "辞职", "退休", "申诉", "控告", "工资", "福利", "保险", "晋升", "降职", "奖励", "惩戒", "录用", "聘任",
)  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map("".join)
sentences = st.tuples(texts, texts, st.integers(1, 9999)).map(
    lambda t: f"关于{t[0]}的规定，机关应当在{t[2]}日内办理{t[1]}"
)
plain_texts = texts.filter(lambda text: not text[0].isascii())


@dataclass
class Item:
    """One item as it was meant."""

    type: str
    stem: str  # with @ where a bracket or a blank stands
    options: list[str] = field(default_factory=list)
    key: list[object] = field(default_factory=list)
    rationale: str = ""
    difficulty: str = ""
    knowledge: str = ""
    article: int = 0


@st.composite
def items(draw: st.DrawFn, kind: str) -> Item:
    """An item of a type."""
    stem = draw(sentences)
    facts = {
        "rationale": draw(st.just("") | sentences.map(lambda text: f"根据规定，{text}。")),
        "difficulty": draw(st.sampled_from(["", "易", "中", "较难"])),
        "knowledge": draw(st.just("") | plain_texts),
        "article": draw(st.integers(0, 100)),
    }
    if kind in ("single_choice", "multiple_choice"):
        count = draw(st.integers(3, 6))
        options = draw(st.lists(plain_texts, min_size=count, max_size=count, unique=True))
        least, most = (1, 1) if kind == "single_choice" else (2, count)
        key = sorted(draw(st.sets(st.sampled_from(LETTERS[:count]), min_size=least, max_size=most)))
        return Item(kind, stem + "的是@。", options, list(key), **facts)
    if kind == "true_false":
        return Item(kind, stem + "。", [], [draw(st.sampled_from(["true", "false"]))], **facts)
    if kind == "fill_blank":
        answers = draw(
            st.lists(st.sampled_from([w for w in WORDS if "、" not in w]), min_size=1, max_size=3, unique=True)
        )
        return Item(kind, stem + "，分为" + "和".join("@" * len(answers)) + "。", [], [[a] for a in answers], **facts)
    lines = draw(st.lists(sentences, min_size=1, max_size=3))
    answer = "\n".join(f"（{n}）{line}；" for n, line in enumerate(lines, 1))
    return Item(kind, f"简述{stem}的要求。", [], [], answer, **{k: v for k, v in facts.items() if k != "rationale"})


banks = st.lists(
    st.sampled_from(["single_choice", "multiple_choice", "true_false", "fill_blank", "short_answer"]),
    min_size=1, max_size=4, unique=True,
).flatmap(lambda kinds: st.tuples(*(st.tuples(st.just(k), st.lists(items(k), min_size=1, max_size=5)) for k in kinds)))  # fmt: skip


@dataclass
class Layout:
    """How a bank is written down."""

    heading: str
    number: str
    option: str
    together: str  # options: lines, one, two, tabs
    keys: str  # after, brackets, inside, end, range, section
    field_mark: str
    truth: tuple[str, str]
    blank: str
    gap: bool
    wide: bool
    wrap: int
    restart: bool
    pages: bool


layouts = st.builds(
    Layout,
    heading=st.sampled_from(
        ["{n}、{t}", "{n}、{t}（每题2分，共{c}题）", "（{n}）{t}", "第{n}部分 {t}", "{t}", "{n}．{t}："]
    ),
    number=st.sampled_from(["{}. ", "{}、", "{}．", "（{}）", "({}) ", "第{}题 ", "{}.", "第{}题："]),
    option=st.sampled_from(["{}. ", "{}、", "{}．", "({})", "（{}）", "{}:", "{}：", "{})", "{} ", "[{}]", "lower."]),
    together=st.sampled_from(["lines", "one", "two", "tabs", "glued", "columns"]),
    keys=st.sampled_from(["after", "inside", "end", "range", "section"]),
    field_mark=st.sampled_from(["{}：", "【{}】", "{}:", "[{}]", "【{}】："]),
    truth=st.sampled_from([("正确", "错误"), ("对", "错"), ("√", "×"), ("T", "F")]),
    blank=st.sampled_from(["____", "（　　）", "(  )", "______"]),
    gap=st.booleans(),
    wide=st.booleans(),
    wrap=st.sampled_from([0, 0, 30, 45]),
    restart=st.booleans(),
    pages=st.booleans(),
)
TITLES = {
    "single_choice": ["单项选择题", "单选题"],
    "multiple_choice": ["多项选择题", "多选题", "不定项选择题"],
    "true_false": ["判断题", "判断正误题"],
    "fill_blank": ["填空题"],
    "short_answer": ["简答题", "问答题"],
}
NUMERALS = "一二三四五六七八九十"


def written(bank: tuple[tuple[str, list[Item]], ...], layout: Layout) -> str:
    """The bank as a text in a layout."""
    return "\n".join(_Writer(layout).write(bank)) + "\n"


class _Writer:
    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.lines: list[str] = []

    def write(self, bank: tuple[tuple[str, list[Item]], ...]) -> list[str]:
        layout = self.layout
        number = 0
        listed: list[tuple[str, list[tuple[int, Item]]]] = []
        self.lines.append("公务员法知识测试题库")
        for place, (kind, entries) in enumerate(bank):
            title = TITLES[kind][len(entries) % len(TITLES[kind])]
            heading = layout.heading.format(n=NUMERALS[place], t=title, c=len(entries))
            self.lines.append(heading)
            number = 0 if layout.restart else number
            numbers = []
            for item in entries:
                number += 1
                numbers.append((number, item))
                self._item(number, item)
            if layout.pages:
                self.lines.append(f"第 {place + 1} 页 共 {len(bank)} 页")
            if layout.keys == "section" and kind != "short_answer":
                self.lines.append("参考答案：")
                self._keys(numbers)
            listed.append((f"{NUMERALS[place]}、{title}", numbers))
        if layout.keys in ("end", "range"):
            self.lines.append("参考答案")
            for title, numbers in listed:
                if numbers[0][1].type == "short_answer":
                    continue
                self.lines.append(title)
                self._keys(numbers)
        return self.lines

    def _item(self, number: int, item: Item) -> None:
        layout = self.layout
        inside = layout.keys == "inside"
        stem = item.stem
        if item.options:
            stem = stem.replace("@", f"（ {''.join(map(str, item.key))} ）" if inside else "（  ）")
        elif item.type == "true_false" and inside:
            stem += f"（{self._key(item)}）"
        else:
            stem = stem.replace("@", layout.blank)
        self._wrapped(self._wide(layout.number.format(number)) + stem)
        self._options(item.options)
        if item.type == "short_answer":
            self._field("答案" if layout.field_mark.startswith("{") else "参考答案", item.rationale)
        elif layout.keys == "after" or (inside and item.type == "fill_blank"):
            self._field("答案", self._key(item))
        if layout.keys in ("after", "inside"):
            if item.rationale and item.type != "short_answer":
                self._field("解析", item.rationale)
            self._field("难度", item.difficulty)
            self._field("知识点", item.knowledge)
            self._field("依据", f"《公务员法》第{item.article}条" if item.article else "")
        if layout.gap:
            self.lines.append("")

    def _field(self, name: str, text: str) -> None:
        if text:
            self.lines.extend((self.layout.field_mark.format(name) + text).split("\n"))

    def _options(self, options: list[str]) -> None:
        if not options:
            return
        mark = self.layout.option
        marks = [f"{letter.lower()}." if mark == "lower." else mark.format(letter) for letter in LETTERS]
        marks = [self._wide(m) for m in marks]
        shown = [m + text for m, text in zip(marks, options, strict=False)]
        if self.layout.together == "one":
            self.lines.append("  ".join(shown))
        elif self.layout.together == "glued" and mark not in ("{} ", "lower."):
            self.lines.append("".join(shown))
        elif self.layout.together in ("two", "tabs"):
            glue = "\t" if self.layout.together == "tabs" else "    "
            self.lines.extend(glue.join(shown[at : at + 2]) for at in range(0, len(shown), 2))
        elif self.layout.together == "columns":
            half = (len(shown) + 1) // 2
            self.lines.extend("\t".join(shown[at::half]) for at in range(half))
        else:
            for line in shown:
                self._wrapped(line)

    def _keys(self, numbers: list[tuple[int, Item]]) -> None:
        kind = numbers[0][1].type
        keys = [self._key(item) for _n, item in numbers]
        if self.layout.keys == "range" and kind != "fill_blank" and len(numbers) > 1:
            glue = "" if kind == "single_choice" or (kind == "true_false" and len(self.layout.truth[0]) == 1) else " "
            self.lines.append(f"{numbers[0][0]}-{numbers[-1][0]} {glue.join(keys)}")
        elif kind == "fill_blank":
            self.lines.extend(f"{number}. {key}" for (number, _item), key in zip(numbers, keys, strict=True))
        else:
            self.lines.append("  ".join(f"{n}.{key}" for (n, _item), key in zip(numbers, keys, strict=True)))

    def _key(self, item: Item) -> str:
        if item.type == "true_false":
            return self.layout.truth[item.key == ["false"]]
        if item.type == "fill_blank":
            return "；".join(str(accepted[0]) for accepted in item.key if isinstance(accepted, list))
        return "".join(map(str, item.key))

    def _wide(self, text: str) -> str:
        return (
            "".join(chr(ord(c) + 0xFEE0) if c.isalnum() and c.isascii() else c for c in text)
            if self.layout.wide
            else text
        )

    def _wrapped(self, text: str) -> None:
        width = self.layout.wrap
        if not width:
            self.lines.append(text)
            return
        while len(text) > width:
            # A line never breaks inside a number or a word, nor before a mark; nobody's does.
            at = width
            while at > 10 and not ("\u4e00" <= text[at] <= "\u9fff" and "\u4e00" <= text[at - 1] <= "\u9fff"):
                at -= 1
            self.lines.append(text[:at])
            text = text[at:]
        self.lines.append(text)
