"""The draw of the order in which candidates come: by a stored seed, or by hand from the drawn lots. Pure."""

import hashlib
import hmac
from collections.abc import Collection, Mapping


class DrawProblem(ValueError):
    """Numbers that are no draw; one Chinese sentence: what, where, how to mend."""


def draw_order(seed: str, blind_numbers: Collection[str]) -> list[str]:
    """The blind numbers in drawn order: by HMAC-SHA256(seed, blind number), so that it can be replayed in any language."""
    return sorted(blind_numbers, key=lambda blind: hmac.new(seed.encode(), blind.encode(), hashlib.sha256).digest())


def check_numbers(numbers: Mapping[str, int]) -> list[str]:
    """The blind numbers in the order of numbers drawn by hand; they must be 1 to n, each once. Raises ``DrawProblem``."""
    if not numbers:
        raise DrawProblem("没有填写任何抽签号，抽签结果未保存。请按现场抽到的号码逐人填写。")
    taken = dict[int, str]()
    for blind, number in numbers.items():
        if number in taken:
            raise DrawProblem(f"抽签号 {number} 填了两次，抽签结果未保存。请对照签号更正，一人一号。")
        taken[number] = blind
    missing = [number for number in range(1, len(numbers) + 1) if number not in taken]
    if missing:
        raise DrawProblem(
            f"{len(numbers)} 名考生的抽签号应为 1 至 {len(numbers)}，缺少 {missing[0]} 号，抽签结果未保存。请对照签号更正。"
        )
    return [taken[number] for number in range(1, len(numbers) + 1)]
