"""Whether a QTI 3 package keeps to what the schemas of 1EdTech say (tests/data/qti/), and holds together."""

import io
import posixpath
import zipfile
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from tests.support.qti import V30

SCHEMAS = Path(__file__).parents[1] / "data" / "qti"
CONTENT = "{http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_SCHEMA_AT = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/"
_TEMPLATES_AT = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/"
_TEMPLATES = {f"{_TEMPLATES_AT}{name}.xml" for name in ("match_correct", "map_response")}
# Schematron rule 1Bb of the schema: what a text entry may be bound to.
_TYPED = ("string", "float", "integer")


@lru_cache
def schema(name: str) -> etree.XMLSchema:
    """The schema of an `item` or of a `manifest`."""
    return etree.XMLSchema(file=SCHEMAS / f"{name}.xsd")


def faults(data: bytes) -> list[str]:
    """Every fault of a package: file and reason."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
        assert len(files) == len(archive.namelist())
    manifest = etree.fromstring(files["imsmanifest.xml"])
    found = _against("manifest", manifest, "imsmanifest.xml") + _manifest_faults(manifest, files)
    identifiers = []
    for resource in manifest.iter(f"{CONTENT}resource"):
        path = unquote(resource.get("href", ""))
        root = etree.fromstring(files[path])
        identifiers.append(root.get("identifier"))
        found += faults_of_item(root, set(files), path)
    return found + ([] if len(identifiers) == len(set(identifiers)) else ["two items have one identifier"])


def faults_of_item(root: etree._Element, files: set[str], path: str = "items/Q/item.xml") -> list[str]:
    """Every fault of one item document at this path among the files of its package."""
    return _against("item", root, path) + _loose_ends(root, path, files)


def _against(name: str, root: etree._Element, path: str) -> list[str]:
    found = schema(name)
    return [] if found.validate(root) else [f"{path}: {each.message}" for each in found.error_log]


def _manifest_faults(manifest: etree._Element, files: dict[str, bytes]) -> list[str]:
    found = []
    listed = [unquote(str(each.get("href"))) for each in manifest.iter(f"{CONTENT}file")]
    if sorted([*listed, "imsmanifest.xml"]) != sorted(files):
        found.append(f"the manifest lists {listed}, the package has {sorted(files)}")
    for resource in manifest.iter(f"{CONTENT}resource"):
        own = [each.get("href") for each in resource.iter(f"{CONTENT}file")]
        if resource.get("href") not in own:
            found.append(f"{resource.get('href')} is not among the files of its resource")
    at = dict(zip(*[iter(manifest.get(_XSI, "").split())] * 2, strict=True))
    if at.get(CONTENT.strip("{}")) != f"{_SCHEMA_AT}imsqtiv3p0_imscpv1p2_v1p0.xsd":
        found.append("the manifest names another schema than that of QTI 3.0")
    return found


def _loose_ends(root: etree._Element, path: str, files: set[str]) -> list[str]:
    """What no schema sees: names that refer to nothing, pictures that are not there, addresses of templates."""
    declared = _declared(root, "response"), _declared(root, "outcome")
    found = [] if root.get(_XSI) == f"{V30} {_SCHEMA_AT}imsqti_asiv3p0_v1p0.xsd" else ["another schema is named"]
    for element in root.iter(etree.Element):
        name = etree.QName(element).localname.removeprefix("qti-")
        response, outcome = element.get("response-identifier"), element.get("outcome-identifier")
        if response and response not in declared[0]:
            found.append(f"{name} answers {response}, which is not declared")
        if outcome and outcome not in declared[1]:
            found.append(f"{name} waits for {outcome}, which is not declared")
        if name == "set-outcome-value" and element.get("identifier") not in declared[1]:
            found.append(f"{element.get('identifier')} is set and not declared")
        if name in ("correct", "map-response") and element.get("identifier") not in declared[0]:
            found.append(f"{name} {element.get('identifier')} is not declared")
        if name == "variable" and element.get("identifier") not in {*declared[0], *declared[1]}:
            found.append(f"variable {element.get('identifier')} is not declared")
        if name == "map-response" and declared[0][element.get("identifier")].find(f"{{{V30}}}qti-mapping") is None:
            found.append(f"{element.get('identifier')} has no mapping")
        if element.get("template") and element.get("template") not in _TEMPLATES:
            found.append(f"{element.get('template')} is no template of QTI 3.0")
        if name == "img" and "://" not in element.get("src", ""):
            shown = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(element.get("src", ""))))
            found += [] if shown in files else [f"the picture {shown} is not in the package"]
        if response and name.endswith("interaction"):
            found += _bound(name, element, declared[0].get(response))
    used = [str(each.get("response-identifier")) for each in root.iter() if each.get("response-identifier")]
    return found + ([] if len(used) == len(set(used)) else ["two interactions answer one variable"])


def _declared(root: etree._Element, kind: str) -> dict[str | None, etree._Element]:
    return {each.get("identifier"): each for each in root.iterchildren(f"{{{V30}}}qti-{kind}-declaration")}


def _bound(name: str, interaction: etree._Element, declaration: etree._Element | None) -> list[str]:
    """The Schematron rules that concern us, and what each interaction asks of its variable."""
    if declaration is None:
        return []
    cardinality, base = declaration.get("cardinality"), declaration.get("base-type")
    fits = {
        "choice-interaction": base == "identifier"
        and (cardinality == "multiple" or interaction.get("max-choices", "1") == "1"),
        "order-interaction": (base, cardinality) == ("identifier", "ordered"),
        "match-interaction": base == "directedPair",
        "text-entry-interaction": base in _TYPED and cardinality == "single",
        "extended-text-interaction": base == "string",
    }
    names = [
        each.get("identifier") for each in interaction.iter() if each is not interaction and each.get("identifier")
    ]
    choices = [each for each in interaction.iter() if etree.QName(each).localname.endswith("-choice")]
    unique = len(choices) == len({each.get("identifier") for each in choices})
    stated = [word for value in declaration.iter("{*}qti-value") for word in (value.text or "").split()]
    known = base not in ("identifier", "directedPair") or set(stated) <= set(names)
    return [] if fits[name] and unique and known else [f"{name} does not fit its variable"]
