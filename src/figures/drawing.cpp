// SPDX-License-Identifier: Apache-2.0
#include "figures/drawing.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "figures/escaped.hpp"

namespace chronograd {
namespace {

struct InkName {
  const char* name;
  const char* colour;
};

InkName ink_name(Ink ink) {
  switch (ink) {
    case Ink::text:
      return {"ink-text", "#1A1D21"};
    case Ink::soft_text:
      return {"ink-soft", "#565C64"};
    case Ink::axis:
      return {"ink-axis", "#6B717A"};
    default:
      return {"ink-grid", "#E3E5E8"};
  }
}

bool finite(Point point) {
  return std::isfinite(point.x) && std::isfinite(point.y);
}

std::string stroke(const Look& look, double width) {
  std::string text = fmt::format(R"(class="stroke look-{}" stroke="{}" stroke-width="{}" fill="none")",
                                 escaped(look.name), escaped(look.light), short_number(width));
  if (!look.dash.empty()) text += " stroke-dasharray=\"" + escaped(look.dash) + "\"";
  return text;
}

std::string fill(const Look& look) {
  return fmt::format(R"(class="fill look-{}" fill="{}")", escaped(look.name), escaped(look.light));
}

const char* anchor_name(Anchor anchor) {
  return anchor == Anchor::start ? "start" : anchor == Anchor::middle ? "middle" : "end";
}

}  // namespace

std::string short_number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

double text_width(std::string_view text, double size) {
  double width = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0U) == 0x80U) continue;  // a further byte of one character
    if (std::string_view("iljtfr.,:;|!()[]' ").find(c) != std::string_view::npos)
      width += 0.36;
    else if (std::string_view("mwMW@%").find(c) != std::string_view::npos)
      width += 0.92;
    else
      width += 0.62;
  }
  return width * size;
}

std::string Drawing::coordinates(Point where) const {
  return short_number(where.x - origin_.x) + "," + short_number(where.y - origin_.y);
}

void Drawing::line(Point from, Point to, Ink ink, const std::string& dash) {
  if (!finite(from) || !finite(to)) return;
  const InkName name = ink_name(ink);
  body_ += fmt::format("<path class=\"{}-line\" stroke=\"{}\" fill=\"none\"{} d=\"M{}L{}\"/>\n", name.name, name.colour,
                       dash.empty() ? "" : " stroke-dasharray=\"" + dash + "\"", coordinates(from), coordinates(to));
}

void Drawing::path(const std::vector<Point>& points, const Look& look, double width, double opacity) {
  std::string data;
  bool broken = true;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!finite(points[i])) {
      broken = true;
      continue;
    }
    data += (broken ? "M" : " ") + coordinates(points[i]);
    // A piece of one point shows as a dot: round ends make it visible.
    if (broken && (i + 1 == points.size() || !finite(points[i + 1]))) data += "h0";
    broken = false;
  }
  if (data.empty()) return;
  body_ += "<path " + stroke(look, width) + R"( stroke-linejoin="round" stroke-linecap="round")";
  if (opacity < 1) body_ += " opacity=\"" + short_number(opacity) + "\"";
  body_ += " d=\"" + data + "\"/>\n";
}

void Drawing::band(const std::vector<Point>& upper, const std::vector<Point>& lower, const Look& look) {
  if (upper.size() < 2 || upper.size() != lower.size()) return;
  std::string data = "M";
  for (const Point& point : upper) data += coordinates(point) + " ";
  for (std::size_t i = lower.size(); i-- > 0;) data += coordinates(lower[i]) + (i > 0 ? " " : "Z");
  body_ += "<path " + fill(look) + R"( opacity="0.18" d=")" + data + "\"/>\n";
}

void Drawing::mark(Point where, const Look& look, double radius, bool hollow) {
  if (!finite(where)) return;
  Look solid = look;
  solid.dash.clear();
  const std::string paint = hollow ? stroke(solid, 1.5) : fill(look);
  const double r = radius;
  std::string data;
  const auto corners = [&](std::initializer_list<Point> points) {
    for (const Point& p : points)
      data += (data.empty() ? "M" : " ") + coordinates({where.x + p.x * r, where.y + p.y * r});
    data += "Z";
  };
  switch (look.mark) {
    case Mark::circle:
      body_ += fmt::format("<circle {} cx=\"{}\" cy=\"{}\" r=\"{}\"/>\n", paint, short_number(where.x - origin_.x),
                           short_number(where.y - origin_.y), short_number(r));
      return;
    case Mark::square:
      corners({{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}});
      break;
    case Mark::diamond:
      corners({{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}});
      break;
    case Mark::triangle:
      corners({{0, -1.2}, {1.1, 0.8}, {-1.1, 0.8}});
      break;
    case Mark::wedge:
      corners({{0, 1.2}, {1.1, -0.8}, {-1.1, -0.8}});
      break;
  }
  body_ += "<path " + paint + " d=\"" + data + "\"/>\n";
}

void Drawing::ticks(const std::vector<Point>& tops, double length, const Look& look, double width) {
  Look solid = look;
  solid.dash.clear();
  std::string data;
  for (const Point& top : tops)
    if (finite(top)) data += "M" + coordinates(top) + "v" + short_number(length);
  if (!data.empty()) body_ += "<path " + stroke(solid, width) + " d=\"" + data + "\"/>\n";
}

void Drawing::cross(Point where, const Look& look, double radius) {
  if (!finite(where)) return;
  Look solid = look;
  solid.dash.clear();
  const double r = radius;
  body_ += "<path " + stroke(solid, 2) + " d=\"M" + coordinates({where.x - r, where.y - r}) + "L" +
           coordinates({where.x + r, where.y + r}) + "M" + coordinates({where.x - r, where.y + r}) + "L" +
           coordinates({where.x + r, where.y - r}) + "\"/>\n";
}

