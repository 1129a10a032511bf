// Draws figures with plotly.js in the dashboard's own look. A figure names colours as "@accent", "@v3" or "@ink/40" (percent of
// opacity); they are looked up in the style sheet at drawing time, so that one figure serves light and dark.
const charts = new Map();
let library;

function plotly() {
  library ??= window.Plotly ? Promise.resolve(window.Plotly) : new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = 'lib/plotly.min.js';
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { library = undefined; script.remove(); reject(new Error('lib/plotly.min.js could not be loaded')); };
    document.head.append(script);
  });
  return library;
}

// The style sheet writes a colour for light and for dark; a computed colour is the one that counts now.
const probe = document.createElement('i');
probe.hidden = true;
document.body.append(probe);

function colour(name) {
  const [token, percent] = name.slice(1).split('/');
  probe.style.color = `var(--${token})`;
  const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g);
  return percent ? `rgba(${r},${g},${b},${percent / 100})` : `rgb(${r},${g},${b})`;
}

function resolve(value) {
  if (typeof value === 'string') return /^@[a-z]/.test(value) ? colour(value) : value;
  if (Array.isArray(value)) return typeof value[0] === 'number' ? value : value.map(resolve);
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item)]));
  return value;
}

// On a very wide window all type is larger, that of figures too. A picture that is saved has a size of its own.
const unit = element => element.isConnected ? parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 : 1;

function axis(own, narrow, unit) {
  const { title, ...rest } = own ?? {};
  return {
    gridcolor: colour('@line'), linecolor: colour('@line-strong'), zeroline: false, showline: true, ticks: 'outside', ticklen: 4, tickcolor: colour('@line-strong'),
    automargin: true, exponentformat: 'power', nticks: narrow ? 5 : 8, tickfont: { color: colour('@ink-3'), size: unit * (narrow ? 11 : 12) },
    title: title ? { text: title, font: { color: colour('@ink-2'), size: unit * (narrow ? 12 : 13) }, standoff: 12 } : undefined,
    ...resolve(rest), ...(rest.type === 'log' ? { tickformat: rest.tickformat ?? '~g', minor: { showgrid: false, ticks: 'outside', ticklen: 2, tickcolor: colour('@line-strong') } } : {}),
  };
}

function space(own, unit) {
  const side = title => ({ title: { text: title, font: { color: colour('@ink-2'), size: 12 * unit } }, gridcolor: colour('@line'), zerolinecolor: colour('@line-strong'), tickfont: { color: colour('@ink-3'), size: 10 * unit }, showbackground: false });
  // A little further off and lower than plotly's own, so that the nearest axis keeps its title.
  return { camera: { eye: { x: 1.6, y: 1.6, z: 1 }, center: { x: 0, y: 0, z: -0.26 } }, xaxis: side(own.xaxis), yaxis: side(own.yaxis), zaxis: side(own.zaxis) };
}

function layout(own, element) {
  const narrow = element.clientWidth < 560;
  const { xaxis, yaxis, scene, ...rest } = own;
  const style = getComputedStyle(document.body);
  return {
    font: { family: style.fontFamily, size: 13 * unit(element), color: colour('@ink-2') }, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
    margin: { l: narrow ? 44 : 60, r: 14, t: 14, b: narrow ? 44 : 52 }, showlegend: false, hovermode: 'closest', dragmode: narrow ? false : 'zoom',
    hoverlabel: { bgcolor: colour('@surface'), bordercolor: colour('@line-strong'), font: { color: colour('@ink'), family: style.fontFamily, size: 13 * unit(element) }, align: 'left' },
    uirevision: 'keep', ...resolve(rest), xaxis: axis(xaxis, narrow, unit(element)), yaxis: axis(yaxis, narrow, unit(element)), ...(scene ? { scene: space(scene, unit(element)) } : {}),
  };
}

// A figure in a part of the page that is folded, or leafed away, has no size yet: it is drawn when it gets one.
const sizes = new ResizeObserver(entries => {
  for (const { target } of entries) {
    if (!target.clientWidth) continue;
    sizes.unobserve(target);
    if (charts.has(target)) paint(target);
  }
});

