"""What a candidate does on the sitting's page, in the words of tests."""

from collections.abc import Callable, Sequence

from playwright.sync_api import Locator, Page

Open = Callable[..., Page]


def choose(page: Page, slot: int, letter: str) -> None:
    page.locator(f"#slot-{slot} label", has=page.locator(f"input[value='{letter}']")).click()


def choose_at_once(page: Page, chosen: Sequence[tuple[int, str]]) -> None:
    """Several choices within one instant, however busy the machine: they leave in one batch."""
    selectors = [f"#slot-{slot} input[value='{letter}']" for slot, letter in chosen]
    page.evaluate("selectors => selectors.forEach((one) => document.querySelector(one).click())", selectors)


def item_state(page: Page, slot: int) -> Locator:
    return page.locator(f"#slot-{slot}-state")


def blank(page: Page, slot: int, index: int = 1) -> Locator:
    return page.locator(f"#slot-{slot}-blank-{index}")


def first_input(page: Page) -> Locator:
    return page.locator("#slot-1 input").first


def hand_in(page: Page) -> None:
    page.locator(".sitting-hand-in").click()
    page.get_by_role("button", name="确认交卷").click()
