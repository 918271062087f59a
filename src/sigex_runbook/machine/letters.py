"""Whether the browser can show the letters of the guide: Russian and Kazakh.

Asked of the browser itself, since it alone decides which font serves which letter: a letter without
a font looks exactly like a character that does not exist.
"""

from __future__ import annotations

from playwright.sync_api import sync_playwright

from sigex_runbook.site.browser import Browser
from sigex_runbook.site.browser_launch import launch

LETTERS = "АЖЩЫЯжщыяЁёӘәҒғҚқҢңӨөҰұҮүҺһІі"

_MISSING = """
(letters) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 48;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const picture = (text) => {
    pen.clearRect(0, 0, 48, 48);
    pen.font = "32px sans-serif";
    pen.textBaseline = "top";
    pen.fillText(text, 4, 4);
    return pen.getImageData(0, 0, 48, 48).data.join();
  };
  const nobodys = picture("\\u0378");  // never assigned
  return [...letters].filter((letter) => picture(letter) === nobodys).join("");
}
"""


def missing_letters(browser: Browser) -> str:
    """The letters that this browser has no font for; "" when it shows them all.

    Starts the browser, so it also proves that it starts. Raises EnvironmentMissing if it does not.
    """
    with sync_playwright() as playwright:
        running = launch(playwright, browser=browser)
        try:
            return str(running.new_page().evaluate(_MISSING, LETTERS))
        finally:
            running.close()
