"""A picture of a terminal's screen: cells with their colours as SVG."""

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


def rectangle(piece, y):
    paper = piece["look"][1]
    if paper == PAPER:
        return ""
    return (f'<rect x="{MARGIN + piece["x"] * WIDTH:.1f}" y="{MARGIN + y * HEIGHT}" '
            f'width="{piece["width"] * WIDTH:.1f}" height="{HEIGHT}" fill="{paper}"/>\n')


def text(piece, y):
    ink, _, bold, italics, underlined = piece["look"]
    if not piece["text"].strip() and not underlined:
        return ""
    style = f' fill="{ink}"' if ink != INK else ""
    style += ' font-weight="bold"' if bold else ""
    style += ' font-style="italic"' if italics else ""
    style += ' text-decoration="underline"' if underlined else ""
    # no font's own idea of widths
    length = f' textLength="{piece["width"] * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs"'
    return (f'<text x="{MARGIN + piece["x"] * WIDTH:.1f}" y="{MARGIN + y * HEIGHT + SIZE}"'
            f'{length}{style} xml:space="preserve">{escape(piece["text"])}</text>\n')


def render(screen, title):
    """The SVG document of a pyte screen."""
    width = screen.columns * WIDTH + 2 * MARGIN
    height = screen.lines * HEIGHT + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'width="{width:.0f}" height="{height}" font-size="{SIZE}" fill="{INK}" '
        f'font-family="DejaVu Sans Mono, Menlo, Consolas, Liberation Mono, monospace">\n',
        f"<title>{escape(title)}</title>\n",
        f'<rect width="100%" height="100%" rx="6" fill="{PAPER}"/>\n',
    ]
    for y in range(screen.lines):
        for piece in pieces(screen.buffer[y], screen.columns):
            parts += [rectangle(piece, y), text(piece, y)]
    return "".join(parts) + "</svg>\n"
