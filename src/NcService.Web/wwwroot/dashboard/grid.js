// Tells the server which row of a long table is in sight, when rows near it are not there yet. One question at a time: what is scrolled past meanwhile is never read.
const margin = 6;

export function watch(box, rows) {
  let asking = false;
  let scrolled = false;

  function missing() {
    const [grid, area] = [box.querySelector('.grid-runs'), box.querySelector('.rz-data-grid-data')];
    const height = parseFloat(grid.style.getPropertyValue('--row')) * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const [first, total, here] = [Number(grid.dataset.first), Number(grid.dataset.total), area.querySelectorAll('tbody tr').length];
    const row = Math.max(0, Math.floor(area.scrollTop / height));
    const end = row + Math.ceil(area.clientHeight / height);
    return (first > 0 && row < first + margin) || (first + here < total && end > first + here - margin) ? row : null;
  }

  async function show() {
    scrolled = true;
    if (asking) return;
    asking = true;
    try {
      while (scrolled) {
        scrolled = false;
        const row = missing();
        if (row !== null) await rows.invokeMethodAsync('ShowAsync', row);
      }
    } finally {
      asking = false;
    }
  }

  // Another order is looked at from the top.
  new MutationObserver(() => { box.querySelector('.rz-data-grid-data').scrollTop = 0; }).observe(box, { subtree: true, attributeFilter: ['data-order'] });
  // A scrolled element tells its ancestors in the capturing phase only. It may have been scrolled before this script came.
  box.addEventListener('scroll', show, { passive: true, capture: true });
  show();
}
