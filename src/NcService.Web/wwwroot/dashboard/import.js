// The import page: what was dropped or chosen is named; a checkpoint's files, or one archive of them, go straight to the API.

// The same names as the server takes; of a folder's own files, not of those in folders within it.
const belongs = /^(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|model\.safetensors\.index)\.json$|^merges\.txt$|^model(-\d{5}-of-\d{5})?\.safetensors$/;

const megabytes = files => `${(files.reduce((sum, file) => sum + file.size, 0) / 1e6).toFixed(1)} MB`;
const isArchive = file => /\.zip$/i.test(file.name);

// What is sent, and how it is called.
function chosen(form) {
  const [folder, archive] = [form.querySelector('[webkitdirectory]'), form.querySelector('[data-archive]')].map(input => [...input.files]);
  if (archive.length > 0) return { files: archive, name: archive[0].name.replace(/\.zip$/i, ''), words: archive[0].name };
  const files = folder.filter(file => belongs.test(file.name) && file.webkitRelativePath.split('/').length <= 2);
  const name = folder[0]?.webkitRelativePath.split('/')[0];
  return { files, name, words: `${name} · ${files.length} of ${folder.length} files` };
}

function tellChosen(form) {
  const { files, name, words } = chosen(form);
  form.querySelector('[data-file-name]').textContent = `${words} · ${megabytes(files)}`;
  form.querySelector('[data-fault]').textContent = '';
  const field = form.elements.name;
  if (name && !field.value) field.value = name;
}

document.addEventListener('change', event => {
  const input = event.target;
  if (input.type !== 'file' || !input.files[0]) return;
  const form = input.closest('form');
  if (!form.matches('[data-checkpoint]')) {
    form.querySelector('[data-file-name]').textContent = `${input.files[0].name} · ${Math.ceil(input.files[0].size / 1024)} KB`;
    return;
  }
  // What was chosen last counts.
  for (const other of form.querySelectorAll('input[type=file]')) if (other !== input) other.value = '';
  tellChosen(form);
});

for (const [type, over] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
  document.addEventListener(type, event => event.target.closest?.('.drop')?.classList.toggle('over', over));
}

// The zone's own input takes folders alone.
document.addEventListener('drop', event => {
  const form = event.target.closest?.('.drop')?.closest('form[data-checkpoint]');
  const files = event.dataTransfer.files;
  if (!form || files.length !== 1 || !isArchive(files[0])) return;
  event.preventDefault();
  const input = form.querySelector('[data-archive]');
  input.files = files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}, true);

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
  const [fault, progress, button] = ['[data-fault]', 'progress', 'button'].map(part => form.querySelector(part));
  const { files, name } = chosen(form);
  fault.textContent = files.length > 0 ? '' : name === undefined ? 'Choose a folder or a zip archive first.' : 'None of these files belongs to a checkpoint: config.json and model.safetensors are needed.';
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
