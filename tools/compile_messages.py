"""Build hook: compile every translation (``.po``) beside itself (``.mo``) with Babel, so that no gettext is needed."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_messages(root: Path) -> int:
    """Write a ``.mo`` beside every ``.po`` below ``root``; return how many."""
    found = sorted(root.rglob("*.po"))
    for source in found:
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)
    return len(found)


class CompileMessages(BuildHookInterface[Any]):
    """Runs on every build, editable installs included."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Compile before the files are collected."""
        compile_messages(Path(self.root) / "src")


if __name__ == "__main__":
    print(f"{compile_messages(Path(__file__).parent.parent / 'src')} catalogues compiled")
