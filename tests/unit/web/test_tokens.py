"""The colours are tested, not chosen: contrast and colour-blind distance, recomputed from the token file."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import rejent.web

TOKENS = Path(rejent.web.__file__).parent / "static" / "css" / "tokens.css"
THEMES = ("light", "dark")
STATES = ("recording", "attention", "stopped", "held")
SURFACES = ("page", "card", "sunken")

# Machado, Oliveira, Fernandes 2009: simulation matrices in linear RGB at full severity.
EYES = {
    "normal": np.eye(3),
    "red-blind": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "green-blind": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "blue-blind": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def _themes() -> dict[str, dict[str, str]]:
    found = re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", TOKENS.read_text(encoding="utf-8")
    )
    return {theme: {name: pair[number] for name, *pair in found} for number, theme in enumerate(THEMES)}


COLOURS = _themes()


def _linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def _contrast(one: str, other: str) -> float:
    lights = sorted(float(_linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _lab(colour: str, eye: str) -> np.ndarray:
    seen = np.clip(EYES[eye] @ _linear(colour), 0, 1)
    ratio = (XYZ @ seen) / WHITE
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    """CIEDE2000, after Sharma, Wu, Dalal 2005."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(mean_c7 / (mean_c7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    hm = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    t = (
        1
        - 0.17 * np.cos(np.radians(hm - 30))
        + 0.24 * np.cos(np.radians(2 * hm))
        + 0.32 * np.cos(np.radians(3 * hm + 6))
        - 0.20 * np.cos(np.radians(4 * hm - 63))
    )
    sl = 1 + 0.015 * (lm - 50) ** 2 / np.sqrt(20 + (lm - 50) ** 2)
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    rt = -2 * np.sqrt(cm**7 / (cm**7 + 25**7)) * np.sin(np.radians(60 * np.exp(-(((hm - 275) / 25) ** 2))))
    dl, dc = (l2 - l1) / sl, (c2 - c1) / sc
    return float(np.sqrt(dl**2 + dc**2 + (dh / sh) ** 2 + rt * dc * dh / sh))


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_surface(theme: str) -> None:
    """Text, second text, accent and the four states keep 4.5:1 on page, card and sunken."""
    colours = COLOURS[theme]
    for name in ("text", "text-2", "accent", "accent-pressed", *STATES):
        for surface in SURFACES:
            assert _contrast(colours[name], colours[surface]) >= 4.5, (name, surface)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_tints_and_solids(theme: str) -> None:
    """A state keeps 4.5:1 on its own tint and under its own text; so does the accent."""
    colours = COLOURS[theme]
    for state in STATES:
        assert _contrast(colours[state], colours[f"{state}-tint"]) >= 4.5, state
        assert _contrast(colours["text"], colours[f"{state}-tint"]) >= 4.5, state
        assert _contrast(colours["on-state"], colours[state]) >= 4.5, state
    assert _contrast(colours["accent"], colours["accent-tint"]) >= 4.5
    assert _contrast(colours["on-accent"], colours["accent"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_edges_and_bands_can_be_seen(theme: str) -> None:
    """Edges of controls, the focus ring and the band of a recording keep 3:1 against what is around them."""
    colours = COLOURS[theme]
    for surface in SURFACES:
        assert _contrast(colours["edge"], colours[surface]) >= 3
        assert _contrast(colours["accent"], colours[surface]) >= 3
    assert _contrast(colours["band"], colours["track"]) >= 3
    assert _contrast(colours["text"], colours["band"]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eye", EYES)
def test_states_are_told_apart_by_every_eye(theme: str, eye: str) -> None:
    """Any two states differ by 15 in CIEDE2000 for normal, red-, green- and blue-blind eyes; from the accent by 8."""
    seen = {name: _lab(COLOURS[theme][name], eye) for name in (*STATES, "accent")}
    for one, other in combinations(STATES, 2):
        assert _distance(seen[one], seen[other]) >= 15, (one, other)
    for state in STATES:
        assert _distance(seen[state], seen["accent"]) >= 8, state


def test_no_style_sheet_but_the_tokens_names_a_colour() -> None:
    """Colours are named in the token file alone, save black and white of paper, pictures and shadows."""
    for sheet in TOKENS.parent.glob("*.css"):
        if sheet != TOKENS:
            named = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text(encoding="utf-8")))
            assert named <= {"#fff", "#000"}, sheet.name
