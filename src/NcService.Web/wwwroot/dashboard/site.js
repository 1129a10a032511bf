// What works without Blazor's circuit: the theme switch, the drop zone, times in the reader's zone. The theme is a cookie, so that the server writes it into the page.
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

// A panel that was opened closes with Escape, or with a press elsewhere.
function closePanels(except) {
  for (const panel of document.querySelectorAll('details.choice[open]')) {
    if (panel.contains(except)) continue;
    panel.open = false;
  }
}
document.addEventListener('pointerdown', event => closePanels(event.target));
document.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  document.activeElement?.closest('details.choice[open]')?.querySelector('summary').focus();
  closePanels(null);
});

// A page is drawn before its circuit has come. What is pressed until then is remembered and pressed when the page has been taken over, when the same button is another
// element; forms that post by themselves work at once.
const early = "main[data-interactive='false']";
let pressed;

function like(button) {
  return [...document.querySelectorAll('main button')].filter(other => other.textContent === button.textContent);
}

document.addEventListener('click', event => {
  const button = event.target.closest?.(`${early} button`);
  if (!button || button.disabled || button.form?.method === 'post') return;
  event.preventDefault();
  pressed = { button, index: like(button).indexOf(button) };
  button.setAttribute('aria-busy', 'true');
}, true);

document.addEventListener('submit', event => {
  if (event.target.matches(`${early} form:not([method='post'])`)) event.preventDefault();
}, true);

function pressEarly() {
  if (!pressed || document.querySelector(early)) return;
  const { button, index } = pressed;
  pressed = undefined;
  button.removeAttribute('aria-busy');
  like(button)[index]?.click();
}

document.addEventListener('change', event => {
  const zone = event.target.closest?.('.drop');
  const file = event.target.files?.[0];
  if (!zone || !file) return;
  const words = zone.querySelector('[data-file-name]');
  if (!event.target.multiple) {
    words.textContent = `${file.name} · ${Math.ceil(file.size / 1024)} KB`;
    return;
  }
  const files = checkpointFiles(event.target);
  const folder = file.webkitRelativePath.split('/')[0];
  words.textContent = `${folder || file.name} · ${files.length} of ${event.target.files.length} files · ${(files.reduce((sum, one) => sum + one.size, 0) / 1e6).toFixed(1)} MB`;
  const name = event.target.form.elements.name;
  if (folder && !name.value) name.value = folder;
});

// The same names as the server takes; of a folder's own files, not of those in folders within it.
const belongs = /^(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|model\.safetensors\.index)\.json$|^merges\.txt$|^model(-\d{5}-of-\d{5})?\.safetensors$/;

function checkpointFiles(input) {
  return [...input.files].filter(file => belongs.test(file.name) && file.webkitRelativePath.split('/').length <= 2);
}

// A request that tells how far it is; fetch does not.
function send(address, body, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address);
    request.responseType = 'json';
    request.upload.addEventListener('progress', event => { if (event.lengthComputable) progress.value = event.loaded / event.total; });
    request.addEventListener('load', () => resolve(request));
    request.addEventListener('error', () => reject(new Error('The connection was lost before all files had arrived.')));
    request.send(body);
  });
}

document.addEventListener('submit', async event => {
  const form = event.target.closest('form[data-checkpoint]');
  if (!form) return;
  event.preventDefault();
  const [input, fault, progress, button] = ['input[type=file]', '[data-fault]', 'progress', 'button'].map(part => form.querySelector(part));
  const files = checkpointFiles(input);
  fault.textContent = files.length > 0 ? '' : 'None of these files belongs to a checkpoint: config.json and model.safetensors are needed.';
  if (files.length === 0) return;
  // Not form.dataset: the form has a field of that name.
  const body = new FormData();
  for (const file of files) body.append('file', file, file.name);
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string' && value !== ''));
  [button.disabled, progress.hidden, progress.value] = [true, false, 0];
  try {
    const answer = await send(`${form.getAttribute('data-checkpoint')}?${query}`, body, progress);
    if (answer.status === 202) return location.assign(`runs/${answer.response.runId}`);
    const problem = answer.response ?? {};
    fault.textContent = Object.values(problem.errors ?? {}).flat().join(' ') || problem.detail || `The server answered ${answer.status}.`;
  } catch (trouble) {
    fault.textContent = trouble.message;
  }
  [button.disabled, progress.hidden] = [false, true];
});

for (const [type, over] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
  document.addEventListener(type, event => event.target.closest?.('.drop')?.classList.toggle('over', over));
}

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
  pressEarly();
  for (const change of changes) {
    if (change.type === 'attributes') tellAll(change.target);
    else for (const node of change.addedNodes) tellAll(node);
  }
}).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['datetime', 'data-interactive'] });
tellAll(document.body);

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