void Drawing::rectangle(Point corner, double width, double height, const Look& look) {
  if (!finite(corner) || !(width >= 0) || !(height >= 0)) return;
  body_ += fmt::format("<rect {} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", fill(look),
                       short_number(corner.x - origin_.x), short_number(corner.y - origin_.y), short_number(width),
                       short_number(height));
}

void Drawing::cell(Point corner, double width, double height, const std::string& colour, const std::string& title) {
  body_ += fmt::format(R"(<rect fill="{}" x="{}" y="{}" width="{}" height="{}")", escaped(colour),
                       short_number(corner.x - origin_.x), short_number(corner.y - origin_.y), short_number(width),
                       short_number(height));
  body_ += title.empty() ? "/>\n" : "><title>" + escaped(title) + "</title></rect>\n";
}

void Drawing::shadow(Point corner, double width, double height) {
  body_ += fmt::format(
      "<rect class=\"ink-shadow\" fill=\"#6B717A\" fill-opacity=\"0.13\" x=\"{}\" y=\"{}\" width=\"{}\" "
      "height=\"{}\"/>\n",
      short_number(corner.x - origin_.x), short_number(corner.y - origin_.y), short_number(width),
      short_number(height));
}

void Drawing::shadow(const std::vector<Point>& corners) {
  std::string data;
  for (const Point& corner : corners) data += (data.empty() ? "M" : " ") + coordinates(corner);
  body_ += "<path class=\"ink-shadow\" fill=\"#6B717A\" fill-opacity=\"0.13\" d=\"" + data + "Z\"/>\n";
}

void Drawing::frame(Point corner, double width, double height) {
  for (const auto& [colour, stroke] : {std::pair{"#FFFFFF", "4.5"}, std::pair{"#000000", "2.5"}})
    body_ += fmt::format(
        "<rect stroke=\"{}\" stroke-width=\"{}\" fill=\"none\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n",
        colour, stroke, short_number(corner.x - origin_.x), short_number(corner.y - origin_.y), short_number(width),
        short_number(height));
}

void Drawing::text(Point where, const std::string& text, Anchor anchor, double size, Ink ink, bool bold) {
  if (!finite(where) || text.empty()) return;
  const InkName name = ink_name(ink);
  body_ +=
      fmt::format("<text class=\"{}\" fill=\"{}\" x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\"{}>{}</text>\n",
                  name.name, name.colour, short_number(where.x - origin_.x), short_number(where.y - origin_.y),
                  short_number(size), anchor_name(anchor), bold ? " font-weight=\"bold\"" : "", escaped(text));
}

void Drawing::text_over(Point where, const std::string& text, Anchor anchor, double size) {
  if (!finite(where) || text.empty()) return;
  const InkName name = ink_name(Ink::soft_text);
  body_ += fmt::format(
      "<text class=\"{} halo\" fill=\"{}\" stroke=\"#FFFFFF\" stroke-width=\"3\" stroke-linejoin=\"round\" "
      "paint-order=\"stroke\" x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\">{}</text>\n",
      name.name, name.colour, short_number(where.x - origin_.x), short_number(where.y - origin_.y), short_number(size),
      anchor_name(anchor), escaped(text));
}

void Drawing::upright_text(Point where, const std::string& text, double size) {
  if (!finite(where) || text.empty()) return;
  const InkName name = ink_name(Ink::text);
  body_ += fmt::format(
      "<text class=\"{}\" fill=\"{}\" font-size=\"{}\" text-anchor=\"middle\" transform=\"translate({}) "
      "rotate(-90)\">{}</text>\n",
      name.name, name.colour, short_number(size), coordinates(where), escaped(text));
}

void Drawing::text_on(Point where, const std::string& text, const std::string& ground, double size) {
  body_ += fmt::format("<text fill=\"{}\" x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       is_light(ground) ? "#000000" : "#FFFFFF", short_number(where.x - origin_.x),
                       short_number(where.y - origin_.y), short_number(size), escaped(text));
}

void Drawing::runs(const std::vector<Run>& runs, double thickness, const std::string& colour) {
  if (runs.empty()) return;
  std::string data;
  for (const Run& run : runs)
    data +=
        "M" + short_number(run.x - origin_.x) + " " + short_number(run.y - origin_.y) + "h" + short_number(run.length);
  body_ += fmt::format("<path stroke=\"{}\" stroke-width=\"{}\" fill=\"none\" d=\"{}\"/>\n", escaped(colour),
                       short_number(thickness), data);
}

void Drawing::begin_clip(Point corner, double width, double height) {
  // A nested picture clips by itself; a clip path would need a name that no other picture on the page has.
  body_ += fmt::format("<svg x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" overflow=\"hidden\">\n",
                       short_number(corner.x), short_number(corner.y), short_number(width), short_number(height));
  origin_ = corner;
}

void Drawing::end_clip() {
  body_ += "</svg>\n";
  origin_ = {0, 0};
}

std::string Drawing::finish(const std::string& title, const std::string& description, bool in_page) const {
  const std::string w = short_number(width_), h = short_number(height_);
  std::string text = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" + w + " " + h + R"(" role="img")";
  if (!in_page) text += " width=\"" + w + "\" height=\"" + h + "\"";
  text += " font-family=\"system-ui, 'DejaVu Sans', Arial, sans-serif\">\n<title>" + escaped(title) + "</title>\n";
  if (!description.empty()) text += "<desc>" + escaped(description) + "</desc>\n";
  if (!in_page) text += R"(<rect fill="#FFFFFF" width=")" + w + "\" height=\"" + h + "\"/>\n";
  return text + body_ + "</svg>\n";
}

}  // namespace chronograd
