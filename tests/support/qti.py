"""QTI documents for tests, written for the purpose."""

from lxml import etree

V21 = "http://www.imsglobal.org/xsd/imsqti_v2p1"
V22 = "http://www.imsglobal.org/xsd/imsqti_v2p2"
V30 = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
TEMPLATES = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/"
SCORE = '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'


def item_xml(
    declarations="", body="<p>题</p>", processing="", identifier="item", namespace=V21, outcomes=SCORE, **more
):
    """The bytes of an item in QTI 2."""
    attributes = "".join(f' {name}="{value}"' for name, value in {"adaptive": "false", "title": "", **more}.items())
    return (
        f'<assessmentItem xmlns="{namespace}" identifier="{identifier}" timeDependent="false"{attributes}>'
        f"{declarations}{outcomes}<itemBody>{body}</itemBody>{processing}</assessmentItem>"
    ).encode()


def response(base="identifier", cardinality="single", correct=(), extra="", identifier="RESPONSE"):
    """A response declaration in QTI 2."""
    values = "".join(f"<value>{value}</value>" for value in correct)
    stated = f"<correctResponse>{values}</correctResponse>" if correct else ""
    return (
        f'<responseDeclaration identifier="{identifier}" cardinality="{cardinality}" baseType="{base}">'
        f"{stated}{extra}</responseDeclaration>"
    )


def template(name):
    """Response processing by a standard template."""
    return f'<responseProcessing template="{TEMPLATES}{name}"/>'


def processing(rules):
    """Response processing by rules of its own."""
    return f"<responseProcessing>{rules}</responseProcessing>"


def as_qti_3(data):
    """The same document in the words of QTI 3."""
    html = {
        "p",
        "div",
        "span",
        "b",
        "i",
        "em",
        "strong",
        "ul",
        "li",
        "img",
        "blockquote",
        "table",
        "tr",
        "td",
        "object",
    }
    root = etree.fromstring(data)
    for element in root.iter():
        name = etree.QName(element)
        if name.namespace not in (V21, V22):
            continue
        local = name.localname if name.localname in html else "qti-" + _kebab(name.localname)
        element.tag = f"{{{V30}}}{local}"
        if local.startswith("qti-"):
            for attribute, value in list(element.attrib.items()):
                if not attribute.startswith("{"):
                    del element.attrib[attribute]
                    element.set(_kebab(attribute), value)
    etree.cleanup_namespaces(root)
    return etree.tostring(root).replace(b"xmlns:ns0=", b"xmlns=").replace(b"<ns0:", b"<").replace(b"</ns0:", b"</")


def _kebab(name):
    name = name.replace("durationLT", "durationLt").replace("durationGTE", "durationGte")
    return "".join(f"-{char.lower()}" if char.isupper() else char for char in name)
