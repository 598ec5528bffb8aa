// Before the first paint, so that nothing flashes: the look that this browser chose.
try {
  const theme = localStorage.getItem('mc_theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's look holds.
}
