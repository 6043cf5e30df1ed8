// Runs before anything is drawn, so that the page never flashes in the wrong colours.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem('moa.theme');
  } catch {
    // Storage can be forbidden; the system's choice holds then.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
