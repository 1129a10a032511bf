// What works without Blazor's circuit: the theme switch, times in the reader's zone. The theme is a cookie, so that the server writes it into the page.
const root = document.documentElement;

function setTheme(theme) {
  if (theme === 'system') delete root.dataset.theme; else root.dataset.theme = theme;
  const age = theme === 'system' ? 0 : 31536000;
  document.cookie = `nc-theme=${theme}; path=/; max-age=${age}; samesite=lax`;
  window.dispatchEvent(new Event('nc-theme'));
}

function isDark() {
  return root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

document.addEventListener('click', event => {
  if (event.target.closest('[data-theme-switch]')) setTheme(isDark() ? 'light' : 'dark');
});

// What is folded on a phone is open elsewhere, and not for folding there: its heading is none of the stops of the Tab key.
const narrow = matchMedia('(max-width: 46rem)');

function unfold(fold) {
  fold.open = !narrow.matches;
  if (narrow.matches) fold.firstElementChild.removeAttribute('tabindex');
  else fold.firstElementChild.tabIndex = -1;
}

function unfoldAll(node) {
  if (narrow.matches || node.nodeType !== Node.ELEMENT_NODE) return;
  if (node.matches('details.fold')) unfold(node);
  node.querySelectorAll('details.fold').forEach(unfold);
}

narrow.addEventListener('change', () => document.querySelectorAll('details.fold').forEach(unfold));

// A panel that was opened closes with Escape, with a press elsewhere, or when the focus goes elsewhere.
function closePanels(except) {
  for (const panel of document.querySelectorAll('details.choice[open]')) {
    if (panel.contains(except)) continue;
    panel.open = false;
  }
}
for (const type of ['pointerdown', 'focusin']) document.addEventListener(type, event => closePanels(event.target));
document.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  document.activeElement?.closest('.term')?.blur();
  document.activeElement?.closest('details.choice[open]')?.querySelector('summary').focus();
  closePanels(null);
});

// A page is drawn before its circuit has come. What is pressed, typed or chosen until then is remembered, and done again when the page has been taken over, when the same
// button or field is another element; forms that post by themselves work at once.
const early = "main[data-interactive='false']";
const fields = 'input[id], select[id], textarea[id]';
const typed = new Map();
let pressed;
let focused;

const posts = element => element.form?.method === 'post';
const like = button => [...document.querySelectorAll('main button')].filter(other => other.textContent === button.textContent);

document.addEventListener('click', event => {
  const button = event.target.closest?.(`${early} button`);
  if (!button || button.disabled || posts(button)) return;
  event.preventDefault();
  pressed = { button, index: like(button).indexOf(button) };
  button.setAttribute('aria-busy', 'true');
}, true);

document.addEventListener('submit', event => {
  if (event.target.matches(`${early} form:not([method='post'])`)) event.preventDefault();
}, true);

for (const type of ['input', 'change', 'focusin']) {
  document.addEventListener(type, event => {
    const field = event.target.closest?.(early) && event.target.matches(fields) && !posts(event.target) ? event.target : undefined;
    if (!field) return;
    focused = field.id;
    if (type !== 'focusin') typed.set(field.id, field.type === 'checkbox' ? field.checked : field.value);
  }, true);
}

function typeAgain(field, value) {
  const property = field.type === 'checkbox' ? 'checked' : 'value';
  if (field[property] === value) return;
  field[property] = value;
  for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
}

function doEarly() {
  if ((!pressed && !focused) || document.querySelector(early) || drawn?.isConnected) return;
  const [again, last] = [pressed, focused];
  [pressed, focused] = [undefined, undefined];
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (field?.matches(fields)) typeAgain(field, value);
  }
  typed.clear();
  if (last && document.activeElement === document.body) document.getElementById(last)?.focus();
  again?.button.removeAttribute('aria-busy');
  if (again) like(again.button)[again.index]?.click();
}

// Where the page that has taken over still reads its data, the one that was drawn stays in sight until they have come.
const longest = 5000;
let drawn;

function keep() {
  drawn = document.querySelector(early)?.cloneNode(true);
}

function showDrawn() {
  const live = drawn && document.querySelector("main[data-interactive='true']");
  if (!live) return;
  const waits = main => main.querySelector(':scope > .skeleton');
  if (!waits(live) || waits(drawn)) return leaveDrawn(live);
  if (drawn.isConnected) return;
  drawn.dataset.interactive = 'drawn';
  drawn.removeAttribute('id');
  drawn.inert = true;
  live.before(drawn);
  live.hidden = true;
  setTimeout(() => { leaveDrawn(live); doEarly(); }, longest);
}

function leaveDrawn(live) {
  drawn?.remove();
  live.hidden = false;
  drawn = undefined;
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', keep, { once: true });
else keep();

// The server writes times in UTC. Their titles, and dates that stand for a time, are said in the reader's own zone and language.
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

function tell(time) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const title = whole.format(at);
  if (time.title !== title) time.title = title;
  // Blazor keeps the text node: its text is changed, not the node.
  if ('day' in time.dataset && time.firstChild) time.firstChild.nodeValue = day.format(at);
}

function tellAll(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  if (node.matches('time[datetime]')) tell(node);
  for (const time of node.querySelectorAll('time[datetime]')) tell(time);
}

new MutationObserver(changes => {
  showDrawn();
  doEarly();
  for (const change of changes) {
    if (change.type === 'attributes') tellAll(change.target);
    else for (const node of change.addedNodes) {
      tellAll(node);
      unfoldAll(node);
    }
  }
}).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['datetime', 'data-interactive'] });
tellAll(document.body);
unfoldAll(document.body);

// A server that was started anew does not know the page's circuit: then the page is loaded again, as is one whose server was away for long. Its address holds all that was chosen.
const afterSilence = 5000;

async function loadAgainWhenAnswered() {
  for (;;) {
    const answer = await fetch('health/ready', { cache: 'no-store' }).catch(() => null);
    if (answer?.ok) return location.reload();
    await new Promise(done => setTimeout(done, afterSilence));
  }
}

function watchConnection() {
  const words = document.getElementById('components-reconnect-modal');
  let waiting;
  new MutationObserver(() => {
    if (words.classList.contains('components-reconnect-rejected')) location.reload();
    else if (words.classList.contains('components-reconnect-failed')) waiting ??= loadAgainWhenAnswered();
  }).observe(words, { attributeFilter: ['class'] });
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', watchConnection, { once: true });
else watchConnection();
