"""The sentences of Safe Exam Browser."""

from core.i18n import lazy
from exam.safe_browser.rules import Fault

# What a candidate is told; each says what happened, whether anything was lost, and what to do.
REFUSALS = {
    Fault.ABSENT: lazy(
        "本场考试要求使用安全考试浏览器（Safe Exam Browser），本次操作未执行，已保存的作答都在。请用本场的配置文件打开它再登录，或举手告知监考员。"
    ),
    Fault.CONFIGURATION: lazy(
        "安全考试浏览器用的不是本场的配置，本次操作未执行，已保存的作答都在。请退出后用本场的配置文件重新打开，或举手告知监考员。"
    ),
    Fault.BROWSER: lazy(
        "这台电脑上的安全考试浏览器不是本场登记的版本，本次操作未执行，已保存的作答都在。请举手告知监考员。"
    ),
}
# What stands in an incident.
FACTS = {
    Fault.ABSENT: "没有使用安全考试浏览器，{where}被拒绝。同一情形只记一次，请监考员核实。",
    Fault.CONFIGURATION: "安全考试浏览器的配置与本场不符，{where}被拒绝。同一情形只记一次，请监考员核实。",
    Fault.BROWSER: "安全考试浏览器的版本不在本场登记的密钥之内，{where}被拒绝。同一情形只记一次，请监考员核实。",
    "granted": "已豁免安全考试浏览器，该考生可以用其他浏览器考试。理由：{reason}",
    "withdrawn": "已取消安全考试浏览器的豁免。理由：{reason}",
}
