"""How colours look to people with a colour vision deficiency and on a grey copier.

The matrices are those of G. M. Machado, M. M. Oliveira and L. A. F. Fernandes, "A
Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15 (2009),
1291-1298, for severity 1.0; they apply to linear RGB. The distance is CIEDE2000 as in G. Sharma,
W. Wu and E. N. Dalal, "The CIEDE2000 Color-Difference Formula", Color Research and Application 30
(2005), 21-30. Both are here because the packages that have them need numpy and scipy.
"""

from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

Three = tuple[float, float, float]

SIGHTS: dict[str, tuple[Three, Three, Three]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}

_TO_XYZ: tuple[Three, Three, Three] = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE = (0.95047, 1.0, 1.08883)


def linear(colour: str) -> Three:
    """Return a colour such as #0017c1 or #fff in linear RGB, from 0 to 1."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return r, g, b


def seen(colour: str, sight: str) -> Three:
    """Return a colour as it looks with a sight of SIGHTS, in linear RGB."""
    r, g, b = (min(max(part, 0.0), 1.0) for part in _times(SIGHTS[sight], linear(colour)))
    return r, g, b


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it: from 1 to 21, by lightness alone.

    That is what a grey copy keeps.
    """
    light, dark = sorted((_times(_TO_XYZ, linear(c))[1] for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def distance(one: str, other: str, sight: str) -> float:
    """Return how far two colours look apart (CIEDE2000); beside each other, 2 is just seen."""
    return ciede2000(_lab(seen(one, sight)), _lab(seen(other, sight)))


def _times(matrix: tuple[Three, Three, Three], vector: Three) -> Three:
    x, y, z = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return x, y, z


def _lab(rgb: Three) -> Three:
    def root(t: float) -> float:
        return t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29

    xyz = _times(_TO_XYZ, rgb)
    x, y, z = (root(part / white) for part, white in zip(xyz, _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def ciede2000(one: Three, other: Three) -> float:
    """Return the distance of two colours in L*a*b*; the names of the paper."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    c_bar = (hypot(a1, b1) + hypot(a2, b2)) / 2
    g = (1 - sqrt(c_bar**7 / (c_bar**7 + 25**7))) / 2
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = hypot(a1, b1), hypot(a2, b2)
    h1, h2 = degrees(atan2(b1, a1)) % 360, degrees(atan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    d_l, d_c, d_h = l2 - l1, c2 - c1, 2 * sqrt(c1 * c2) * sin(radians(turn / 2))
    l_bar, c_bar = (l1 + l2) / 2, (c1 + c2) / 2
    h_bar = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    t = (
        1
        - 0.17 * cos(radians(h_bar - 30))
        + 0.24 * cos(radians(2 * h_bar))
        + 0.32 * cos(radians(3 * h_bar + 6))
        - 0.20 * cos(radians(4 * h_bar - 63))
    )
    s_l = 1 + 0.015 * (l_bar - 50) ** 2 / sqrt(20 + (l_bar - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c_bar, 1 + 0.015 * c_bar * t
    turning = 2 * sqrt(c_bar**7 / (c_bar**7 + 25**7))
    r_t = -sin(radians(60 * exp(-(((h_bar - 275) / 25) ** 2)))) * turning
    by_l, by_c, by_h = d_l / s_l, d_c / s_c, d_h / s_h
    return sqrt(by_l**2 + by_c**2 + by_h**2 + r_t * by_c * by_h)