async function paint(element) {
  const chart = charts.get(element);
  if (!element.clientWidth) {
    sizes.observe(element);
    return;
  }
  const library = await plotly();
  if (charts.get(element) !== chart) return;
  await library.react(element, resolve(chart.figure.data), layout(chart.figure.layout, element), { displayModeBar: false, responsive: true, doubleClick: 'reset', showTips: false });
  if (!chart.wired) {
    chart.wired = true;
    element.on('plotly_click', event => {
      const id = event.points[0]?.customdata;
      if (id !== undefined && id !== null && chart.listener) chart.listener.invokeMethodAsync('PointChosen', String(id));
    });
  }
  element.parentElement.classList.add('drawn');
}

export async function draw(element, figure, listener) {
  const chart = charts.get(element) ?? {};
  charts.set(element, Object.assign(chart, { figure: JSON.parse(figure), listener }));
  await paint(element);
}

function download(address, name) {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}

// Text that a spreadsheet would take for a formula gets an apostrophe before it, as in the server's own files.
function cell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = String(value).replace(/<[^>]*>/g, ' ').trim().replace(/^([=+\-@\t\r\n])/, "'$1");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const columns = ['x', 'y', 'z', 'text', 'labels', 'values'];

function table(figure) {
  const used = columns.filter(column => figure.data.some(trace => Array.isArray(trace[column])));
  const rows = figure.data.flatMap(trace => {
    const length = Math.max(...used.map(column => Array.isArray(trace[column]) ? trace[column].length : 0));
    return Array.from({ length }, (_, i) => [trace.name ?? trace.type, ...used.map(column => Array.isArray(trace[column]) ? trace[column][i] : '')]);
  });
  return [['series', ...used], ...rows].map(row => row.map(cell).join(',')).join('\r\n');
}

// A saved picture stands alone: it has a ground and, where colours and shapes mean something, their key.
const size = { width: 1200, height: 720 };

function legend(figure) {
  const common = figure.data.some(trace => trace.type === 'scatter3d') ? { type: 'scatter3d', x: [null], y: [null], z: [null] } : { type: 'scatter', x: [null], y: [null] };
  return (figure.legend ?? []).map(entry => ({ ...common, name: entry.name, mode: 'markers', showlegend: true, marker: { color: colour(entry.color), symbol: entry.symbol, size: 10 } }));
}

// The range that the reader has zoomed to, and the turn of a map in space, are kept.
function seen(own, shown) {
  return { ...(own.xaxis ? { xaxis: { ...own.xaxis, range: shown.xaxis?.range } } : {}), ...(own.yaxis ? { yaxis: { ...own.yaxis, range: shown.yaxis?.range } } : {}), ...(own.scene ? { scene: { ...own.scene, camera: shown.scene?.camera } } : {}) };
}

function saved(figure, element) {
  const drawn = layout(figure.layout, { clientWidth: size.width });
  return {
    ...drawn, ...seen(drawn, element.layout ?? {}), ...size, paper_bgcolor: colour('@paper'), showlegend: !!figure.legend, font: { ...drawn.font, size: 16 },
    legend: { font: { color: colour('@ink-2'), size: 14 }, bgcolor: 'rgba(0,0,0,0)' }, margin: { l: 80, r: 24, t: 24, b: 70 },
  };
}

export async function save(element, format, name) {
  if (format === 'csv') {
    const address = URL.createObjectURL(new Blob([table(charts.get(element).figure)], { type: 'text/csv' }));
    download(address, `${name}.csv`);
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    return;
  }
  const figure = charts.get(element).figure;
  const picture = { data: [...resolve(figure.data).map(trace => ({ ...trace, showlegend: false })), ...legend(figure)], layout: saved(figure, element) };
  download(await (await plotly()).toImage(picture, { format, ...size, scale: format === 'png' ? 2 : 1 }), `${name}.${format}`);
}

export function forget(element) {
  charts.delete(element);
  if (element) sizes.unobserve(element);
  if (window.Plotly && element) window.Plotly.purge(element);
}

const repaint = () => { for (const element of charts.keys()) paint(element); };
window.addEventListener('nc-theme', repaint);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
