"""Pages for readers are made of a template and files beside it, one folder a page."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template


@cache
def page_template(page: str, room: str = __package__) -> Template:
    """The template of a room's page with that name; a value that it misses is an error."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(beside_template(page, "page.html.j2", room))


def beside_template(page: str, name: str, room: str = __package__) -> str:
    """The text of a file in the page's folder."""
    return files(room).joinpath("templates", page, name).read_text(encoding="utf-8")
