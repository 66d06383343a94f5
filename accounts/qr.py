"""A QR code as a drawing inside the page: the policy lets in no picture from elsewhere, nor one written in the page."""

import segno

BORDER = 2


def drawing_of(text: str) -> tuple[str, int]:
    """The dark squares as the path of an SVG, and how many squares wide it is."""
    code = segno.make(text, error="m", micro=False)
    rows = enumerate(code.matrix_iter(border=BORDER))
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in rows for x, dark in enumerate(row) if dark)
    return path, int(code.symbol_size(border=BORDER)[0])
