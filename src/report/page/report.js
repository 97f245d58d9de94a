// SPDX-License-Identifier: Apache-2.0
// Makes the line figures of a report interactive. Without it the page shows the same data as still pictures.
"use strict";
(() => {
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const look = name => style("--look-" + name) || style("--ink");
  const short = value => {
    if (value == null) return "–";
    const size = Math.abs(value);
    return size !== 0 && (size >= 1e6 || size < 1e-3) ? value.toExponential(2) : String(Number(value.toPrecision(5)));
  };
  // Numbers of an axis: all in one form.
  const shorts = all => {
    const largest = Math.max(...all.map(v => Math.abs(v ?? 0)));
    const plain = largest < 1e6 && largest >= 1e-3;
    return all.map(v => v == null ? "" : plain ? String(Number(v.toPrecision(5))) : short(v));
  };
  const whole = [1, 2, 5].flatMap(f => [...Array(15).keys()].map(n => f * 10 ** n)).sort((a, b) => a - b);

  const superscript = n => (n < 0 ? "⁻" : "") + [...String(Math.abs(n))].map(d => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("");
  const power = n => n > -3 && n < 4 ? String(Number((10 ** n).toPrecision(1))) : "10" + superscript(n);

  // A logarithmic axis is a linear one of logarithms: numbers of any size fit on it.
  const kinds = {
    linear: { of: v => v, back: v => v, splits: undefined, name: short },
    log: {
      of: v => v != null && v > 0 ? Math.log10(v) : null,
      back: v => v == null ? v : 10 ** v,
      splits: (low, high, space) => {  // whole powers, as many as have room; in a narrow range also twice and five times them
        const wide = high - low, fits = Math.max(2, space), all = [];
        const stride = Math.max(1, Math.ceil(wide / fits));
        for (let n = Math.floor(low); n <= high; ++n)
          for (const step of wide < 3 ? [1, 2, 5] : [1])
            if (n % stride === 0 && n + Math.log10(step) >= low && n + Math.log10(step) <= high) all.push(n + Math.log10(step));
        if (all.length > 2) return all;
        const least = 10 ** low, most = 10 ** high, rough = (most - least) / fits, ten = 10 ** Math.floor(Math.log10(rough));
        const step = ten * [1, 2, 5, 10].find(factor => factor * ten >= rough);  // in a narrow range equal steps say more
        const even = [];
        for (let n = Math.ceil(least / step); n * step <= most; ++n) even.push(Math.log10(n * step));
        return even;
      },
      name: v => Math.abs(v - Math.round(v)) < 1e-9 ? power(Math.round(v)) : short(Number((10 ** v).toPrecision(3))),
    },
  };

  // One table a series; uPlot wants them all over one row of x. A logarithmic axis takes positive values only; a band
  // that goes below is cut at the axis.
  const columns = (figure, log, threads) => {
    const kind = log ? kinds.log : kinds.linear, [least] = figure.range[log ? "log" : "linear"];
    const fit = values => values.map(kind.of);
    const cut = values => values.map(v => v == null ? v : kind.of(log ? Math.max(v, least) : v));
    const value = (u, v) => short(kind.back(v));
    const tables = [], series = [{ label: figure.x.label, value: (u, v) => short(v) }], bands = [], family = [];
    const add = (table, options, index) => {
      tables.push(table);
      series.push(...options);
      for (let i = 0; i < options.length; ++i) family.push(index);
    };
    if (threads)
      for (const thread of figure.threads) {
        const index = figure.series.findIndex(s => thread.label.startsWith(s.label + ", "));
        add([thread.x, fit(thread.y)], [{ label: thread.label, class: "aux", stroke: look(thread.look), width: 0.7, alpha: 0.4,
          points: { show: false } }], index);
      }
    figure.series.forEach((s, index) => {
      const color = look(s.look), dash = s.dash ? s.dash.split(" ").map(Number) : undefined;
      const main = { label: s.label, stroke: color, width: 2, dash, points: { show: s.marks, size: 6, fill: color }, value,
        main: true };
      if (!s.low) return add([s.x, fit(s.y)], [main], index);
      const edge = { class: "aux", stroke: "transparent", width: 0, points: { show: false }, label: s.label + ", interval" };
      const at = series.length;
      add([s.x, fit(s.y), cut(s.high), cut(s.low)], [main, { ...edge }, { ...edge }], index);
      bands.push({ series: [at + 1, at + 2], fill: color + "2E" });
    });
    return { data: uPlot.join(tables), series, bands, family };
  };

  const levels = (figure, kind) => u => {
    const c = u.ctx, ratio = devicePixelRatio, box = u.bbox, right = box.left + box.width;
    c.save();
    c.font = `${11 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
    const dashed = (dash, x, y, toX, toY) => {
      c.strokeStyle = style("--axis");
      c.lineWidth = ratio;
      c.setLineDash(dash.map(length => length * ratio));
      c.beginPath();
      c.moveTo(x, y);
      c.lineTo(toX, toY);
      c.stroke();
      c.setLineDash([]);
    };
    const write = (text, align, x, y) => {
      c.textAlign = align;
      c.strokeStyle = style("--ground");
      c.lineWidth = 3 * ratio;
      c.strokeText(text, x, y);
      c.fillStyle = style("--soft");
      c.fillText(text, x, y);
    };
    for (const level of figure.levels) {
      const at = kind.of(level.y);
      if (at == null || at < u.scales.y.min || at > u.scales.y.max) continue;
      const y = u.valToPos(at, "y", true);
      dashed([5, 4], box.left, y, right, y);
      write(level.label, "right", right - 4 * ratio, y - 4 * ratio > box.top + 10 * ratio ? y - 4 * ratio : y + 13 * ratio);
    }
    let line = box.top + 11 * ratio;
    for (const moment of figure.moments) {
      if (moment.x < u.scales.x.min || moment.x > u.scales.x.max) continue;
      const x = u.valToPos(moment.x, "x", true), far = x > (box.left + right) / 2;
      dashed([2, 3], x, box.top, x, box.top + box.height);
      write(moment.label, far ? "right" : "left", x + (far ? -4 : 4) * ratio, line);
      line += 13 * ratio;
    }
    c.restore();
  };

  const draw = (figure, place, log, threads, drawn) => {
    const kind = log ? kinds.log : kinds.linear;
    const { data, series, bands, family } = columns(figure, log, threads);
    const axis = (label, size) => ({ label, size, stroke: style("--soft"), labelFont: "12px system-ui, sans-serif",
      labelSize: 20, labelGap: 0, font: "11px system-ui, sans-serif", gap: 4,
      grid: { stroke: style("--grid"), width: 1 }, ticks: { stroke: style("--axis"), width: 1, size: 5 },
      values: (u, all) => shorts(all) });
    const below = axis(figure.x.label, 30);
    if (data[0].every(Number.isInteger)) below.incrs = whole;
    const upright = axis(figure.y.label, 52);
    if (log) {
      upright.splits = (u, i, low, high) => kind.splits(low, high, u.bbox.height / devicePixelRatio / 34);
      upright.values = (u, all) => all.map(kind.name);
    }
    const paint = i => series[i].stroke;
    let busy = false;
    const [least, most] = figure.range[log ? "log" : "linear"].map(kind.of);
    const width = Math.max(240, Math.min(540, place.clientWidth));
    const options = {
      width, height: Math.round(width * 0.6), series, bands,
      scales: {
        x: { time: false },
        y: { range: (u, low, high) => {
          const x = u.data[0], shown = u.scales.x;
          const all = shown.min == null || (shown.min <= x[0] && shown.max >= x[x.length - 1]);
          let a = all ? least : Math.max(low ?? least, least), b = all ? most : Math.min(high ?? most, most);
          if (!(a < b)) {  // one value, or none of those in view
            const half = Math.max(Math.abs(least), Math.abs(most)) * (log ? 0 : 0.1) || 0.3;
            [a, b] = [least - half, most + half];
          }
          const edge = 0.04 * (b - a);
          return [a - edge, b + edge];
        } },
      },
      axes: [below, upright],
      cursor: { drag: { x: true, y: false }, focus: { prox: 24 } },
      focus: { alpha: 0.35 },
      legend: { live: true, markers: { width: 0, fill: (u, i) => paint(i) } },
      hooks: {
        draw: [levels(figure, kind), drawn],
        // Its band and its seeds come and go with a line.
        setSeries: [(u, changed, options) => {
          if (busy || changed == null || options.show == null || !u.series[changed].main) return;
          busy = true;
          family.forEach((index, i) => {
            if (index === family[changed - 1] && i + 1 !== changed) u.setSeries(i + 1, { show: options.show });
          });
          busy = false;
        }],
      },
    };
    return new uPlot(options, data, place);
  };

  const bring = element => {
    const figure = JSON.parse(element.querySelector("script").textContent);
    const place = element.querySelector(".live"), tools = place.querySelector(".tools");
    if (figure.x.log || !(figure.range.linear && (!figure.y.log || figure.range.log))) return;  // nothing to zoom in
    let chart = null;
    const boxes = {};
    const tool = (name, text, checked) => {
      const label = document.createElement("label"), box = document.createElement("input");
      box.type = "checkbox";
      box.checked = checked;
      box.addEventListener("change", () => redraw());
      label.append(box, text);
      tools.append(label);
      boxes[name] = box;
    };
    if (figure.y.log || (figure.range.log && figure.series.every(s => s.y.every(y => y == null || y > 0))))
      tool("log", "logarithmic", figure.y.log);
    if (figure.threads.length > 0) tool("threads", "single seeds", true);
    const hint = document.createElement("span");
    hint.textContent = "Drag to zoom, double-click for all.";
    tools.append(hint);
    // The still picture is there until the chart is, and again if it fails.
    const fall_back = error => {
      if (error) console.warn("a chart could not be drawn, its picture is shown: " + error);
      element.classList.remove("has-live");
      if (chart) chart.destroy();
      chart = null;
    };
    const redraw = () => {
      if (chart) chart.destroy();
      chart = null;
      let done = false;
      element.classList.add("has-live");
      try {
        chart = draw(figure, place, boxes.log ? boxes.log.checked : false, boxes.threads ? boxes.threads.checked : false,
          () => { done = true; });
      } catch (error) {
        return fall_back(error);
      }
      const mine = chart;  // it is drawn when this script has ended
      setTimeout(() => { if (!done && chart === mine) fall_back("it came to no end"); });
    };
    redraw();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (chart) redraw(); });
    let before = place.clientWidth;
    new ResizeObserver(() => {
      if (!chart || place.clientWidth === before || place.clientWidth === 0) return;
      before = place.clientWidth;
      const width = Math.max(240, Math.min(540, before));
      chart.setSize({ width, height: Math.round(width * 0.6) });
    }).observe(place);
  };

  for (const element of document.querySelectorAll("figure[data-chart]"))
    try {
      bring(element);
    } catch (error) {  // one figure's data must not take the others' charts
      console.warn("a chart could not be drawn, its picture is shown: " + error);
      element.classList.remove("has-live");
    }
})();
