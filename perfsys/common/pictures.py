"""Screenshots, made anew from their pixels (security.md §3, items 23-24).

What is kept is our own drawing of the picture: no metadata, no second file hidden behind the first, no script. Only
formats whose decoder is named below are tried, and a picture that unpacks to too much is refused before it does.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 10_000_000
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2400  # pixels; a phone's photograph is still read at this
FORMATS = ("PNG", "JPEG", "WEBP")


class NotAPicture(Exception):
    """It is no PNG, JPEG or WebP that can be read."""


class TooLargeAPicture(Exception):
    """More than 10 MB, or more pixels than a screen or a camera has."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept; `content` is WebP, sizes are in pixels."""

    content: bytes
    width: int
    height: int


def redraw(content: bytes) -> Picture:
    """Raises NotAPicture, TooLargeAPicture."""
    if len(content) > MOST_BYTES:
        raise TooLargeAPicture
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise TooLargeAPicture
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at about the size it is kept
            upright = ImageOps.exif_transpose(opened)
            has_alpha = "A" in upright.getbands() or "transparency" in upright.info
            drawn = upright.convert("RGBA" if has_alpha else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPicture from error
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    kept = io.BytesIO()
    drawn.save(kept, "WEBP", quality=85, method=4)
    return Picture(kept.getvalue(), drawn.width, drawn.height)
