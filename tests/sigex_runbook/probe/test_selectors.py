"""Selectors for one element: the stablest first, and nothing that a library made up."""

from __future__ import annotations

import pytest

from sigex_runbook.probe.selectors import FAIR, FIRM, Node, Selector, selectors, stable_class

BODY = Node("body")


def first(*chain: Node) -> Selector:
    return next(selectors([*chain, BODY]))


def all_of(*chain: Node) -> list[str]:
    return [one.css for one in selectors([*chain, BODY])]


def test_an_id_comes_first() -> None:
    button = Node("button", id="menu", classes=("icon",), attributes={"aria-label": "Меню"})
    assert first(button) == Selector("#menu", FIRM)


@pytest.mark.parametrize("made", ["__BVID__12", ":r1:", "ember412", "input-5f3a9c21", "x-20261130"])
def test_an_id_that_a_library_made_is_left_out(made: str) -> None:
    assert all(made not in css for css in all_of(Node("button", id=made, classes=("icon",))))


def test_a_mark_for_tests_a_label_and_classes_follow() -> None:
    button = Node(
        "button",
        classes=("icon", "active"),
        attributes={"data-testid": "menu", "aria-label": 'Меню "я"'},
    )
    assert all_of(button)[:3] == [
        '[data-testid="menu"]',
        'button[aria-label="Меню \\"я\\""]',
        "button.icon",
    ]


def test_what_lies_around_narrows_it_and_the_order_on_the_page_comes_last() -> None:
    found = list(
        selectors([Node("a", position=2), Node("div", classes=("corner",)), Node("header"), BODY])
    )
    assert [one.css for one in found] == [
        "div.corner > a:nth-of-type(2)",
        "body > header:nth-of-type(1) > div:nth-of-type(1) > a:nth-of-type(2)",
    ]
    assert Selector("header a.way", FAIR) in list(
        selectors([Node("a", classes=("way",)), Node("header"), BODY])
    )


@pytest.mark.parametrize(
    "href", ["#", "/", "javascript:void(0)", "/show?id=1", "/700101300012/settings"]
)
def test_an_address_that_says_nothing_or_too_much_is_left_out(href: str) -> None:
    assert all(href not in css for css in all_of(Node("a", attributes={"href": href})))


@pytest.mark.parametrize(
    ("name", "stable"),
    [
        ("btn-primary", True),
        ("access-link", True),
        ("is-active", False),
        ("collapsed", False),
        ("css-1q2w3e", False),
        ("sc-bdVaJa", False),
        ("a1b2c3", False),
        ("md:flex", False),
        ("h1", True),
    ],
)
def test_a_class_that_will_be_there_tomorrow(name: str, stable: bool) -> None:
    assert stable_class(name) is stable
