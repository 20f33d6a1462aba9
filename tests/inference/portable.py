"""Small PDF documents, written by hand."""

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def pdf(*pages, extra=b""):
    """Return a PDF of pages, each a list of lines and the size of their letters."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        FONT,
    ]
    for number, lines in enumerate(pages):
        drawn = "".join(f"/F1 {size} Tf ({text}) Tj 0 -20 Td " for text, size in lines)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents "
            + f"{5 + 2 * number} 0 R".encode()
            + b" /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(stream(f"BT 72 720 Td {drawn}ET".encode()))
    return _written(objects, extra)


def stream(content, filters=b""):
    head = b"<< /Length %d %s >>\nstream\n" % (len(content), filters)
    return head + content + b"\nendstream"


def _written(objects, extra):
    content, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return content + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R %s >>\n"
        b"startxref\n%d\n%%%%EOF" % (size, table, size, extra, len(content))
    )
