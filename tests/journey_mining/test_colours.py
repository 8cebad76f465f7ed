"""The colours of figures stay apart for every kind of eye: seen as by Machado, Oliveira and Fernandes (2009), in CIE Lab."""

from itertools import combinations

import numpy as np
import pytest

from journey_mining.figures import END_COLOURS, GREY, PALETTE

EYES = {
    "full sight": np.eye(3),
    "protanope": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanope": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""What each makes of linear red, green and blue, without any of one kind of cone."""
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
APART = 15
"""A difference of 2.3 is just noticeable side by side; across a figure it takes several times as much."""


def lab(colour, eye):
    """Lightness and two opponent colours of #RRGGBB, as an eye sees it."""
    given = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(given <= 0.04045, given / 12.92, ((given + 0.055) / 1.055) ** 2.4)
    white = XYZ.sum(axis=1)
    share = XYZ @ np.clip(np.array(EYES[eye]) @ linear, 0, 1) / white
    x, y, z = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eye", EYES)
def test_any_two_colours_are_told_apart(eye):
    seen = {colour: lab(colour, eye) for colour in {*PALETTE, *END_COLOURS.values(), GREY}}
    close = {
        pair: round(float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])), 1) for pair in combinations(sorted(seen), 2)
    }
    assert {pair: distance for pair, distance in close.items() if distance < APART} == {}


def test_red_and_green_of_one_lightness_are_not():
    green, red = (lab(colour, "deuteranope") for colour in ("#8E9A2F", "#C77F2B"))
    assert np.linalg.norm(green - red) < APART
