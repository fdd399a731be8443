"""Small real files: PDF, PNG, JPEG, CSV; the same for the same arguments."""

import random
import struct
import zlib


def pdf(title, pages):
    """A PDF that viewers open: one line of text on each page."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(count))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>",
               f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for i, text in enumerate(pages):
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * i}"
                       f" 0 R /Resources << /Font << /F1 3 0 R >> >> >>".encode())
        shown = text.encode("latin-1", "replace").replace(b"\\", b"\\\\")
        shown = shown.replace(b"(", b"\\(").replace(b")", b"\\)")
        stream = b"BT /F1 12 Tf 56 780 Td (" + shown + b") Tj ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    info = title.encode("utf-16-be").hex()
    objects.append(f"<< /Title <FEFF{info}> >>".encode())
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += (b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
            % (len(objects) + 1, len(objects), start))
    return bytes(out)


def png(width, height, seed):
    """A true-colour PNG of random blocks."""
    rng = random.Random(f"png {seed}")
    palette = [bytes(rng.randrange(256) for _ in range(3)) for _ in range(8)]
    lines = b"".join(b"\0" + b"".join(rng.choice(palette) for _ in range(width))
                     for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b""))


# The standard table for DC coefficients of luminance (ITU T.81, table K.3).
DC_COUNTS = bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
DC_CODES = {0: "00", 1: "010", 2: "011", 3: "100", 4: "101", 5: "110", 6: "1110", 7: "11110",
            8: "111110", 9: "1111110", 10: "11111110", 11: "111111110"}


def jpeg(columns, rows, seed):
    """A grey baseline JPEG of 8 x 8 blocks of one shade each."""
    rng = random.Random(f"jpeg {seed}")
    bits, last = [], 0
    for _ in range(columns * rows):
        level = rng.randrange(-60, 60)
        delta, last = level - last, level
        size = abs(delta).bit_length()
        bits.append(DC_CODES[size])
        if size:
            bits.append(format(delta if delta > 0 else delta + (1 << size) - 1, f"0{size}b"))
        bits.append("0")  # the only AC code: end of block
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    scan = int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0")

    def segment(mark, data):
        return b"\xff" + bytes([mark]) + struct.pack(">H", len(data) + 2) + data
    return (b"\xff\xd8" + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
            + segment(0xDB, b"\0" + bytes([16] * 64))
            + segment(0xC0, struct.pack(">BHHB", 8, rows * 8, columns * 8, 1) + b"\x01\x11\0")
            + segment(0xC4, b"\0" + DC_COUNTS + bytes(range(12)))
            + segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0")
            + segment(0xDA, b"\x01\x01\0\0\x3f\0") + scan + b"\xff\xd9")


def csv(header, lines):
    return "".join(";".join(line) + "\r\n" for line in (header, *lines)).encode("utf-8-sig")
