"""Drawing a QR code. Imported when it is used."""

import segno

BORDER = 4  # light modules around the code, without which readers do not find it


def drawn(text: str) -> tuple[str, int]:
    """Return the path of an SVG that holds a text as a QR code, and how many units wide and high the drawing is."""
    rows = [bytes(row) for row in segno.make_qr(text, error="m").matrix_iter(border=BORDER)]
    path = "".join(f"M{start} {y}h{end - start}v1h-{end - start}z" for y, row in enumerate(rows) for start, end in _runs(row))
    return path, len(rows)


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Return where each run of dark modules of a row begins and ends."""
    edges = [x for x in range(1, len(row)) if row[x] != row[x - 1]]
    return list(zip(edges[::2], edges[1::2], strict=True))
