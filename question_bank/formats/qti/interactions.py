"""The interactions of QTI: which we hold, which we name as not held."""

from collections.abc import Mapping

from question_bank.formats.qti.documents import Element, child, descendants

HELD: Mapping[str, str] = {
    "choiceInteraction": "选择",
    "orderInteraction": "排序",
    "associateInteraction": "关联",
    "matchInteraction": "匹配",
    "inlineChoiceInteraction": "行内选择",
    "textEntryInteraction": "填空",
    "extendedTextInteraction": "问答",
    "gapMatchInteraction": "选词填空",
    "hottextInteraction": "文中点选",
    "sliderInteraction": "滑块",
}
NOT_HELD: Mapping[str, str] = {
    "hotspotInteraction": "图上热点",
    "selectPointInteraction": "图上取点",
    "graphicOrderInteraction": "图上排序",
    "graphicAssociateInteraction": "图上关联",
    "graphicGapMatchInteraction": "图上填空",
    "positionObjectInteraction": "图上摆放",
    "drawingInteraction": "绘图",
    "uploadInteraction": "上传文件",
    "mediaInteraction": "播放媒体",
    "customInteraction": "自定义交互",
    "portableCustomInteraction": "自定义交互",
    "endAttemptInteraction": "提前结束作答",
}
CUSTOM = ("customInteraction", "portableCustomInteraction")
INLINE = ("inlineChoiceInteraction", "textEntryInteraction", "hottextInteraction", "endAttemptInteraction")


def interactions_of(item: Element) -> list[Element]:
    """Return the interactions of an item in the order of its body."""
    body = child(item, "itemBody")
    return [] if body is None else list(descendants(body, *HELD, *NOT_HELD))
