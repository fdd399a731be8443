"""A picture of a terminal's screen: cells with their colours as SVG."""

import re
from xml.sax.saxutils import escape

from wcwidth import wcwidth

WIDTH, HEIGHT, SIZE, MARGIN = 8.4, 18, 14, 12
INK, PAPER = "#d4d4d4", "#1b1e24"
COLOURS = {
    "black": "#3b4048", "red": "#e06c75", "green": "#98c379", "brown": "#e5c07b",
    "yellow": "#e5c07b", "blue": "#61afef", "magenta": "#c678dd", "cyan": "#56b6c2",
    "white": "#d4d4d4", "brightblack": "#6b7280", "brightred": "#f08080",
    "brightgreen": "#b5e08a", "brightbrown": "#ffd787", "brightyellow": "#ffd787",
    "brightblue": "#8cc8ff", "brightmagenta": "#dca0f0", "brightcyan": "#7ad7e0",
    "brightwhite": "#ffffff",
}


def colour(name, otherwise):
    if name == "default":
        return otherwise
    return COLOURS.get(name, f"#{name}")


def look(cell):
    """(ink, paper, bold, italics, underlined) of a cell."""
    ink, paper = colour(cell.fg, INK), colour(cell.bg, PAPER)
    if cell.reverse:
        ink, paper = paper, ink
    return ink, paper, cell.bold, cell.italics, cell.underscore


def pieces(line, columns):
    """Stretches of cells that look alike: (column, width, text, look). A wide
    or unusual character is a stretch of its own, so that no font moves what
    follows it."""
    found = []
    for x in range(columns):
        cell = line[x]
        if not cell.data:  # the second half of a wide one
            continue
        width = max(wcwidth(cell.data[0]), 1)
        plain = width == 1 and cell.data < "\u0250"
        last = found[-1] if found else None
        if last and plain and last["plain"] and last["look"] == look(cell) and \
                last["x"] + last["width"] == x:
            last["text"] += cell.data
            last["width"] += width
        else:
            found.append({"x": x, "width": width, "text": cell.data, "look": look(cell),
                          "plain": plain})
    return found


def rectangles(found, y):
    """The papers behind a line's stretches; side by side they are one."""
    spans = []
    for piece in found:
        paper = piece["look"][1]
        if spans and spans[-1][2] == paper and spans[-1][0] + spans[-1][1] == piece["x"]:
            spans[-1][1] += piece["width"]
        else:
            spans.append([piece["x"], piece["width"], paper])
    return "".join(
        f'<rect x="{MARGIN + x * WIDTH:.1f}" y="{MARGIN + y * HEIGHT}" '
        f'width="{width * WIDTH:.1f}" height="{HEIGHT}" fill="{paper}"/>\n'
        for x, width, paper in spans if paper != PAPER)


def words(piece):
    """A stretch without its blanks: (column, width, text) of what stands between
    two or more; so no renderer needs to keep them."""
    if not piece["plain"]:
        return [(piece["x"], piece["width"], piece["text"])]
    return [(piece["x"] + m.start(), len(m[0]), m[0])
            for m in re.finditer(r"[^ ]+( [^ ]+)*", piece["text"])]


def text(piece, y):
    ink, _, bold, italics, underlined = piece["look"]
    style = f' fill="{ink}"' if ink != INK else ""
    style += ' font-weight="bold"' if bold else ""
    style += ' font-style="italic"' if italics else ""
    style += ' text-decoration="underline"' if underlined else ""
    # no font's own idea of widths
    return "".join(
        f'<text x="{MARGIN + x * WIDTH:.1f}" y="{MARGIN + y * HEIGHT + SIZE}" '
        f'textLength="{width * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs"{style}>'
        f'{escape(word)}</text>\n' for x, width, word in words(piece))


def render(screen, title):
    """The SVG document of a pyte screen."""
    width = screen.columns * WIDTH + 2 * MARGIN
    height = screen.lines * HEIGHT + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'width="{width:.0f}" height="{height}">\n',
        f"<title>{escape(title)}</title>\n",
        f'<rect width="{width:.0f}" height="{height}" rx="6" fill="{PAPER}"/>\n',
        f'<g font-size="{SIZE}" fill="{INK}" font-family="DejaVu Sans Mono, Menlo, Consolas, '
        'Liberation Mono, monospace">\n',
    ]
    for y in range(screen.lines):
        found = pieces(screen.buffer[y], screen.columns)
        parts += [rectangles(found, y), *(text(piece, y) for piece in found)]
    return "".join(parts) + "</g>\n</svg>\n"
