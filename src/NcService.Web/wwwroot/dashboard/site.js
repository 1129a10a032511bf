// What works without Blazor's circuit: the theme switch and the drop zone. The theme is a cookie, so that the server writes it into the page.
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

document.addEventListener('change', event => {
  const zone = event.target.closest?.('.drop');
  const file = event.target.files?.[0];
  if (!zone || !file) return;
  zone.querySelector('[data-file-name]').textContent = `${file.name} · ${Math.ceil(file.size / 1024)} KB`;
});

for (const [type, over] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
  document.addEventListener(type, event => event.target.closest?.('.drop')?.classList.toggle('over', over));
}
