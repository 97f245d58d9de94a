# SPDX-License-Identifier: Apache-2.0
"""Horizontal bars as SVG, and numbers of three digits beside them."""
import math


def figure(value):
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def bars(title, rows, unit, log):
    """Horizontal bars as SVG; rows: (label, value, colour)."""
    left, width, height, top = 330, 420, 20, 40
    low = min(value for _, value, _ in rows) / 2 if log else 0
    high = max(value for _, value, _ in rows)
    place = (lambda v: math.log(v / low) / math.log(high / low)) if log else (lambda v: v / high)
    total = top + height * len(rows) + 20
    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 110} {total}" font-family="sans-serif" '
           f'font-size="12"><rect width="100%" height="100%" fill="#ffffff"/>',
           f'<text x="10" y="22" font-size="14" font-weight="bold">{title}</text>']
    for i, (label, value, colour) in enumerate(rows):
        y = top + height * i
        svg.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{label}</text>'
                   f'<rect x="{left}" y="{y + 3}" width="{width * place(value):.1f}" height="{height - 6}" fill="{colour}"/>'
                   f'<text x="{left + width * place(value) + 6:.1f}" y="{y + 14}">{figure(value)}{unit}</text>')
    return "\n".join(svg + ["</svg>"]) + "\n"
