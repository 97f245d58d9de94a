# SPDX-License-Identifier: Apache-2.0
"""Horizontal bars as SVG, or marks where the axis is logarithmic, and numbers of three digits beside them."""
import math


def figure(value):
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def bars(title, rows, unit, log):
    """rows: (label, value, colour). A logarithmic axis has no zero, so that a length on it means nothing: marks."""
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
        end, middle = left + width * place(value), y + height / 2
        bar = f'<rect x="{left}" y="{y + 3}" width="{end - left:.1f}" height="{height - 6}" fill="{colour}"/>'
        mark = (f'<path d="M{left},{middle:.0f}H{left + width}" stroke="#e3e5e8"/>'
                f'<circle cx="{end:.1f}" cy="{middle:.0f}" r="5" fill="{colour}"/>')
        svg.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{label}</text>{mark if log else bar}'
                   f'<text x="{end + (10 if log else 6):.1f}" y="{y + 14}" stroke="#ffffff" stroke-width="3" '
                   f'paint-order="stroke">{figure(value)}{unit}</text>')
    return "\n".join(svg + ["</svg>"]) + "\n"
