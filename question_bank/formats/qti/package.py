"""Opens what people bring as QTI: one item, a test with its items beside it, or a content package; nothing is trusted."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from core.archives import MEGABYTE, NESTED, ArchiveLimits, UnreadableFile, unpack
from core.exact import excerpt
from question_bank.formats.qti.documents import Element, NotQti, child, children, descendants, read_document
from question_bank.formats.qti.weights import Weight, reference_weights
from question_bank.formats.report import Problem, sentence_parts

MOST_ITEMS = 20_000
LARGEST_FILE = 100 * MEGABYTE
_MANIFEST = "imsmanifest.xml"
_NOT_ITEMS = (
    "imsqti_test",
    "imsqti_section",
    "imsqti_stimulus",
    "imsqti_rptemplate",
    "imsqti_outcomes",
    "associatedcontent",
)


@dataclass(frozen=True, slots=True)
class QtiItem:
    """One item document: its identifier, where it stands (empty for a single file), version and root element."""

    identifier: str
    path: str
    version: str
    root: Element
    metadata: Element | None = None  # of its resource in the manifest
    stimuli: tuple[Element, ...] = ()
    template: Element | None = None  # response processing that the package keeps in a file of its own


@dataclass(slots=True)
class Package:
    """All items of a file in their order, what could not be read, and the other files by their paths."""

    items: list[QtiItem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: Mapping[str, bytes] = field(default_factory=dict)
    weights: dict[str, list[Weight]] = field(default_factory=dict)  # by the paths of the items that tests refer to

    def file(self, href: str, beside: str) -> bytes | None:
        """Return the file that a document at the path `beside` calls `href`, if the package has it."""
        return self.files.get(resolved(href, beside))


def resolved(href: str, beside: str) -> str:
    """Return the path inside the package that `href` means in the document `beside`; empty where it leads out."""
    plain = unquote(href.partition("#")[0].partition("?")[0]).replace("\\", "/")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(beside), plain))
    return "" if path.startswith(("../", "/")) or path in ("..", ".") or "\0" in path else path


def open_package(source: Path | str | bytes) -> Package:
    """Return what a file holds. Raises UnreadableFile where the whole of it cannot be read."""
    data = _bytes_of(source)
    if data[:2] == b"PK":
        return _open_archive(unpack(data, ArchiveLimits(max_entries=2 * MOST_ITEMS)))
    root, version = read_document(data, "文件")
    package = Package()
    if root.tag == "assessmentItem":
        package.items.append(_item(root, version, "", package))
    elif root.tag in ("assessmentTest", "assessmentSection"):
        _read_test_alone(package, root)
    else:
        raise NotQti("文件里没有试题；请导入 assessmentItem、assessmentTest 或整个 QTI 包（.zip）。")
    return package


def _bytes_of(source: Path | str | bytes) -> bytes:
    if isinstance(source, bytes):
        return source
    path = Path(source)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UnreadableFile("文件超过上限 100 MB；请拆成几个文件分别上传。")
        return path.read_bytes()
    except OSError:
        raise UnreadableFile("文件读不出来；请检查文件的读取权限。") from None


def _item(root: Element, version: str, path: str, package: Package, metadata: Element | None = None) -> QtiItem:
    identifier = " ".join(root.get("identifier", "").split())
    if not identifier:
        identifier = path or "item"
        package.problems.append(
            Problem(identifier, "identifier", "warning", "试题没有标识符（identifier）", "在原来的系统里补上后重新导出")
        )
    stimuli = tuple(_stimuli(root, path, package, identifier))
    return QtiItem(identifier, path, version, root, metadata, stimuli, _template(root, path, package))


def _stimuli(root: Element, path: str, package: Package, identifier: str) -> Iterator[Element]:
    for reference in children(root, "assessmentStimulusRef"):
        href = reference.get("href", "")
        data = package.file(href, path)
        try:
            if data is not None:
                yield read_document(data, f"共用材料 {excerpt(href)} ")[0]
                continue
            reason, mend = f"没有找到共用材料“{excerpt(href)}”", "把完整的 QTI 包（.zip）一起导入"
        except UnreadableFile as refusal:
            reason, mend = sentence_parts(refusal.message)
        package.problems.append(Problem(identifier, "stimulus", "error", reason, mend))


def _template(root: Element, path: str, package: Package) -> Element | None:
    processing = child(root, "responseProcessing")
    if processing is None or len(processing):
        return None
    for attribute in ("templateLocation", "template"):
        data = package.file(processing.get(attribute, ""), path) if processing.get(attribute) else None
        if data is not None:
            try:
                found = read_document(data, "评分模板")[0]
            except UnreadableFile:
                continue
            if found.tag == "responseProcessing":
                return found
    return None


def _open_archive(files: Mapping[str, bytes]) -> Package:
    package = Package(files=files)
    for name in files:
        if name.lower().endswith(NESTED):
            package.problems.append(
                Problem(name, "", "warning", f"包里的压缩包“{excerpt(name)}”没有打开", "需要时把它单独导入")
            )
    manifests = sorted(
        (name for name in files if posixpath.basename(name).lower() == _MANIFEST), key=lambda n: n.count("/")
    )
    if not manifests:
        _read_loose(package)
        return package
    root, _version = read_document(files[manifests[0]], "清单 imsmanifest.xml ")
    resources = [
        each for each in descendants(root, "resource") if (each.get("type") or "").lower().startswith("imsqti")
    ]
    for resource in resources:
        kind = (resource.get("type") or "").lower()
        if not kind.startswith(_NOT_ITEMS):
            _read_resource(package, resource, manifests[0])
    _report_unlisted(package, root, resources, manifests[0])
    if not resources and not package.items:
        raise UnreadableFile("清单 imsmanifest.xml 里没有 QTI 试题；请从原来的系统导出 QTI 2.1、2.2 或 3.0 的包。")
    return package


def _read_resource(package: Package, resource: Element, manifest: str) -> None:
    listed = [each.get("href", "") for each in children(resource, "file")]
    href = resource.get("href") or next(iter(listed), "")
    path = resolved(href, manifest)
    _read_item_file(package, path, resource.get("identifier") or href or "resource", child(resource, "metadata"))


def _read_item_file(package: Package, path: str, name: str, metadata: Element | None) -> None:
    data = package.files.get(path)
    if data is None:
        reason = f"清单列出的文件“{excerpt(path or name)}”不在包里"
        package.problems.append(Problem(path or name, "", "error", reason, "重新导出完整的 QTI 包"))
        return
    try:
        root, version = read_document(data, "试题文件")
    except UnreadableFile as refusal:
        package.problems.append(Problem(path, "", "error", *sentence_parts(refusal.message)))
        return
    if root.tag != "assessmentItem":
        return
    if len(package.items) >= MOST_ITEMS:
        raise UnreadableFile(f"包里的试题超过上限 {MOST_ITEMS} 题；请分成几个包。")
    package.items.append(_item(root, version, path, package, metadata))


def _report_unlisted(package: Package, root: Element, resources: list[Element], manifest: str) -> None:
    """Items that a test refers to and the manifest does not list as items are read all the same."""
    known = {item.path for item in package.items} | {problem.ref for problem in package.problems}
    tests: list[tuple[str, Element]] = []
    for resource in resources:
        path = resolved(resource.get("href", ""), manifest)
        if (
            not (resource.get("type") or "").lower().startswith(("imsqti_test", "imsqti_section"))
            or path not in package.files
        ):
            continue
        try:
            test = read_document(package.files[path], "试卷文件")[0]
        except UnreadableFile as refusal:
            package.problems.append(Problem(path, "", "error", *sentence_parts(refusal.message)))
            continue
        tests.append((path, test))
        for reference in descendants(test, "assessmentItemRef"):
            at = resolved(reference.get("href", ""), path)
            if at not in known:
                known.add(at)
                _read_item_file(package, at, reference.get("identifier", ""), None)
    _note_weights(package, tests)


def _note_weights(package: Package, tests: list[tuple[str, Element]]) -> None:
    for path, href, weight in reference_weights(tests):
        package.weights.setdefault(resolved(href, path), []).append(weight)


def _read_loose(package: Package) -> None:
    """A package without a manifest: every item document in it."""
    tests: list[tuple[str, Element]] = []
    for path in package.files:
        if path.lower().endswith(".xml"):
            try:
                root, version = read_document(package.files[path], "文件")
            except UnreadableFile:
                continue
            if root.tag == "assessmentItem":
                package.items.append(_item(root, version, path, package))
            elif root.tag in ("assessmentTest", "assessmentSection"):
                tests.append((path, root))
    _note_weights(package, tests)
    if not package.items:
        raise UnreadableFile("压缩包里没有 imsmanifest.xml，也没有 QTI 试题；请导出 QTI 2.1、2.2 或 3.0 的包。")
    package.problems.append(
        Problem("file", "", "warning", "压缩包里没有清单 imsmanifest.xml，已按其中的试题文件读取", "核对题数是否齐全")
    )


def _read_test_alone(package: Package, root: Element) -> None:
    """A test outside a package: what it refers to is not in the file, and nothing beside it is opened."""
    for reference in descendants(root, "assessmentItemRef"):
        href = excerpt(reference.get("href", ""))
        ref = reference.get("identifier") or href or "file"
        reason = f"试卷引用的试题文件“{href}”不在这个文件里"
        package.problems.append(Problem(ref, "", "error", reason, "把试卷和试题打成 QTI 包（.zip）后导入"))
    if not package.problems:
        raise UnreadableFile("试卷没有引用任何试题；请导入整个 QTI 包（.zip）。")
