"""Gather the icons the pages use, from an unpacked ``@tabler/icons`` package, into one sprite of symbols.

Usage: ``npm pack @tabler/icons && tar xzf tabler-icons-*.tgz && python tools/icon_sprite.py package OUTPUT``
"""

import re
import sys
from pathlib import Path

FILLED = (
    "player-record",
    "alert-triangle",
    "octagon-minus",
    "lock",
    "circle-check",
    "player-play",
    "player-pause",
)
OUTLINE = [
    "player-skip-back",
    "player-skip-forward",
    "player-track-prev",
    "player-track-next",
    "zoom-in",
    "zoom-out",
    "maximize",
    "minimize",
    "layout-grid",
    "device-cctv",
    "phone",
    "building",
    "map-pin",
    "calendar",
    "clock",
    "hourglass",
    "eye",
    "gavel",
    "shredder",
    "lock-open",
    "users",
    "user-check",
    "file-text",
    "book-2",
    "history",
    "printer",
    "download",
    "search",
    "filter",
    "help-circle",
    "settings",
    "logout",
    "chevron-down",
    "chevron-right",
    "chevron-left",
    "x",
    "server-2",
    "wifi-off",
    "database",
    "shield-check",
    "key",
    "keyboard",
    "language",
    "contrast",
    "sun",
    "moon",
    "info-circle",
    "arrow-right",
    "arrow-up",
    "arrow-down",
    "refresh",
    "plus",
    "home",
    "certificate",
    "list-check",
    "circle-dashed",
    "arrow-bar-to-right",
    "arrow-bar-to-left",
    "fingerprint",
    "device-mobile",
    "player-stop",
    "power",
    "menu-2",
    "text-size",
    "speakerphone",
    "phone-off",
    "clipboard-check",
    "device-tv",
    "signature",
    "tool",
    "pencil",
]


def symbol(name: str, text: str, *, filled: bool) -> str:
    """One icon as a symbol that takes its colour from the text around it."""
    body = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    shapes = re.findall(r"<(?:path|circle|rect|line|polyline)[^>]*/>", body)
    drawn = [re.sub(r"\s+", " ", shape) for shape in shapes if 'd="M0 0h24v24H0z"' not in shape]
    paint = (
        'fill="currentColor"'
        if filled
        else 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{"".join(drawn)}</symbol>'


def sprite(package: Path) -> str:
    """The whole file, one symbol a line, in a stable order."""
    lines = [
        symbol(
            name,
            (package / "icons" / folder / f"{name}.svg").read_text(encoding="utf-8"),
            filled=folder == "filled",
        )
        for folder, names in (("filled", FILLED), ("outline", OUTLINE))
        for name in sorted(names)
    ]
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(lines) + "\n</svg>\n"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(sprite(Path(sys.argv[1])), encoding="utf-8")
