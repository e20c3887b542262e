// Draws every chart of a page. A chart is <div class="chart" data-chart="ID"> with its option in
// <script type="application/json" id="chart-ID">. Keys with a leading "@" name something of the fixed
// lists below; nothing in the data can add to them.
(() => {
  'use strict';
  const root = document.documentElement;
  const drawn = [];
  const number = (v, digits) => new Intl.NumberFormat('en-US', { maximumFractionDigits: digits }).format(v);
  const digits = (a) => (a === 0 || a >= 0.1 ? (a < 10 ? 2 : 0) : Math.min(8, 2 - Math.floor(Math.log10(a))));
  const compact = (v) => (Math.abs(v) >= 10000
    ? new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(v)
    : number(v, digits(Math.abs(v))));

  // Formats of axes; m is {currency, decimals}.
  const formats = {
    count: () => compact,
    percent: () => (v) => `${number(v * 100, Math.abs(v) < 0.1 ? 1 : 0)} %`,
    points: () => (v) => `${v > 0 ? '+' : v < 0 ? '\u2212' : ''}${number(Math.abs(v) * 100, 1)} pp`,
    money: (m) => (v) => {
      const major = v / 10 ** m.decimals;
      return `${major < 0 ? '\u2212' : ''}${m.currency} ${compact(Math.abs(major))}`;
    },
    seconds: () => (v) => {
      const a = Math.abs(v);
      const [size, unit] = a >= 86400 ? [86400, 'd'] : a >= 3600 ? [3600, 'h'] : a >= 60 ? [60, 'min'] : [1, 's'];
      return `${v < 0 ? '\u2212' : ''}${number(a / size, 1)} ${unit}`;
    },
    logmoney: (m) => (v) => formats.money(m)(10 ** v),
    // Text made by the report: labels and tooltips. A brace would start a rich-text style, so a
    // zero-width space after it keeps it an ordinary character.
    text: () => (p) => String((p.data && p.data.text) || ''),
    tip: () => (p) => String((p.data && p.data.tip) || '').replaceAll('{', '{\u200b'),
  };

  const line = (x1, y1, x2, y2, stroke, width) => ({
    type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth: width }, silent: true,
  });
  const finite = (v) => typeof v === 'number' && Number.isFinite(v);
  const edgeText = (params, y, text, fill) => ({
    type: 'text', silent: true, x: params.coordSys.x + params.coordSys.width + 12, y,
    style: { text, fill, fontSize: 12, textVerticalAlign: 'middle', align: 'left' },
  });

  // Shapes of custom series: (series, tokens) -> renderItem. Values are in the documented order.
  const shapes = {
    // value [lo, hi, row]: a horizontal interval with caps; text in a column at the right edge, which
    // narrow screens have no room for unless the series asks for it.
    whisker: (series, t, narrow) => (params, api) => {
      const item = series.data[params.dataIndex];
      const [lo, hi, row] = item.value;
      const children = [];
      const y = api.coord([0, row])[1];
      if (finite(lo) && finite(hi)) {
        const a = api.coord([lo, row])[0];
        const b = api.coord([hi, row])[0];
        children.push(line(a, y, b, y, t.text, 1.5), line(a, y - 4, a, y + 4, t.text, 1.5), line(b, y - 4, b, y + 4, t.text, 1.5));
      }
      if ((!narrow || series.texts) && item.text) children.push(edgeText(params, y, item.text, t.text));
      return { type: 'group', children };
    },
    // value [value, lo, hi, row, margin]: a square with its interval, an arrow where one side of it is
    // open, a guardrail margin as a dashed tick; beside [value, lo, hi] hollow below it, looks [-, lo, hi] dotted;
    // text in a column at the right edge.
    forest: (series, t, narrow) => (params, api) => {
      const item = series.data[params.dataIndex];
      const [value, lo, hi, row, margin] = item.value;
      const cs = params.coordSys;
      const y = api.coord([0, row])[1];
      const colour = t[item.tone] || t.neutral;
      const clampX = (v) => Math.min(cs.x + cs.width, Math.max(cs.x, api.coord([v, row])[0]));
      const children = [];
      const known = (v) => finite(v) && clampX(v);
      if (item.looks) {
        const [, a, b] = item.looks.map(known);
        const dotted = (x1, x2) => ({ ...line(x1, y, x2, y, colour, 1.5), style: { stroke: colour, lineWidth: 1.5, lineDash: [1.5, 3] } });
        children.push(dotted(a === false ? cs.x : a, b === false ? cs.x + cs.width : b));
        for (const x of [a, b]) if (x !== false) children.push(line(x, y - 4, x, y + 4, colour, 1));
      }
      if (item.beside) {
        const [x, a, b] = item.beside.map(known);
        const below = y + 11;
        if (a !== false && b !== false) children.push(line(a, below, b, below, t.muted, 1));
        if (x !== false) children.push({ type: 'rect', silent: true, shape: { x: x - 3, y: below - 3, width: 6, height: 6 }, style: { fill: t.bg, stroke: t.muted, lineWidth: 1.2 } });
      }
      if (finite(value)) {
        if (finite(lo) || finite(hi)) {
          const a = finite(lo) ? clampX(lo) : cs.x;
          const b = finite(hi) ? clampX(hi) : cs.x + cs.width;
          children.push(line(a, y, b, y, colour, 2));
          if (finite(lo)) children.push(line(a, y - 5, a, y + 5, colour, 2));
          else children.push({ type: 'polygon', shape: { points: [[a, y], [a + 7, y - 5], [a + 7, y + 5]] }, style: { fill: colour }, silent: true });
          if (finite(hi)) children.push(line(b, y - 5, b, y + 5, colour, 2));
          else children.push({ type: 'polygon', shape: { points: [[b, y], [b - 7, y - 5], [b - 7, y + 5]] }, style: { fill: colour }, silent: true });
        }
        const x = clampX(value);
        const r = item.large ? 6 : 4.5;
        children.push({ type: 'rect', shape: { x: x - r, y: y - r, width: 2 * r, height: 2 * r }, style: { fill: colour } });
      }
      if (finite(margin)) {
        const x = clampX(margin);
        children.push({ ...line(x, y - 11, x, y + 11, t.warn, 2), style: { stroke: t.warn, lineWidth: 2, lineDash: [3, 3] } });
      }
      if (!narrow && item.text) children.push(edgeText(params, y, item.text, t.text));
      return { type: 'group', children };
    },
    // value [x, lo, hi] in order of x: the area between lo and hi, broken where one is unknown.
    band: (series, t) => (params, api) => {
      if (params.dataIndex !== 0) return null;
      const runs = [[]];
      for (const { value: [x, lo, hi] } of series.data) {
        if (finite(lo) && finite(hi)) runs[runs.length - 1].push([api.coord([x, lo]), api.coord([x, hi])]);
        else if (runs[runs.length - 1].length) runs.push([]);
      }
      return {
        type: 'group',
        children: runs.filter((r) => r.length > 1).map((r) => ({
          type: 'polygon', silent: true,
          shape: { points: [...r.map((p) => p[0]), ...r.map((p) => p[1]).reverse()] },
          style: { fill: t[series.tone] || t.accent, opacity: 0.16 },
        })),
      };
    },
  };

  // tokens reads the colours of the page's stylesheet as they are now: light, dark or print.
  const tokens = () => {
    const css = getComputedStyle(root);
    const names = ['bg', 'text', 'muted', 'grid', 'track', 'accent', 'better', 'worse', 'neutral', 'warn',
      's1', 's2', 's3', 's4', 's5', 's6', 's7', 'heat-0', 'heat-1', 'heat-text-0', 'heat-text-1', 'heat-flip', 'hatch'];
    return Object.fromEntries(names.map((n) => [n, css.getPropertyValue(`--${n}`).trim()]));
  };

  // resolve replaces the "@" keys of an option, in place.
  const resolve = (n, meta, t, narrow) => {
    if (Array.isArray(n)) {
      for (const child of n) resolve(child, meta, t, narrow);
      return;
    }
    if (n === null || typeof n !== 'object') return;
    for (const key of Object.keys(n)) {
      const v = n[key];
      if (key[0] !== '@') {
        resolve(v, meta, t, narrow);
        continue;
      }
      delete n[key];
      const name = key.slice(1);
      if (name === 'formatter') n.formatter = formats[v](meta);
      else if (name === 'renderItem') n.renderItem = shapes[v](n, t, narrow);
      // The share of the strongest colour behind a text decides which of two text colours reads on it.
      else if (name === 'heat') n.color = v > Number(t['heat-flip']) ? t['heat-text-1'] : t['heat-text-0'];
      else if (name === 'narrow') { if (narrow) Object.assign(n, v); }
      else if (Array.isArray(v)) n[name] = v.map((x) => t[x]);
      else n[name] = t[v];
    }
  };

  const draw = (el, width) => {
    const { meta, option } = JSON.parse(document.getElementById(`chart-${el.dataset.chart}`).textContent);
    const t = tokens();
    el.style.height = `${el.dataset.height}px`;
    resolve(option, meta, t, (width || el.clientWidth) < 520);
    const font = getComputedStyle(document.body).fontFamily;
    option.textStyle = { fontFamily: font, color: t.text };
    Object.assign(option.tooltip, {
      backgroundColor: t.bg, borderColor: t.muted, borderWidth: 1, padding: 10,
      textStyle: { color: t.text, fontFamily: font, fontSize: 13, lineHeight: 19 },
    });
    const chart = echarts.init(el, null, { renderer: 'svg', width: width || undefined });
    chart.setOption(option);
    drawn.push({ el, chart, width: el.clientWidth });
  };

  // What is folded away has no width: it is drawn when it opens.
  const folded = (el) => el.closest('details:not([open])') !== null;
  const count = () => { root.dataset.charts = String(drawn.length); };
  const all = (width) => {
    while (drawn.length) drawn.pop().chart.dispose();
    for (const el of document.querySelectorAll('[data-chart]')) if (!folded(el)) draw(el, width);
    count();
  };
  new MutationObserver(() => {
    for (const el of document.querySelectorAll('[data-chart]')) if (!folded(el) && !drawn.some((d) => d.el === el)) draw(el);
    count();
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['open'] });

  let pending = 0;
  window.addEventListener('resize', () => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => {
      if (drawn.some((d) => !folded(d.el) && d.el.clientWidth !== d.width)) all();
    });
  });
  document.addEventListener('vouch:theme', () => all());
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => all());
  // On paper: the light colours, at the width of the sheet.
  window.addEventListener('beforeprint', () => { root.classList.add('paper'); all(680); });
  window.addEventListener('afterprint', () => { root.classList.remove('paper'); all(); });
  all();
})();
