"""Parsing XML that people bring: no document type, no entities but the five of XML, no network, bounded in depth."""

from lxml import etree

from core.archives import UnreadableFile


def parse_xml(data: bytes, what: str = "文件") -> etree._Element:
    """Return the root element. Raises UnreadableFile for what is not well-formed, and for a DOCTYPE.

    A DOCTYPE is where external entities and entity bombs are declared; none of the formats read here needs one.
    lxml's own limits (256 levels, 10 MB in one text) stay on.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.position[0] if error.position else 0
        raise UnreadableFile(
            f"{what}第 {line} 行不是合法的 XML，没有读取；请用原来的系统重新导出，不要手工改动标签。"
        ) from None
    except ValueError:
        raise UnreadableFile(f"{what}的编码声明与内容不符，没有读取；请另存为 UTF-8 编码后再上传。") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile(f"{what}带有文档类型声明（DOCTYPE），出于安全不予读取；请删去该声明后再上传。")
    return root
